package vault

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// maxResults is the largest page of the data plane, and its default.
const maxResults = 25

// window is the part of a list that a request asks for.
type window struct {
	limit int
	after string // last part of the key before the window; empty for the start
}

// windowOf reads the page size from the parameter size (1 to most, default most)
// and $skiptoken.
func windowOf(q url.Values, size string, most int) (window, error) {
	w := window{limit: most}
	if n := q.Get(size); n != "" {
		var err error
		if w.limit, err = strconv.Atoi(n); err != nil || w.limit < 1 || w.limit > most {
			return w, badParameter("The query parameter %s '%s' is not a number from 1 to %d.", size, n, most)
		}
	}
	if token := q.Get("$skiptoken"); token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) == 0 {
			return w, badParameter("The query parameter $skiptoken is not one that this vault gave. Start the list again.")
		}
		w.after = string(raw)
	}
	return w, nil
}

// collect reads the rows under prefix that show accepts, and the token of the
// next page, empty when there is none.
func collect[T, Out any](t *store.Table[T], prefix store.Key, w window, show func(T) (Out, bool)) (out []Out, next string) {
	const batch = 64
	var after store.Key
	if w.after != "" {
		after = prefix + store.K(w.after)
	}
	last := w.after
	for {
		rows := t.List(prefix, after, batch)
		for _, it := range rows {
			item, ok := show(it.Value)
			if !ok {
				continue
			}
			if len(out) == w.limit {
				return out, base64.RawURLEncoding.EncodeToString([]byte(last))
			}
			parts := it.Key.Parts()
			out, last = append(out, item), parts[len(parts)-1]
		}
		if len(rows) < batch {
			return out, ""
		}
		after = rows[len(rows)-1].Key
	}
}

// nextLink is the address of the page of token next, below base.
func nextLink(base string, u *url.URL, next string) string {
	if next == "" {
		return ""
	}
	q := u.Query()
	q.Set("$skiptoken", next)
	return base + u.EscapedPath() + "?" + q.Encode()
}

// listSecrets serves GET /secrets.
func (s *Service) listSecrets(_ context.Context, r *httpd.Request, _ httpd.None) (azure.Page[SecretBundle], error) {
	return s.secretsPage(r, false)
}

// listDeletedSecrets serves GET /deletedsecrets.
func (s *Service) listDeletedSecrets(_ context.Context, r *httpd.Request, _ httpd.None) (azure.Page[SecretBundle], error) {
	return s.secretsPage(r, true)
}

func (s *Service) secretsPage(r *httpd.Request, deleted bool) (azure.Page[SecretBundle], error) {
	v, ok := s.live(r.Label())
	if !ok {
		return azure.Page[SecretBundle]{}, vaultNotFound(r.Label())
	}
	w, err := windowOf(r.URL.Query(), "maxresults", maxResults)
	if err != nil {
		return azure.Page[SecretBundle]{}, err
	}
	items, next := collect(s.tables.secrets, store.K(v.UID), w, func(rec *secretRecord) (SecretBundle, bool) {
		if (rec.Deleted != nil) != deleted {
			return SecretBundle{}, false
		}
		ver, ok := s.tables.versions.Get(versionKey(v, rec.Name, rec.Current))
		if !ok { // being purged
			return SecretBundle{}, false
		}
		return s.bundle(v, rec, ver.Value, false), true
	})
	return azure.NewPage(items, nextLink(s.hostURL(v.name()), r.URL, next)), nil
}

// listVersions serves GET /secrets/{name}/versions. Azure: a secret that does not
// exist has no versions, which is no error.
func (s *Service) listVersions(_ context.Context, r *httpd.Request, _ httpd.None) (azure.Page[SecretBundle], error) {
	v, ok := s.live(r.Label())
	if !ok {
		return azure.Page[SecretBundle]{}, vaultNotFound(r.Label())
	}
	w, err := windowOf(r.URL.Query(), "maxresults", maxResults)
	if err != nil {
		return azure.Page[SecretBundle]{}, err
	}
	key := secretKey(v, r.PathValue("name"))
	it, ok := s.tables.secrets.Get(key)
	if !ok || it.Value.Deleted != nil {
		return azure.NewPage[SecretBundle](nil, ""), nil
	}
	items, next := collect(s.tables.versions, key, w, func(ver *versionRecord) (SecretBundle, bool) {
		return s.bundle(v, it.Value, ver, true), true
	})
	return azure.NewPage(items, nextLink(s.hostURL(v.name()), r.URL, next)), nil
}
