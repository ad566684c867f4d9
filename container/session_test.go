package container_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// shell says what it was started with, echoes lines and ends at "exit".
func shell(p fake.Process) int {
	if len(p.Args) == 0 { // the container itself
		_, _ = io.WriteString(p.Stdout, "container speaks\n")
		<-p.Signals
		return 0
	}
	_, _ = io.WriteString(p.Stdout, strings.Join(p.Args, "|")+"\n")
	for in := bufio.NewScanner(p.Stdin); in.Scan(); {
		if in.Text() == "exit" {
			return 3
		}
		_, _ = io.WriteString(p.Stdout, "you said "+in.Text()+"\n")
	}
	return 0
}

func (w *world) session(path, body string) wire.ContainerExecResponse {
	w.t.Helper()
	var x wire.ContainerExecResponse
	if err := json.Unmarshal([]byte(w.must("POST", path, body, 200).body), &x); err != nil {
		w.t.Fatal(err)
	}
	if !strings.HasPrefix(x.WebSocketURI, "ws://sessions.test/") || x.Password == "" {
		w.t.Fatalf("%+v", x)
	}
	return x
}

func TestExecAndAttach(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"shell": shell}})
	w.up("g", body("shell", "", ""))
	server := httptest.NewServer(w.room.Sessions())
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	dial := func(x wire.ContainerExecResponse, password string) *websocket.Conn {
		t.Helper()
		c, _, err := websocket.Dial(ctx, strings.Replace(x.WebSocketURI, "ws://sessions.test", server.URL, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.CloseNow() })
		if err := c.Write(ctx, websocket.MessageText, []byte(password)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	read := func(c *websocket.Conn) string {
		var all strings.Builder
		for {
			_, data, err := c.Read(ctx)
			if err != nil {
				return all.String() + " " + websocket.CloseStatus(err).String()
			}
			all.Write(data)
		}
	}
	exec := groupPath("g") + "/containers/app/exec"
	const command = `{"command":"/bin/sh -c 'a b'","terminalSize":{"rows":0,"cols":0}}`

	x := w.session(exec, command)
	c := dial(x, x.Password)
	for _, key := range []string{"h", "i\n", "exit\n"} {
		if err := c.Write(ctx, websocket.MessageBinary, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(c); got != "/bin/sh|-c|a b\nyou said hi\nThe session ended: exit code 3\r\n StatusNormalClosure" {
		t.Errorf("exec: %q", got)
	}
	if _, _, err := websocket.Dial(ctx, strings.Replace(x.WebSocketURI, "ws://sessions.test", server.URL, 1), nil); err == nil {
		t.Error("a session was opened twice")
	}
	if got := read(dial(w.session(exec, command), "guess")); got != " StatusPolicyViolation" {
		t.Errorf("wrong password: %q", got)
	}
	x = w.session(groupPath("g")+"/containers/app/attach", "")
	c = dial(x, x.Password)
	if _, data, err := c.Read(ctx); err != nil || string(data) != "container speaks\n" {
		t.Errorf("attach: %q %v", data, err)
	}
	w.must("POST", groupPath("g")+"/stop", "", 204)
	if got := read(c); got != " StatusNormalClosure" {
		t.Errorf("attach at the end: %q", got)
	}
	if a := w.do("POST", exec, command); a.status != 409 || !strings.Contains(a.body, "ContainerNotRunning") {
		t.Errorf("exec in a stopped group: %+v", a)
	}
	w.must("POST", groupPath("g")+"/start", "", 204)
	if a := w.do("POST", exec, `{"command":"sh 'open"}`); a.status != 400 {
		t.Errorf("%+v", a)
	}
}
