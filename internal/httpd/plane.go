package httpd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Public is the action of a row anybody may call. Each use says why.
var Public = authz.Action{Name: "public"}

// AnyCaller is the action of a row that needs a valid token and no role,
// because the handler itself shows the caller only what is theirs.
var AnyCaller = authz.Action{Name: "anyCaller"}

// Handler serves one row for service S. It returns an error instead of writing
// one; once it has written to w, a returned error is only logged.
type Handler[S any] func(s S, w http.ResponseWriter, r *Request) error

// Route is one row of a plane's table: a net/http pattern ("GET /a/{b}"), the
// action it needs, and who serves it.
type Route[S any] struct {
	Pattern string
	Action  authz.Action
	Serve   Handler[S]
}

// ErrorWriter writes err in a dialect. [WriteError] is ARM's.
type ErrorWriter func(w http.ResponseWriter, r *http.Request, err *azure.Error)

// Front is what all planes do before and after a handler.
type Front struct {
	// Authenticate verifies the caller. It returns an Unauthenticated error
	// when there is no credential or it does not verify.
	Authenticate func(r *http.Request) (authz.Principal, error)
	// Challenge gives the WWW-Authenticate header of a 401; nil sends none.
	Challenge func(r *http.Request) string
	// Errors is the error dialect; nil means [WriteError].
	Errors ErrorWriter
	// Audit is told of every write and every refusal; nil means nobody.
	Audit func(Record)
	// MaxBody bounds request bodies in bytes; zero means 4 MiB. Negative means
	// no bound, for handlers that stream and bound themselves.
	MaxBody int64
	// Log receives failures that are ours; nil means slog.Default.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Record is one line of the audit log.
type Record struct {
	Time      time.Time
	RequestID string
	Principal authz.Principal
	Action    string
	Method    string
	Host      string
	Path      string
	Status    int
	Code      string // error code when refused or failed
	Remote    string
}

// defaultMaxBody is ARM's 4 MiB.
const defaultMaxBody = 4 << 20

// always are headers of every answer, with the names that HTTP writes. Their
// values are shared by all answers: they may be replaced, not changed in place.
var always = []struct {
	name  string
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Strict-Transport-Security", []string{"max-age=31536000; includeSubDomains"}},
	{"Cache-Control", []string{"no-cache"}},
}

// passage is what one request needs on its way through the front, made at once:
// small requests are many.
type passage struct {
	Request
	statusWriter
	ids [2]string
	ctx requestContext
}

// newID makes a request id: it names, and protects nothing.
func newID() string {
	var id uuid.UUID
	binary.NativeEndian.PutUint64(id[:], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4
	return id.String()
}

// Handle runs one request through the front: request id, authentication unless
// action is [Public], then authorize, then serve. It writes any error.
func (f *Front) Handle(w http.ResponseWriter, hr *http.Request, action authz.Action, authorize func(*Request) error, serve func(http.ResponseWriter, *Request) error) {
	p := &passage{Request: Request{ID: newID()}, statusWriter: statusWriter{ResponseWriter: w}}
	p.ctx = requestContext{hr.Context(), p.ID}
	p.Request.Request = hr.WithContext(&p.ctx)
	r := &p.Request
	if f.MaxBody >= 0 && hr.Body != nil {
		limit := f.MaxBody
		if limit == 0 {
			limit = defaultMaxBody
		}
		r.Body = http.MaxBytesReader(w, hr.Body, limit)
	}
	h := w.Header()
	for _, a := range always {
		h[a.name] = a.value
	}
	p.ids = [2]string{r.ID, correlation(hr, r.ID)}
	h["X-Ms-Request-Id"], h["X-Ms-Correlation-Request-Id"] = p.ids[:1:1], p.ids[1:]
	sw := &p.statusWriter
	err := f.run(sw, r, action, authorize, serve)
	var code string
	if err != nil {
		code = f.fail(sw, r, err)
	}
	f.audit(r, action, sw.status, code)
}

func (f *Front) run(w http.ResponseWriter, r *Request, action authz.Action, authorize func(*Request) error, serve func(http.ResponseWriter, *Request) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if action != Public {
		p, err := f.Authenticate(r.Request)
		if err != nil {
			return err
		}
		r.Principal = p
	}
	if authorize != nil {
		if err := authorize(r); err != nil {
			return err
		}
	}
	return serve(w, r)
}

// fail writes err unless the answer has begun, logs what is ours, and returns
// the code.
func (f *Front) fail(w *statusWriter, r *Request, err error) string {
	e := azure.AsError(stored(err))
	if e.Kind == azure.Internal {
		f.logger().Error("request failed", "requestId", r.ID, "method", r.Method, "host", r.Host, "path", r.URL.Path, "error", err)
	}
	if e.Kind == azure.Unavailable && errors.Unwrap(e) != nil {
		f.logger().Warn("not possible for now", "requestId", r.ID, "method", r.Method, "host", r.Host, "path", r.URL.Path, "error", err)
	}
	if w.status != 0 {
		f.logger().Warn("answer broken off", "requestId", r.ID, "path", r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	if e.Kind == azure.Unauthenticated && f.Challenge != nil {
		if c := f.Challenge(r.Request); c != "" {
			w.Header().Set("WWW-Authenticate", c)
		}
	}
	write := f.Errors
	if write == nil {
		write = WriteError
	}
	write(w, r.Request, e)
	return e.Code
}

// stored words what the store itself says; other errors stay as they are.
func stored(err error) error {
	var known *azure.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, store.ErrConflict):
		return azure.Errorf(azure.Conflict, azure.CodeConflict, "The resource was changed by others while this request ran. Read it again and retry.").Because(err)
	case errors.Is(err, store.ErrTooLarge):
		return azure.Errorf(azure.TooLarge, azure.CodeRequestTooLarge, "The request changes more than fits one transaction. Split it.").Because(err)
	case errors.Is(err, store.ErrFull):
		return azure.Errorf(azure.StorageFull, azure.CodeStorageFull, "The cloud's database is full; nothing was written. The operator must free space.").Because(err)
	case errors.Is(err, store.ErrClosed):
		unavailable := azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The cloud is stopping. Try again in a few seconds.").Because(err)
		unavailable.RetryAfter = time.Second
		return unavailable
	}
	return err
}

func (f *Front) audit(r *Request, action authz.Action, status int, code string) {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	if f.Audit == nil || read && status != http.StatusForbidden && status != http.StatusUnauthorized {
		return
	}
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	f.Audit(Record{Time: now(), RequestID: r.ID, Principal: r.Principal, Action: action.Name, Method: r.Method,
		Host: r.Host, Path: r.URL.Path, Status: status, Code: code, Remote: r.RemoteAddr})
}

func (f *Front) logger() *slog.Logger {
	if f.Log != nil {
		return f.Log
	}
	return slog.Default()
}

func correlation(r *http.Request, id string) string {
	if c := r.Header.Get("X-Ms-Correlation-Request-Id"); c != "" && len(c) <= 128 {
		return c
	}
	return id
}

// Plane is a table of routes with the front they share.
type Plane[S any] struct {
	Front
	Service S
	Routes  []Route[S]
	// Resolve finds what the request is about, and sets r.Scope. It runs after
	// authentication and before Authorize. May be nil.
	Resolve func(r *Request) error
	// Authorize decides on the row's action at r.Scope. Not called for Public
	// and AnyCaller rows.
	Authorize func(r *Request, a authz.Action) error
}

// Row describes a route for tests and documents: method, pattern, action.
type Row struct {
	Method, Path string
	Action       authz.Action
}

// Table lists the rows of the plane.
func (p *Plane[S]) Table() []Row {
	rows := make([]Row, 0, len(p.Routes))
	for _, rt := range p.Routes {
		method, path, _ := strings.Cut(rt.Pattern, " ")
		rows = append(rows, Row{method, path, rt.Action})
	}
	return rows
}

// Handler builds the plane's mux. It panics at start-up on a row without action
// or handler: such a table is a programming error. A trailing slash in a
// request path is ignored; an unknown path is 404 and a known path with another
// method 405, in the plane's dialect.
func (p *Plane[S]) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range p.Routes {
		if rt.Action.Name == "" || rt.Serve == nil {
			panic("httpd: route " + rt.Pattern + " names no action or no handler")
		}
		mux.HandleFunc(rt.Pattern, func(w http.ResponseWriter, hr *http.Request) {
			authorize := func(r *Request) error {
				if p.Resolve != nil {
					if err := p.Resolve(r); err != nil {
						return err
					}
				}
				if rt.Action == Public || rt.Action == AnyCaller {
					return nil
				}
				return p.Authorize(r, rt.Action)
			}
			p.Handle(w, hr, rt.Action, authorize, func(w http.ResponseWriter, r *Request) error { return rt.Serve(p.Service, w, r) })
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.URL.Path); n > 1 && r.URL.Path[n-1] == '/' {
			r = withPath(r, strings.TrimRight(r.URL.Path, "/"))
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			p.Handle(w, r, Public, nil, func(http.ResponseWriter, *Request) error { return noRoute(mux, r) })
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func withPath(r *http.Request, path string) *http.Request {
	if path == "" {
		path = "/"
	}
	u := *r.URL
	u.Path, u.RawPath = path, strings.TrimRight(u.RawPath, "/")
	c := *r
	c.URL = &u
	return &c
}

// noRoute tells 405 from 404 by asking the mux about the other methods.
func noRoute(mux *http.ServeMux, r *http.Request) error {
	for _, m := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete} {
		probe := *r
		probe.Method = m
		if _, pattern := mux.Handler(&probe); pattern != "" {
			return azure.Errorf(azure.Unsupported, azure.CodeMethodNotAllowed, "The path '%s' does not support the method %s.", r.URL.Path, r.Method)
		}
	}
	return azure.Errorf(azure.NotFound, azure.CodePathNotFound, "There is nothing at '%s' on host '%s'. Check the path and the api-version.", r.URL.Path, r.Host)
}

// statusWriter remembers the status, and forwards what streaming needs.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach Flush, Hijack and deadlines.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
