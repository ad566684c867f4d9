package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options say what the service works with. Fields without a word on zero are
// required.
type Options struct {
	Store   *store.Store
	Runtime pod.Runtime
	// Image gives the image of consoles, ready to start from: a bash and what goes
	// with it. Its error is told to the user.
	Image func(ctx context.Context, p authz.Principal) (pod.Image, error)
	// Token issues a token of a user for a resource. It ends no later than
	// p.Expires, the end of the token that the user's client showed last.
	Token func(ctx context.Context, p authz.Principal, resource string) (azure.Secret, time.Time, error)
	// User gives the name of a user, and whether there is one, who may sign in.
	User func(tenantID, objectID string) (name string, ok bool)
	// Exists reports whether there is a user of an object id, disabled or not.
	Exists func(objectID string) bool
	// Route gives the address of a name of the cloud, as proxy.Options.Route does.
	Route func(host, port string) (addr string, ok bool)
	// Variables lead programs to the cloud's services.
	Variables []pod.EnvVar
	// CABundle is the PEM file of the certificate authorities that consoles trust.
	CABundle string
	// URL begins the address of consoles: https://sessions.D. What comes in below
	// URL/consoles/ is for [Service.Handler].
	URL string
	// Origin is that of the pages that may open a terminal's web socket.
	Origin string
	// Dir keeps the users' files.
	Dir string
	// Idle is how long a console lives without anything being typed; zero means 20
	// minutes (as Azure).
	Idle time.Duration
	// DNS is the resolver configuration; zero is the runtime's default.
	DNS pod.DNS
	// Front authenticates who comes to a console's own address. Its Now and Log are
	// the service's.
	Front httpd.Front
}

// most is how many consoles there may be at a time.
const most = 64

// look is the pause between two looks after users that are gone.
const look = time.Minute

// Service is Cloud Shell. Make it with [New]; safe for concurrent use.
type Service struct {
	o        Options
	settings *store.Table[UserProperties]

	ctx    context.Context // of all consoles
	cancel context.CancelFunc

	mu     sync.Mutex
	slots  map[string]*slot // by user
	closed bool
}

// slot is a user's place for a console.
type slot struct {
	mu   sync.Mutex              // held while one starts or ends
	live atomic.Pointer[console] // nil, or one that may have ended by itself
}

// New makes the service. Nothing runs until a console is asked for.
func New(o Options) (*Service, error) {
	switch {
	case o.Store == nil, o.Runtime == nil, o.Image == nil, o.Token == nil, o.User == nil, o.Exists == nil, o.Route == nil, o.CABundle == "", o.URL == "", o.Dir == "", o.Front.Authenticate == nil:
		return nil, errors.New("console: Options need Store, Runtime, Image, Token, User, Exists, Route, CABundle, URL, Dir and Front.Authenticate")
	}
	if o.Idle == 0 {
		o.Idle = 20 * time.Minute
	}
	if o.Front.Now == nil {
		o.Front.Now = time.Now
	}
	if o.Front.Log == nil {
		o.Front.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{o: o, settings: store.NewTable[UserProperties](o.Store, "container/consolesettings"), slots: map[string]*slot{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Run ends the consoles of users that are gone and removes their files, until ctx
// ends; then it ends all consoles and returns when nothing is left of them. The
// service cannot be used afterwards.
func (s *Service) Run(ctx context.Context) {
	defer s.close()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		s.sweep()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Service) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	var wait sync.WaitGroup
	for _, at := range s.all() {
		wait.Go(func() { at.end("The cloud has stopped.") })
	}
	wait.Wait()
}

func (s *Service) all() []*slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*slot, 0, len(s.slots))
	for _, at := range s.slots {
		list = append(list, at)
	}
	return list
}

// end ends the slot's console and waits until nothing is left of it.
func (at *slot) end(why string) {
	at.mu.Lock()
	defer at.mu.Unlock()
	if c := at.live.Load(); c != nil {
		c.end(why)
		<-c.gone
		at.live.Store(nil)
	}
}

// current is the slot's console while it lives.
func (at *slot) current() *console {
	if c := at.live.Load(); c != nil && c.ctx.Err() == nil {
		return c
	}
	return nil
}

// slotOf is the place of a user; make makes one.
func (s *Service) slotOf(p authz.Principal, make bool) (*slot, error) {
	if p.Type != authz.User {
		return nil, azure.Errorf(azure.Forbidden, azure.CodeCloudShellForUsers, "Cloud Shell is for users. A service principal signs in with 'az login --service-principal' where its programs run.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.slots[p.ObjectID]
	if at == nil && make {
		if s.closed {
			return nil, azure.Errorf(azure.Unavailable, azure.CodeCloudShellUnavailable, "The cloud is stopping. Ask again when it runs.")
		}
		at = &slot{}
		s.slots[p.ObjectID] = at
	}
	return at, nil
}

// console finds the caller's console; nil when there is none.
func (s *Service) console(p authz.Principal) (*console, error) {
	at, err := s.slotOf(p, false)
	if err != nil || at == nil {
		return nil, err
	}
	return at.current(), nil
}

// open gives the caller's console and starts it when there is none.
func (s *Service) open(ctx context.Context, p authz.Principal) (*console, error) {
	at, err := s.slotOf(p, true)
	if err != nil {
		return nil, err
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	if c := at.current(); c != nil {
		c.renew(p)
		c.touch()
		return c, nil
	}
	if c := at.live.Load(); c != nil { // it has ended and may still be going
		<-c.gone
	}
	if n := s.running(); n >= most {
		return nil, azure.Errorf(azure.Throttled, azure.CodeCloudShellUnavailable, "There are %d Cloud Shells in use, as many as this cloud may have. Try again when one has ended.", n)
	}
	c, err := s.start(ctx, p)
	if err != nil {
		return nil, err
	}
	at.live.Store(c)
	return c, nil
}

// running counts the consoles that live.
func (s *Service) running() (n int) {
	for _, at := range s.all() {
		if at.current() != nil {
			n++
		}
	}
	return n
}

// Handler serves the consoles' own addresses, below URL/consoles/.
func (s *Service) Handler() http.Handler {
	plane := s.Plane().Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if console, terminal, secret, ok := socketPath(r); ok {
			s.serveSocket(w, r, console, terminal, secret)
			return
		}
		plane.ServeHTTP(w, r)
	})
}
