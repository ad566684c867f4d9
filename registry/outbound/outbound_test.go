package outbound_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/registry/outbound"
)

func TestOwnAddressesAreRefused(t *testing.T) {
	var asked int
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(s.Close)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	self, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]outbound.Options{
		"directly":   {},
		"by a proxy": {Proxy: func(*http.Request) (*url.URL, error) { return self, nil }},
	} {
		out := outbound.New(o)
		for _, host := range []string{"127.0.0.1", "localhost", "127.77.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254", "[fe80::1]", "224.0.0.1", "2130706433"} {
			res, err := (&http.Client{Transport: out}).Get("http://" + host + port)
			if err == nil {
				_ = res.Body.Close()
				t.Errorf("%s %s: it was reached", name, host)
				continue
			}
			var forbidden *outbound.ForbiddenError
			if !errors.As(err, &forbidden) && (host != "2130706433" || name != "directly") { // which our resolver does not know
				t.Errorf("%s %s: %v", name, host, err)
			}
		}
		out.CloseIdleConnections()
	}
	if asked != 0 {
		t.Errorf("%d requests came through", asked)
	}
	allowed := outbound.New(outbound.Options{AllowLocal: true})
	res, err := (&http.Client{Transport: allowed}).Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	allowed.CloseIdleConnections()
}
