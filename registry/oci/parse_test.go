package oci

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"cuelabs.dev/go/oci/ociregistry/ociref"
	"github.com/opencontainers/go-digest"
)

// FuzzParse: what is parsed is made of valid names, and the canonical path of it
// parses to the same again.
func FuzzParse(f *testing.F) {
	zeros := strings.Repeat("0", 64)
	for _, p := range []string{"/v2/", "/v2/_catalog?n=3&last=a", "/v2/a/b/tags/list", "/v2/a/manifests/v1", "/v2/a/manifests/sha256:" + zeros,
		"/v2/a/blobs/sha256:" + zeros, "/v2/a/blobs/uploads/", "/v2/a/blobs/uploads/?mount=sha256:" + zeros + "&from=b", "/v2/a/referrers/sha256:" + zeros,
		"/v2/a/blobs/uploads/d0000000-0000-4000-8000-000000000001?digest=sha256:" + zeros, "/v2/../manifests/v1", "/v2/tags/list/tags/list", "/v2/a%2fb/manifests/v1"} {
		f.Add("GET", p)
		f.Add("PUT", p)
	}
	f.Fuzz(func(t *testing.T, method, raw string) {
		u, err := url.ParseRequestURI(raw)
		if err != nil {
			return
		}
		r, err := Parse(method, u)
		if err != nil {
			return
		}
		for _, bad := range []string{"..", "//", "\\", "\x00", "%", " "} {
			if strings.Contains(r.Repository+"|"+r.Reference+"|"+r.From+"|"+r.UploadID, bad) {
				t.Fatalf("%q got through: %+v", bad, r)
			}
		}
		var path string
		switch r.Noun {
		case Root:
			path = "/v2/"
		case CatalogList:
			path = "/v2/_catalog"
		case TagList:
			path = "/v2/" + r.Repository + "/tags/list"
		case Referrers:
			path = "/v2/" + r.Repository + "/referrers/" + r.Digest.String()
		case Manifest:
			path = "/v2/" + r.Repository + "/manifests/" + r.Reference
		case Blob:
			path = "/v2/" + r.Repository + "/blobs/" + r.Digest.String()
		case Uploads:
			path = "/v2/" + r.Repository + "/blobs/uploads/"
		case Upload:
			path = "/v2/" + r.Repository + "/blobs/uploads/" + r.UploadID
		}
		again, err := Parse(method, &url.URL{Path: path, RawQuery: u.RawQuery})
		if err != nil || again != r {
			t.Fatalf("%s parses to %+v, then %s to %+v, %v", raw, r, path, again, err)
		}
	})
}

// FuzzValidName: a name is what the reference grammar says, and not too long.
func FuzzValidName(f *testing.F) {
	for _, s := range []string{"a", "a/b", "a//b", "/a", "a/", "a.b", "a..b", "a_b", "a__b", "a___b", "a--b", "a---b", "-a", "a-", "a_.b", "A", "", "a/b-c/d__e.f", "\xff", "ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := ValidName(s), len(s) <= maxName && ociref.IsValidRepository(s); got != want {
			t.Fatalf("ValidName(%q) is %v, want %v", s, got, want)
		}
	})
}

// FuzzDigest: a digest is what the library takes for one.
func FuzzDigest(f *testing.F) {
	zeros := strings.Repeat("0", 64)
	for _, s := range []string{"sha256:" + zeros, "sha256:" + zeros[:63], "sha256:" + zeros + "0", "sha256:" + zeros[:63] + "A", "sha256:" + zeros[:63] + "g", "sha512:" + zeros + zeros, "md5:" + zeros[:32], "", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, bad := digest.Parse(s)
		if got, err := parseDigest(s); (err != nil) != (bad != nil) || bad == nil && got != want {
			t.Fatalf("parseDigest(%q) is %q, %v; the library says %q, %v", s, got, err, want, bad)
		}
	})
}

// FuzzRange: what is to be sent lies inside of the content, and asking for what
// was sent gives the same.
func FuzzRange(f *testing.F) {
	for _, h := range []string{"bytes=0-0", "bytes=5-", "bytes=-5", "bytes=-0", "bytes=9-2", "bytes=99999999999999999999-", "bytes=0-1,2-3", "", "bytes=+1-2", "bytes=--1"} {
		f.Add(h, int64(10))
		f.Add(h, int64(0))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		s, partial, err := parseRange(header, size)
		if err != nil {
			return
		}
		if s.start < 0 || s.length < 0 || s.start+s.length > size || !partial && (s.start != 0 || s.length != size) || partial && s.length == 0 {
			t.Fatalf("%q of %d bytes: %+v, %v", header, size, s, partial)
		}
		if !partial {
			return
		}
		printed, _, _ := strings.Cut(strings.Replace(s.contentRange(size), "bytes ", "bytes=", 1), "/")
		if again, partial, err := parseRange(printed, size); err != nil || !partial || again != s {
			t.Fatalf("%q of %d bytes: %+v, then %q gives %+v, %v, %v", header, size, s, printed, again, partial, err)
		}
	})
}

// FuzzContentRange: parse and print are inverse.
func FuzzContentRange(f *testing.F) {
	for _, h := range []string{"0-0", "5-9", "bytes 0-9/10", "bytes=0-9", "9-5", "-", "1-", "-1", "+1-2", "0-9223372036854775807"} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, header string) {
		s, err := parseContentRange(header)
		if err != nil {
			return
		}
		if s.start < 0 || s.length < 1 || s.start+s.length < 0 {
			t.Fatalf("%q: %+v", header, s)
		}
		again, err := parseContentRange(strconv.FormatInt(s.start, 10) + "-" + strconv.FormatInt(s.start+s.length-1, 10))
		if err != nil || again != s {
			t.Fatalf("%q: %+v, then %+v, %v", header, s, again, err)
		}
	})
}
