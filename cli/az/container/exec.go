package container

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/coder/websocket"
	"golang.org/x/term"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func execute(c *command.Call) (any, error) {
	at, group, err := get(c)
	if err != nil {
		return nil, err
	}
	if c.Text("container_name") == "" && len(value.List(group, "properties.containers")) != 1 {
		return nil, command.Fail("--container-name required when container group has more than one container.")
	}
	columns, rows := 80, 24
	if w, h, err := term.GetSize(1); err == nil {
		columns, rows = w, h
	}
	body := value.New("command", c.Text("exec_command"), "terminalSize", value.New("rows", value.Int(rows), "cols", value.Int(columns)))
	v, err := c.Send(http.MethodPost, at+"/containers/"+named(c, group)+"/exec", version, body)
	if err != nil {
		return nil, err
	}
	return nil, session(c, value.String(v, "webSocketUri"), value.String(v, "password"))
}

// session joins the terminal to a web socket: first the password as text, then
// keystrokes as binary frames; what comes back is shown.
func session(c *command.Call, at, password string) error {
	hc, err := c.HTTP()
	if err != nil {
		return err
	}
	socket, _, err := websocket.Dial(c.Context, at, &websocket.DialOptions{HTTPClient: hc})
	if err != nil {
		return command.Fail("The session with the container could not be opened: %v", err)
	}
	defer socket.CloseNow()
	socket.SetReadLimit(1 << 24)
	if err := socket.Write(c.Context, websocket.MessageText, []byte(password)); err != nil {
		return err
	}
	if c.Terminal != nil && c.Terminal(0) {
		before, err := term.MakeRaw(0)
		if err != nil {
			return err
		}
		defer func() { _ = term.Restore(0, before) }()
	}
	ctx, stop := context.WithCancel(c.Context)
	defer stop()
	go keys(ctx, c.In, socket)
	for {
		_, data, err := socket.Read(c.Context)
		var closed websocket.CloseError
		switch {
		case errors.As(err, &closed), errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return command.Fail("The session with the container broke off: %v", err)
		}
		if _, err := c.Out.Write(data); err != nil {
			return err
		}
	}
}

// keys sends what is typed until there is no more of it, or nobody to read it.
func keys(ctx context.Context, from io.Reader, socket *websocket.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 && socket.Write(ctx, websocket.MessageBinary, buffer[:n]) != nil {
			return
		}
		if err != nil {
			return
		}
	}
}
