// The suite's program as a static binary: the only file of its image.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/term"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/runtimetest/program"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "tty" {
		os.Exit(tty())
	}
	if len(os.Args) > 1 && os.Args[1] == "escape" {
		os.Exit(escape(os.Args[2:]))
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	os.Exit(program.Run(fake.Process{
		Args: os.Args, Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Signals: signals,
		Listen: func(port uint16) (net.Listener, error) { return net.Listen("tcp", ":"+strconv.Itoa(int(port))) },
		Dial:   func(port uint16) (net.Conn, error) { return net.Dial("tcp", "localhost:"+strconv.Itoa(int(port))) },
	}))
}

// tty prints the terminal's size each time a line is typed, and ends with 5
// when it has changed.
func tty() int {
	last := ""
	for {
		columns, rows, err := term.GetSize(int(os.Stdout.Fd()))
		if err != nil {
			fmt.Println(err)
			return 1
		}
		size := fmt.Sprintf("%dx%d", columns, rows)
		fmt.Println(size)
		if last != "" && size != last {
			return 5
		}
		last = size
		var line [16]byte
		if _, err := os.Stdin.Read(line[:]); err != nil {
			return 2
		}
	}
}
