package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/proxy"
)

// The only container of a console, and its ports on the sandbox's loopback. The
// first is Azure's.
const (
	container = "shell"
	tokenPort = 50342
	proxyPort = 50343
)

// What a console may use: a busy one must not be felt by the groups.
const (
	maxCPU    = 1
	maxMemory = 1 << 30
	maxPIDs   = 512
)

// console is one that runs.
type console struct {
	s       *Service
	id      string // the secret-free name in its address
	sandbox string
	home    home
	ctx     context.Context // ends when the console does
	cancel  context.CancelCauseFunc
	gone    chan struct{} // closed when nothing is left of it

	mu        sync.Mutex
	user      authz.Principal // as shown last; its Expires is the end of the sign-in
	used      time.Time       // when something was typed last
	terminals map[string]*terminal
}

// ended is why a console is no more, as its terminals are told.
type ended string

func (e ended) Error() string { return string(e) }

// start makes the console and everything in it. When it fails nothing is left.
func (s *Service) start(ctx context.Context, p authz.Principal) (*console, error) {
	name, ok := s.o.User(p.TenantID, p.ObjectID)
	if !ok {
		return nil, azure.Errorf(azure.Forbidden, azure.CodeCloudShellForUsers, "There is no user with the object id '%s' who may sign in.", p.ObjectID)
	}
	image, err := s.o.Image(ctx, p)
	if err != nil {
		return nil, err
	}
	at, err := s.prepareHome(p.ObjectID, name)
	if err != nil {
		return nil, fmt.Errorf("cannot make the home directory of a console: %w", err)
	}
	id := strings.ToLower(rand.Text())
	c := &console{s: s, id: id, sandbox: "console-" + id, home: at, gone: make(chan struct{}), user: p, used: s.o.Front.Now(), terminals: map[string]*terminal{}}
	c.ctx, c.cancel = context.WithCancelCause(s.ctx)
	closers, err := c.build(ctx, image)
	if err != nil {
		c.cancel(err)
		c.clean(closers)
		return nil, fmt.Errorf("cannot start a console: %w", err)
	}
	c.signIn(ctx)
	go c.live(closers)
	s.o.Front.Log.Info("console started", "console", c.sandbox, "user", p.ObjectID)
	return c, nil
}

// build makes sandbox, services and container. What must be closed is returned
// with an error, too.
func (c *console) build(ctx context.Context, image pod.Image) (closers []func(), err error) {
	rt := c.s.o.Runtime
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: c.sandbox, Hostname: "cloudshell", DNS: c.s.o.DNS}); err != nil {
		return nil, err
	}
	tokens, err := rt.ListenInside(ctx, c.sandbox, tokenPort)
	if err != nil {
		return nil, err
	}
	closers = append(closers, c.serveTokens(tokens))
	names, err := rt.ListenInside(ctx, c.sandbox, proxyPort)
	if err != nil {
		return closers, err
	}
	stop, err := c.serveProxy(names)
	if err != nil {
		return closers, err
	}
	_, err = rt.StartContainer(ctx, c.sandbox, pod.ContainerSpec{
		Name: container, Image: image.Name, Env: c.environment(), WorkingDir: c.home.target, User: owner(), Mounts: c.home.mounts(c.s.o.CABundle),
		Limits: pod.Limits{CPU: maxCPU, MemoryBytes: maxMemory, PIDs: maxPIDs},
		// A bash as the first process reaps what terminals leave.
		Command: []string{"bash", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"},
	})
	return append(closers, stop), err
}

// serveProxy leads programs of the console to the names of the cloud, and to
// others from the sandbox's own network.
func (c *console) serveProxy(l net.Listener) (stop func(), err error) {
	rt := c.s.o.Runtime
	px, err := proxy.New(proxy.Options{Route: c.s.o.Route, AllowOutside: true, Log: c.s.o.Front.Log,
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return rt.DialOut(ctx, c.sandbox, address)
		}})
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	go func() { _ = px.Serve(l) }() // ends with Shutdown
	return func() {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		_ = px.Shutdown(now) // it cuts what is open
	}, nil
}

