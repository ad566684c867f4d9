package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/bulk"
)

// listen opens a TCP listener; an address in use is an error that names who
// holds it.
func listen(name, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the %s address %s is taken by %s; stop it, or give another address with --%s", name, addr, holder("tcp", addr), flagOf(name))
	}
	if errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("this user may not listen on the %s address %s; give one with a port above 1023 with --%s", name, addr, flagOf(name))
	}
	return l, err
}

func flagOf(name string) string {
	if name == "HTTPS" {
		return "listen"
	}
	return strings.ToLower(name)
}

// holder names the process that listens on addr, as far as /proc tells.
func holder(network, addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "another process"
	}
	inode := socketInode(network, port)
	if inode == "" {
		return "another process"
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == "socket:["+inode+"]" {
			pid := strings.Split(link, "/")[2]
			comm, _ := os.ReadFile("/proc/" + pid + "/comm")
			return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(comm)))
		}
	}
	return "another process"
}

// socketInode finds the inode of the socket that listens on port.
func socketInode(network, port string) string {
	var number int
	if _, err := fmt.Sscan(port, &number); err != nil {
		return ""
	}
	for _, file := range []string{"/proc/net/" + network, "/proc/net/" + network + "6"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(data), "\n") {
			f := strings.Fields(line)
			if len(f) > 9 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", number)) && (f[3] == "0A" || network == "udp") {
				return f[9]
			}
		}
	}
	return ""
}

// server is an http.Server with the bounds all our listeners share.
func server(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
}

// servers runs listeners and stops them together.
type servers struct {
	mu      sync.Mutex
	wait    sync.WaitGroup
	stops   []func(context.Context)
	failure chan error // the first that ended by itself
}

// add runs serve until stop is called.
func (s *servers) add(serve func() error, stop func(context.Context)) {
	s.mu.Lock()
	s.stops = append(s.stops, stop)
	s.mu.Unlock()
	s.wait.Go(func() {
		if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			select {
			case s.failure <- err:
			default:
			}
		}
	})
}

// addHTTP serves h on l, over TLS when conf is given.
func (s *servers) addHTTP(l net.Listener, h http.Handler, conf *tls.Config, log *slog.Logger) {
	srv, none := server(h, log), &unused{}
	srv.ConnState = none.note
	srv.RegisterOnShutdown(none.close)
	serve := func() error { return srv.Serve(l) }
	if conf != nil {
		conf.NextProtos = []string{"h2", "http/1.1"}
		conf.DynamicRecordSizingDisabled = true // else layers begin with a system call for each 1.4 kB
		l, srv.ConnContext = bulk.NewListener(l), bulk.Context
		srv.TLSConfig = conf
		serve = func() error { return srv.ServeTLS(l, "", "") }
	}
	s.add(serve, func(ctx context.Context) {
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close()
		}
	})
}

// unused are connections on which nothing was asked yet. A server that shuts down
// waits five seconds for the first request on each, and clients open some that
// they never use.
type unused struct {
	mu  sync.Mutex
	all map[net.Conn]bool
}

// note is for [http.Server.ConnState].
func (u *unused) note(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.all, c)
		return
	}
	if u.all == nil {
		u.all = map[net.Conn]bool{}
	}
	u.all[c] = true
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.all {
		_ = c.Close() // nobody waits for anything on it
	}
}

// stopGrace is how long requests under way may take to end.
const stopGrace = 5 * time.Second

// stop ends everything and waits for it.
func (s *servers) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	var all sync.WaitGroup
	s.mu.Lock()
	for _, stop := range s.stops {
		all.Go(func() { stop(ctx) })
	}
	s.stops = nil
	s.mu.Unlock()
	all.Wait()
	s.wait.Wait()
}
