package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// JSON adapts a function from a JSON body to a JSON answer. In of [None] reads
// no body; Out of [None] answers 204; Out of [Reply] chooses status and headers.
// A body that does not decode is Invalid with CodeInvalidRequestContent and says
// where.
func JSON[S, In, Out any](f func(s S, ctx context.Context, r *Request, in In) (Out, error)) Handler[S] {
	return func(s S, w http.ResponseWriter, r *Request) error {
		var in In
		if _, none := any(in).(None); !none {
			if _, err := Decode(r, &in); err != nil {
				return err
			}
		}
		out, err := f(s, r.Context(), r, in)
		if err != nil {
			return err
		}
		return WriteValue(w, out)
	}
}

// Form adapts a function that reads an application/x-www-form-urlencoded body.
func Form[S, Out any](f func(s S, ctx context.Context, r *Request, form url.Values) (Out, error)) Handler[S] {
	return func(s S, w http.ResponseWriter, r *Request) error {
		data, err := Body(r)
		if err != nil {
			return err
		}
		form, err := url.ParseQuery(string(data))
		if err != nil {
			return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The body is not a URL-encoded form: %v.", err)
		}
		out, err := f(s, r.Context(), r, form)
		if err != nil {
			return err
		}
		return WriteValue(w, out)
	}
}

// Body reads the whole bounded body; over the bound it is TooLarge.
func Body(r *Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, azure.Errorf(azure.TooLarge, azure.CodeRequestTooLarge, "The request body is larger than %d bytes, the limit of this endpoint. Send less.", tooLarge.Limit)
	}
	if err != nil {
		return nil, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The request body ended early. Send it again.").Because(err)
	}
	return data, nil
}

// Decode reads the body into v with the lenient reader and returns what v has
// no field for. An empty body leaves v as it is.
func Decode(r *Request, v any) (unknown map[string]any, err error) {
	data, err := Body(r)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	unknown, err = lenient.Decode(data, v)
	if err != nil {
		return nil, BadContent(err)
	}
	return unknown, nil
}

// BadContent is the error of a body that does not decode.
func BadContent(err error) *azure.Error {
	e := azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The request content is not valid and could not be read: %v.", err)
	return e.Because(err)
}

// WriteValue writes v as JSON with status 200, honouring [None] and [Reply].
func WriteValue(w http.ResponseWriter, v any) error {
	status, body := http.StatusOK, v
	if rp, ok := v.(replier); ok {
		var header http.Header
		status, header, body = rp.reply()
		for k, vs := range header {
			w.Header()[http.CanonicalHeaderKey(k)] = vs
		}
		if status == 0 {
			status = http.StatusOK
		}
		if _, none := body.(None); none || body == nil {
			w.WriteHeader(status)
			return nil
		}
	}
	if _, none := body.(None); none {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	_, err = w.Write(data)
	return err
}
