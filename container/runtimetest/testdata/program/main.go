// The suite's program as a static binary: the only file of its image.
package main

import (
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/runtimetest/program"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	os.Exit(program.Run(fake.Process{
		Args: os.Args, Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Signals: signals,
		Listen: func(port uint16) (net.Listener, error) { return net.Listen("tcp", ":"+strconv.Itoa(int(port))) },
		Dial:   func(port uint16) (net.Conn, error) { return net.Dial("tcp", "localhost:"+strconv.Itoa(int(port))) },
	}))
}
