package command

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/profile"
	"github.com/lazuli-cloud/lazuli/client"
)

// Process is what a run has of the process around it.
type Process struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	// Terminal reports whether a file descriptor (0, 1, 2) is a terminal.
	Terminal func(fd int) bool
	// Version is this program's own.
	Version string
}

// Session is who works where: the configuration, the cloud, the account, and the
// connections to services. One goroutine at a time, but for Token.
type Session struct {
	Process
	Store *profile.Store
	// Table is all commands, for those that speak of others.
	Table *Table

	quiet, verbose, debug bool
	subscription          string
	mu                    sync.Mutex
	cloud                 *profile.Cloud
	http                  *http.Client
}

func newSession(p Process, t *Table) *Session {
	s := &Session{Process: p, Table: t}
	dir := p.Getenv("AZURE_CONFIG_DIR")
	if dir == "" {
		dir = strings.TrimRight(p.Getenv("HOME"), "/") + "/.azure"
	}
	s.Store = &profile.Store{Dir: dir, Getenv: p.Getenv, Now: p.Now, Warn: s.Warn, Fetch: s.fetch}
	return s
}

// Warn shows a warning on stderr, unless only errors are wanted.
func (s *Session) Warn(format string, args ...any) {
	if !s.quiet {
		s.say("WARNING", fmt.Sprintf(format, args...))
	}
}

// note shows what a command is, a preview or one to give up: a warning with a
// colour of its own.
func (s *Session) note(text string) {
	switch {
	case s.quiet:
	case s.Colour() && !strings.Contains(text, "deprecated"):
		_, _ = fmt.Fprintln(s.Err, levels["DEBUG"]+text+"\x1b[0m")
	default:
		s.say("WARNING", text)
	}
}

// Colour reports whether colours can be seen, and are wanted.
func (s *Session) Colour() bool {
	return s.Terminal != nil && s.Terminal(1) && s.Terminal(2) && !s.Store.Flag("core", "no_color")
}

// levels are the colours of messages.
var levels = map[string]string{"ERROR": "\x1b[91m", "WARNING": "\x1b[33m", "DEBUG": "\x1b[36m"}

// say shows a message on stderr, with its level or in its colour.
func (s *Session) say(level, text string) {
	if s.Colour() {
		text = levels[level] + text + "\x1b[0m"
	} else {
		text = level + ": " + text
	}
	_, _ = fmt.Fprintln(s.Err, text)
}

// Debug shows a line on stderr when --debug asks for it.
func (s *Session) Debug(format string, args ...any) {
	if s.debug {
		s.say("DEBUG", fmt.Sprintf(format, args...))
	}
}

// Cloud is the active cloud.
func (s *Session) Cloud() (*profile.Cloud, error) {
	if s.cloud == nil {
		c, err := s.Store.Cloud()
		if err != nil {
			return nil, err
		}
		s.cloud = c
	}
	return s.cloud, nil
}

// Account is the account of --subscription, or the default one.
func (s *Session) Account() (profile.Account, error) { return s.Store.Account(s.subscription) }

// HTTP is the client of all connections: through the proxy of the environment,
// trusting REQUESTS_CA_BUNDLE, SSL_CERT_FILE or the system.
func (s *Session) HTTP() (*http.Client, error) {
	if s.http != nil {
		return s.http, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, name := range []string{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"} {
		path := s.Getenv(name)
		if path == "" {
			continue
		}
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, Fail("Could not find a suitable TLS CA certificate bundle, invalid path: %s", path).WithHint("set " + name + " to a file of certificates, or unset it")
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, Fail("There are no certificates in %s, which %s names.", path, name)
		}
		break
	}
	if s.Getenv("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION") != "" {
		s.Warn("Connection verification disabled by environment variable AZURE_CLI_DISABLE_CONNECTION_VERIFICATION")
		config.InsecureSkipVerify = true // the user asked for it, az's variable of the same meaning
	}
	s.http = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, MaxIdleConnsPerHost: 8}}
	return s.http, nil
}

func (s *Session) fetch(url string) ([]byte, error) {
	res, err := s.REST().Do(context.Background(), client.Request{Method: http.MethodGet, URL: url})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// REST speaks to any service with tokens of the account.
func (s *Session) REST() *client.REST {
	hc, err := s.HTTP()
	if err != nil {
		hc = &http.Client{Transport: broken{err}}
	}
	rest := &client.REST{HTTP: hc, Token: s.Token, Header: http.Header{"User-Agent": {"AZURECLI/" + APIVersion + " Lazuli/" + s.Version}}}
	if s.debug {
		rest.Trace = s.Debug
	}
	return rest
}

// broken answers each request with the reason there is no connection.
type broken struct{ err error }

// RoundTrip gives the reason.
func (b broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, b.err }

// APIVersion is the version of az whose commands these are.
const APIVersion = "2.74.0"

// Token gives a token of the account for a resource. Safe for concurrent use.
func (s *Session) Token(ctx context.Context, resource string) (string, error) {
	t, err := s.AccessToken(ctx, profile.Scope(resource))
	return t.Secret, err
}

// AccessToken gives a token of the account for a scope, with its end.
func (s *Session) AccessToken(ctx context.Context, scope string) (profile.AccessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.Account()
	if err != nil {
		return profile.AccessToken{}, err
	}
	cloud, err := s.Cloud()
	if err != nil {
		return profile.AccessToken{}, err
	}
	hc, err := s.HTTP()
	if err != nil {
		return profile.AccessToken{}, err
	}
	at, err := s.Store.Authority(hc, cloud, a.Tenant())
	if err != nil {
		return profile.AccessToken{}, err
	}
	return s.Store.Token(ctx, at, a, scope)
}

// address is where a service is and for whom its tokens are.
type address struct{ url, audience string }

func (s *Session) controlPlane() (*client.REST, address, error) {
	cloud, err := s.Cloud()
	if err != nil {
		return nil, address{}, err
	}
	at, err := cloud.Endpoint("resource_manager")
	if err != nil {
		return nil, address{}, err
	}
	audience, err := cloud.Endpoint("active_directory_resource_id")
	return s.REST(), address{at, audience}, err
}

// ResourceManager is the address of the control plane and the audience of its
// tokens.
func (s *Session) ResourceManager() (url, audience string, err error) {
	_, at, err := s.controlPlane()
	return strings.TrimRight(at.url, "/"), at.audience, err
}

// progress shows that something goes on, on a terminal only.
type progress struct {
	out  io.Writer
	end  chan struct{}
	done sync.WaitGroup
}

func (s *Session) progress() *progress {
	p := &progress{}
	if s.Terminal != nil && s.Terminal(2) && !s.quiet && !s.Store.Flag("core", "disable_progress_bar") {
		p.out = s.Err
	}
	return p
}

func (p *progress) start() {
	if p.out == nil || p.end != nil {
		return
	}
	p.end = make(chan struct{})
	p.done.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-p.end:
				_, _ = fmt.Fprint(p.out, "\r\x1b[K")
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(p.out, "\r %c Running ..", `|/-\`[i%4])
			}
		}
	})
}

func (p *progress) stop() {
	if p.end != nil {
		close(p.end)
		p.done.Wait()
	}
}
