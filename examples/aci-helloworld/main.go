package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

//go:embed page.html
var page []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port := os.Getenv("PORT")
	if port == "" {
		port = "80"
	}
	if err := serve(ctx, ":"+port, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
}

// serve answers on addr until ctx ends, then lets the requests in hand finish for up to five seconds.
func serve(ctx context.Context, addr string, log io.Writer) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("cannot serve: %w", err)
	}
	fmt.Fprintf(log, "listening on %s\n", addr)
	server := &http.Server{Handler: handler(log), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve on %s: %w", addr, err)
	case <-ctx.Done():
	}
	fmt.Fprintln(log, "stopping")
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// handler answers every path with the page and logs each request as one line.
func handler(log io.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(log, "%s - [%s] %q 200 %d\n",
			r.RemoteAddr, time.Now().UTC().Format(time.RFC3339), r.Method+" "+r.URL.RequestURI()+" "+r.Proto, len(page))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(page)
	})
}
