// Command plaincloud serves a whole cloud without TLS, for benchmarks that tell the cost of TLS from the rest. The cloud itself
// answers plain HTTP for container groups only.
//
//	plaincloud -data DIR -listen 127.0.0.1:80 [-pprof 127.0.0.1:6060]
//
// Once it answers it prints one line of JSON: what `lazuli status --json` would, and "signIn" with the first user's name and
// password. It ends when it is told to, and runs no containers.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/cloud"
	"github.com/lazuli-cloud/lazuli/cloud/config"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	data := flag.String("data", "", "directory of the cloud")
	listen := flag.String("listen", "127.0.0.1:80", "address for HTTP")
	profile := flag.String("pprof", "", "address for Go's profiles; none by default")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	cfg, err := config.Load(config.Config{Data: *data, Listen: *listen, HTTP: config.Off, Proxy: config.Off, DNS: config.Off})
	if err != nil {
		return err
	}
	if cfg, err = cfg.Complete(true); err != nil {
		return err
	}
	c, err := cloud.Open(ctx, cloud.Options{Config: cfg})
	if err != nil {
		return err
	}
	return errors.Join(serve(ctx, c, *listen, *profile), c.Close())
}

// serve answers until ctx ends.
func serve(ctx context.Context, c *cloud.Cloud, listen, profile string) error {
	server := &http.Server{Addr: listen, Handler: c.Handler(), ReadHeaderTimeout: 30 * time.Second}
	servers := []*http.Server{server}
	if profile != "" {
		mux := http.NewServeMux()
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		servers = append(servers, &http.Server{Addr: profile, Handler: mux, ReadHeaderTimeout: 30 * time.Second})
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		l, err := net.Listen("tcp", s.Addr)
		if err != nil {
			return err
		}
		defer s.Close()
		go func() { failed <- s.Serve(l) }()
	}
	if err := announce(ctx, c); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// announce prints how the cloud is, and its first user.
func announce(ctx context.Context, c *cloud.Cloud) error {
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(status)
	if err != nil {
		return err
	}
	fields := map[string]any{"signIn": c.SignIn()}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(fields)
}
