package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is a script at a terminal, with somebody who types.
type Terminal struct {
	t      testing.TB
	cmd    *exec.Cmd
	keys   *os.File // the terminal's other side
	screen *lines
	closed chan struct{} // when nothing more is printed
}

// Terminal runs the script at a terminal of so many columns and rows; it ends with the test at the latest.
func (c *Cloud) Terminal(t testing.TB, columns, rows uint16, script string) *Terminal {
	t.Helper()
	keys, side, err := openTerminal(columns, rows)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	cmd := c.Command(ctx, t, script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = side, side, side
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	side.Close()
	x := &Terminal{t: t, cmd: cmd, keys: keys, screen: &lines{}, closed: make(chan struct{})}
	go func() {
		defer close(x.closed)
		buf := make([]byte, 4096)
		for {
			n, err := keys.Read(buf)
			x.screen.Write(buf[:n])
			if err != nil { // EIO: nobody has the terminal any more
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
		keys.Close()
		<-x.closed
	})
	return x
}

// openTerminal opens both sides of a terminal.
func openTerminal(columns, rows uint16) (keys, side *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	keys = os.NewFile(uintptr(fd), "terminal")
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	}
	if err == nil {
		side, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		keys.Close()
		return nil, nil, fmt.Errorf("cannot open a terminal: %w", err)
	}
	return keys, side, nil
}

// Raw waits until the script has taken the terminal over: what is typed before is dropped then.
func (x *Terminal) Raw() {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var state *unix.Termios
		conn, err := x.keys.SyscallConn()
		if err == nil {
			err = conn.Control(func(fd uintptr) { state, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) })
		}
		if err != nil || state == nil || time.Now().After(deadline) {
			x.t.Fatalf("the terminal is not taken over: %v\n%s", err, x.screen)
		}
		if state.Lflag&unix.ECHO == 0 {
			time.Sleep(200 * time.Millisecond) // it is set twice
			return
		}
	}
}

// Type types the text.
func (x *Terminal) Type(text string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(text); err != nil {
		x.t.Fatal(err)
	}
}

// Shows waits until the screen has shown the text so many times.
func (x *Terminal) Shows(text string, times int) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); strings.Count(x.screen.String(), text) < times; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatalf("the terminal does not show %q %d times:\n%s", text, times, x.screen)
		}
	}
}

// Ends waits for the end of the script and returns its exit code and all the screen has shown.
func (x *Terminal) Ends() (code int, screen string) {
	x.t.Helper()
	x.cmd.Wait() // the state tells
	<-x.closed
	return x.cmd.ProcessState.ExitCode(), x.screen.String()
}
