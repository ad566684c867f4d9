package oci

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cuelabs.dev/go/oci/ociregistry/ociref"
	"github.com/google/uuid"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Noun is what a path of the protocol names.
type Noun uint8

// The nouns.
const (
	Root        Noun = iota + 1 // /v2/
	CatalogList                 // /v2/_catalog
	TagList                     // /v2/N/tags/list
	Referrers                   // /v2/N/referrers/D
	Manifest                    // /v2/N/manifests/T or /D
	Blob                        // /v2/N/blobs/D
	Uploads                     // /v2/N/blobs/uploads/
	Upload                      // /v2/N/blobs/uploads/ID
)

// Request is a parsed request: every name in it follows its grammar.
type Request struct {
	Noun       Noun
	Repository string
	Reference  string        // of a manifest: tag or digest
	Digest     digest.Digest // of a blob, a manifest by digest, a referrers list; or the query's digest
	UploadID   string
	Mount      digest.Digest // of an upload that should rather mount
	From       string        // the repository to mount from
	Page       Page
	Filter     string // artifactType of a referrers list
}

// Page is the paging of a list. N is -1 when not given.
type Page struct {
	N    int
	Last string
}

// maxName is the length of a repository name.
const maxName = 255

// ValidName reports whether s is a repository name: parts between slashes, of
// lower-case letters and digits, with one '.', one or two '_' or any number of
// '-' between them. It is [ociref.IsValidRepository] without its regular
// expression, since every request has a name.
func ValidName(s string) bool {
	if len(s) > maxName {
		return false
	}
	for {
		part, rest, more := strings.Cut(s, "/")
		if !validPart(part) {
			return false
		}
		if !more {
			return true
		}
		s = rest
	}
}

// ValidTag reports whether s is a tag.
func ValidTag(s string) bool { return s != "" && ociref.IsValidTag(s) } // which panics for ""

// validPart reports whether s is a part of a repository name.
func validPart(s string) bool {
	for {
		words := strings.TrimLeft(s, alphanumeric)
		if len(words) == len(s) {
			return false // empty, or a separator where letters should be
		}
		if words == "" {
			return true
		}
		s = strings.TrimLeft(words, words[:1])
		switch n := len(words) - len(s); {
		case words[0] == '-', words[0] == '.' && n == 1, words[0] == '_' && n <= 2:
		default:
			return false
		}
	}
}

const (
	alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"
	hexadecimal  = "0123456789abcdef"
)

// Parse reads a request of the protocol. It is pure. Errors are Invalid with
// CodeOCINameInvalid, CodeOCITagInvalid, CodeOCIDigestInvalid or
// CodeOCIPaginationInvalid, and NotFound for what is no path of the protocol, or
// names a manifest that no push could have made.
func Parse(method string, u *url.URL) (Request, error) {
	rest, ok := strings.CutPrefix(u.Path, "/v2")
	if !ok || rest != "" && rest[0] != '/' {
		return Request{}, notFound(u)
	}
	var query url.Values
	var err error
	if u.RawQuery != "" {
		query, err = url.ParseQuery(u.RawQuery)
	}
	if err != nil {
		return Request{}, azure.Errorf(azure.Invalid, azure.CodeOCIUnsupported, "The query string cannot be read: %v.", err)
	}
	rest = strings.TrimPrefix(rest, "/")
	switch rest {
	case "":
		return Request{Noun: Root}, nil
	case "_catalog":
		p, err := ParsePage(query)
		return Request{Noun: CatalogList, Page: p}, err
	}
	return parseRepository(method, u, rest, query)
}

func notFound(u *url.URL) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCIUnsupported, "There is nothing at '%s'. The registry serves the OCI distribution API below /v2/.", u.Path)
}

