package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Options say what may be reached and how.
type Options struct {
	// AllowLocal allows loopback and link-local targets: for tests, and for a
	// machine that only its owner uses.
	AllowLocal bool
	// Proxy chooses a proxy for a request, as [http.Transport.Proxy]; nil means
	// none. A proxy's own address is not checked: the operator chose it.
	Proxy func(*http.Request) (*url.URL, error)
	// Roots are the certificates trusted beside the system's; nil means none.
	Roots *x509.CertPool
}

// Limits on waiting for a target.
const (
	dialLimit   = 10 * time.Second
	headerLimit = 30 * time.Second
	idleLimit   = 30 * time.Second
)

// New makes a transport. A target that may not be reached is a [*ForbiddenError].
func New(o Options) *http.Transport {
	d := &net.Dialer{Timeout: dialLimit}
	t := &http.Transport{Proxy: o.Proxy, TLSHandshakeTimeout: dialLimit, ResponseHeaderTimeout: headerLimit,
		IdleConnTimeout: idleLimit, MaxIdleConnsPerHost: 4, ForceAttemptHTTP2: true}
	if o.Roots != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: o.Roots}
	}
	switch {
	case o.AllowLocal:
	case o.Proxy == nil:
		d.Control = func(_, address string, _ syscall.RawConn) error { return check(address) }
	default:
		t.Proxy = guarded(o.Proxy)
	}
	t.DialContext = d.DialContext
	return t
}

// guarded checks a request that a proxy carries by what its name resolves to
// here. One that no proxy carries is refused: then the dial was not checked.
func guarded(next func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		proxy, err := next(r)
		if err != nil {
			return nil, err
		}
		addrs, err := net.DefaultResolver.LookupNetIP(r.Context(), "ip", r.URL.Hostname())
		if proxy == nil && err != nil {
			return nil, err
		}
		if err != nil && numeric(r.URL.Hostname()) {
			return nil, &ForbiddenError{r.URL.Host}
		}
		for _, a := range addrs {
			if local(a) {
				return nil, &ForbiddenError{r.URL.Host}
			}
		}
		return proxy, nil
	}
}

// numeric reports a name that some read as an address: 2130706433, 127.1, 0x7f.1.
// No public name ends in a label that begins with a digit.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
	return last == "" || last[0] >= '0' && last[0] <= '9'
}

// ForbiddenError says that a target may not be reached.
type ForbiddenError struct{ Address string }

func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("the address %s is this machine's own or link-local, which targets that users name must not be", e.Address)
}

func check(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || local(ap.Addr()) {
		return &ForbiddenError{address}
	}
	return nil
}

// local reports an address that only this machine, or nobody, answers at.
func local(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || !a.IsGlobalUnicast() || a == netip.IPv4Unspecified()
}
