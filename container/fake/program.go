package fake

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
)

// Program is what a container or an exec runs. It returns the exit code, and
// must return soon after Signals is closed, which is how SIGKILL comes.
type Program func(Process) int

// Process is a program's world.
type Process struct {
	// Args is the command; empty means the image's own.
	Args []string
	// Env has "NAME=value" entries.
	Env []string
	// Image is the name the container was started from.
	Image string
	// Ports are the TCP ports the sandbox declares.
	Ports  []uint16
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Signals delivers SIGTERM and the like.
	Signals <-chan os.Signal
	// Listen and Dial are the TCP network inside the sandbox.
	Listen func(port uint16) (net.Listener, error)
	Dial   func(port uint16) (net.Conn, error)
}

// Getenv returns the value of a variable; the last one set wins.
func (p Process) Getenv(name string) string {
	value := ""
	for _, e := range p.Env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// Serve is the default program: HTTP on all declared ports, answering every
// request with the image's name, until SIGTERM. It exits with 0.
func Serve(p Process) int {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, p.Image)
	})}
	defer server.Close()
	for _, port := range p.Ports {
		l, err := p.Listen(port)
		if err != nil {
			fmt.Fprintf(p.Stderr, "cannot listen on port %d: %v\n", port, err)
			return 1
		}
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				fmt.Fprintf(p.Stderr, "port %d: %v\n", port, err)
			}
		}()
		fmt.Fprintf(p.Stdout, "listening on port %d\n", port)
	}
	for s := range p.Signals {
		if s == syscall.SIGTERM {
			return 0
		}
	}
	return killed
}

// killed is the exit code of what ends by SIGKILL.
const killed = 128 + int(syscall.SIGKILL)
