// Package program is what the containers of the runtime suite run: as a static
// binary in a real one, as a function in a fake one. Its arguments are words;
// the first says what to do.
package program

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/container/fake"
)

// Usage is printed, with exit code 64, for words it does not know.
const Usage = "serve PORT TEXT | exit CODE | print COUNT | complain TEXT | get PORT | env NAME | cat | stay | deaf | oom BYTES | threads COUNT | read FILE,... | write FILE TEXT"

// Run does what p.Args say. Without any it behaves like "stay".
func Run(p fake.Process) int {
	args := p.Args
	if len(args) > 0 && strings.HasPrefix(args[0], "/") {
		args = args[1:] // the program's own path
	}
	words := append(args, "", "", "")
	do, ok := map[string]func(fake.Process, string, string) int{
		"serve": serve, "exit": exit, "print": printLines, "complain": complain, "get": get, "env": env, "cat": cat, "stay": stay, "": stay,
		"deaf": deaf, "oom": oom, "read": read, "write": write, "threads": threads,
	}[words[0]]
	if !ok {
		fmt.Fprintln(p.Stderr, Usage)
		return 64
	}
	return do(p, words[1], words[2])
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 65
	}
	return n
}

func exit(_ fake.Process, code, _ string) int { return number(code) }

func fail(p fake.Process, err error) int {
	fmt.Fprintln(p.Stderr, err)
	return 1
}

// serve answers HTTP requests with text until SIGTERM, as stay does.
func serve(p fake.Process, port, text string) int {
	l, err := p.Listen(uint16(number(port)))
	if err != nil {
		return fail(p, err)
	}
	defer l.Close()
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }))
	fmt.Fprintln(p.Stdout, "listening")
	return stay(p, "", "")
}

// stay waits for SIGTERM and then ends with 3.
func stay(p fake.Process, _, _ string) int {
	for s := range p.Signals {
		if s == syscall.SIGTERM {
			fmt.Fprintln(p.Stdout, "terminated")
			return 3
		}
	}
	return 137
}

// deaf does not end by SIGTERM.
func deaf(p fake.Process, _, _ string) int {
	for range p.Signals {
	}
	return 137
}

func printLines(p fake.Process, count, _ string) int {
	for i := range number(count) {
		fmt.Fprintf(p.Stdout, "line %d\n", i+1)
	}
	return 0
}

// complain closes its standard output, and a little later writes text to its
// standard error.
func complain(p fake.Process, text, _ string) int {
	if out, ok := p.Stdout.(io.Closer); ok {
		if err := out.Close(); err != nil {
			return fail(p, err)
		}
	}
	time.Sleep(50 * time.Millisecond)
	fmt.Fprintln(p.Stderr, text)
	return 0
}

// get fetches http://localhost:port/ and prints the answer.
func get(p fake.Process, port, _ string) int {
	for range 100 {
		conn, err := p.Dial(uint16(number(port)))
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET / HTTP/1.0\r\n\r\n")
		answer, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fail(p, err)
		}
		_, body, _ := strings.Cut(string(answer), "\r\n\r\n")
		fmt.Fprintln(p.Stdout, body)
		return 0
	}
	return fail(p, fmt.Errorf("nobody listens on port %s", port))
}

func env(p fake.Process, name, _ string) int {
	fmt.Fprintf(p.Stdout, "%s=%s\n", name, p.Getenv(name))
	return 0
}

func cat(p fake.Process, _, _ string) int {
	if _, err := io.Copy(p.Stdout, p.Stdin); err != nil {
		return fail(p, err)
	}
	return 0
}

// oom uses so many bytes of memory; under a smaller limit it does not return.
func oom(p fake.Process, bytes, _ string) int {
	n := number(bytes)
	all := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		all[i] = 1
	}
	fmt.Fprintln(p.Stdout, "used", len(all))
	return 0
}

// threads holds so many threads at once.
func threads(p fake.Process, count, _ string) int {
	for range number(count) {
		go func() {
			runtime.LockOSThread()
			time.Sleep(time.Minute)
		}()
	}
	time.Sleep(time.Second)
	fmt.Fprintln(p.Stdout, "all running")
	return 0
}

// read prints files, whose names a comma separates.
func read(p fake.Process, files, _ string) int {
	for file := range strings.SplitSeq(files, ",") {
		data, err := os.ReadFile(file)
		if err != nil {
			return fail(p, err)
		}
		p.Stdout.Write(data)
	}
	return 0
}

func write(p fake.Process, file, text string) int {
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fail(p, err)
	}
	return 0
}