// parseRepository reads the paths below a repository, from their end: its name
// may hold any of the words that follow it.
func parseRepository(method string, u *url.URL, rest string, query url.Values) (r Request, err error) {
	parts := strings.Split(rest, "/")
	if n := len(parts); n > 1 && parts[n-1] == "" && parts[n-2] == "uploads" {
		parts, rest = parts[:n-1], rest[:len(rest)-1] // .../blobs/uploads/
	}
	n := len(parts)
	name := func(words int) string { return before(rest, parts[n-words:]) }
	last := parts[n-1]
	switch {
	case n >= 3 && parts[n-2] == "blobs" && last == "uploads":
		r = Request{Noun: Uploads, Repository: name(2)}
		err = parseStart(&r, query)
	case n >= 4 && parts[n-3] == "blobs" && parts[n-2] == "uploads":
		r = Request{Noun: Upload, Repository: name(3), UploadID: last}
		if _, uerr := uuid.Parse(last); uerr != nil || len(last) != 36 {
			err = azure.Errorf(azure.NotFound, azure.CodeOCIBlobUploadUnknown, "There is no upload '%s'. Start one with POST to /blobs/uploads/.", last)
		} else if method == http.MethodPut {
			r.Digest, err = parseDigest(query.Get("digest"))
		}
	case n >= 3 && parts[n-2] == "blobs":
		r = Request{Noun: Blob, Repository: name(2)}
		r.Digest, err = parseDigest(last)
	case n >= 3 && parts[n-2] == "manifests":
		r = Request{Noun: Manifest, Repository: name(2), Reference: last}
		err = parseReference(method, &r, query)
	case n >= 3 && parts[n-2] == "tags" && last == "list":
		r = Request{Noun: TagList, Repository: name(2)}
		r.Page, err = ParsePage(query)
	case n >= 3 && parts[n-2] == "referrers":
		r = Request{Noun: Referrers, Repository: name(2), Filter: query.Get("artifactType")}
		r.Digest, err = parseDigest(last)
	default:
		return Request{}, notFound(u)
	}
	if !ValidName(r.Repository) {
		return Request{}, badName(r.Repository)
	}
	return r, err
}

// before is the path without its last parts, which are not all of it.
func before(path string, last []string) string {
	for _, p := range last {
		path = path[:len(path)-len(p)-1]
	}
	return path
}

func badName(s string) error {
	return azure.Errorf(azure.Invalid, azure.CodeOCINameInvalid, "'%s' is not a repository name. It has lower-case letters, digits, single separators '.', '_', '-' inside, and '/' between parts; at most %d characters.", s, maxName)
}

func parseDigest(s string) (digest.Digest, error) {
	if hex, ok := strings.CutPrefix(s, "sha256:"); ok && len(hex) == 64 && strings.Trim(hex, hexadecimal) == "" {
		return digest.Digest(s), nil // nearly all are: no regular expression for them
	}
	d, err := digest.Parse(s)
	if err != nil {
		return "", azure.Errorf(azure.Invalid, azure.CodeOCIDigestInvalid, "'%s' is not a digest. It is written like sha256:, then 64 hexadecimal digits.", s)
	}
	return d, nil
}

func parseReference(method string, r *Request, query url.Values) (err error) {
	if strings.Contains(r.Reference, ":") {
		r.Digest, err = parseDigest(r.Reference)
		return err
	}
	if !ValidTag(r.Reference) {
		if method != http.MethodPut { // what cannot be there is not there: the specification wants 404
			return azure.Errorf(azure.NotFound, azure.CodeOCIManifestUnknown, "There is no manifest '%s': it is neither a tag nor a digest.", r.Reference)
		}
		return azure.Errorf(azure.Invalid, azure.CodeOCITagInvalid, "'%s' is not a tag. It has up to 128 letters, digits, '_', '.' and '-', and does not begin with '.' or '-'.", r.Reference)
	}
	if d := query.Get("digest"); d != "" { // a push by tag that names its digest
		r.Digest, err = parseDigest(d)
	}
	return err
}

func parseStart(r *Request, query url.Values) (err error) {
	if d := query.Get("digest"); d != "" {
		r.Digest, err = parseDigest(d)
		return err
	}
	if m := query.Get("mount"); m != "" {
		if r.Mount, err = parseDigest(m); err != nil {
			return err
		}
		r.From = query.Get("from")
		if r.From != "" && !ValidName(r.From) {
			return badName(r.From)
		}
	}
	return nil
}

// ParsePage reads n and last of a list.
func ParsePage(query url.Values) (Page, error) {
	p := Page{N: -1, Last: query.Get("last")}
	if s := query.Get("n"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return Page{N: -1}, azure.Errorf(azure.Invalid, azure.CodeOCIPaginationInvalid, "The parameter n is '%s'. It is the largest number of results, 0 or more.", s)
		}
		p.N = n
	}
	return p, nil
}

// Cut shortens a list to the page and tells whether there is more.
func (p Page) Cut(n int) (keep int, more bool) {
	if p.N < 0 || n <= p.N {
		return n, false
	}
	return p.N, p.N > 0
}