// environment is what programs of the console find. Azure: the names are its
// Cloud Shell's, az and the SDKs know them.
func (c *console) environment() []pod.EnvVar {
	p, through := c.user, "http://127.0.0.1:"+strconv.Itoa(proxyPort)
	env := []pod.EnvVar{{Name: "HOME", Value: c.home.target}, {Name: "USER", Value: c.home.user}, {Name: "LANG", Value: "C.UTF-8"},
		{Name: "ACC_CLOUD", Value: "PROD"}, {Name: "ACC_OID", Value: p.ObjectID}, {Name: "ACC_TID", Value: p.TenantID}, {Name: "AZUREPS_HOST_ENVIRONMENT", Value: "cloud-shell/1.0"},
		{Name: "MSI_ENDPOINT", Value: "http://127.0.0.1:" + strconv.Itoa(tokenPort) + tokenPath}, {Name: "AZURE_CONFIG_DIR", Value: c.home.target + "/.azure"},
		{Name: "NO_PROXY", Value: "127.0.0.1,::1"}, {Name: "no_proxy", Value: "127.0.0.1,::1"}}
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
		env = append(env, pod.EnvVar{Name: name, Value: through})
	}
	for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"} {
		env = append(env, pod.EnvVar{Name: name, Value: bundle})
	}
	return append(env, c.s.o.Variables...)
}

// signInLimit bounds how long az may take: the terminal waits for it.
const signInLimit = 20 * time.Second

// signIn lets az find the user's subscriptions. Its failure is not the end: the
// user can repeat it and then sees why.
func (c *console) signIn(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, signInLimit)
	defer cancel()
	var said strings.Builder
	code, err := c.s.o.Runtime.Exec(ctx, c.sandbox, container, pod.ExecSpec{
		Command: []string{"az", "login", "--identity", "--allow-no-subscriptions", "--only-show-errors", "--output", "none"}, Stdout: io.Discard, Stderr: &said})
	if err != nil || code != 0 {
		c.s.o.Front.Log.Warn("az cannot sign in in a console", "console", c.sandbox, "code", code, "error", err, "said", said.String())
	}
}

// live ends the console when it was idle for too long or is told to end, and
// removes what is left of it.
func (c *console) live(closers []func()) {
	defer close(c.gone)
	for c.ctx.Err() == nil {
		rest := c.rest()
		if rest <= 0 {
			c.end(fmt.Sprintf("Nothing was typed for %s. Your files are kept.", words(c.s.o.Idle)))
			break
		}
		select {
		case <-c.ctx.Done():
		case <-time.After(rest):
		}
	}
	c.mu.Lock()
	var open []*terminal
	for _, t := range c.terminals {
		open = append(open, t)
	}
	c.mu.Unlock()
	for _, t := range open {
		t.wait(partingLimit)
	}
	c.clean(closers)
	c.s.o.Front.Log.Info("console ended", "console", c.sandbox, "why", context.Cause(c.ctx))
}

func words(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return strconv.Itoa(int(d/time.Minute)) + " minutes"
	}
	return d.String()
}

// clean removes everything but the files.
func (c *console) clean(closers []func()) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.s.o.Runtime.RemoveSandbox(ctx, c.sandbox); err != nil {
		c.s.o.Front.Log.Error("cannot remove a console", "console", c.sandbox, "error", err)
	}
	for _, f := range closers {
		f()
	}
}

// end ends the console; gone is closed a little later.
func (c *console) end(why string) { c.cancel(ended(why)) }

// rest is how long the console may go on being idle.
func (c *console) rest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used.Add(c.s.o.Idle).Sub(c.s.o.Front.Now())
}

// touch says that somebody is there.
func (c *console) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used = c.s.o.Front.Now()
}

// renew keeps the newest proof that the user is signed in.
func (c *console) renew(p authz.Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Expires.After(c.user.Expires) {
		c.user = p
	}
}

// principal is the user as shown last.
func (c *console) principal() authz.Principal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}
