package cloud

import (
	"log/slog"
	"os"
	"path/filepath"

	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// audit is the log of every write and every refusal: JSON lines in
// DATA/log/audit.log, never a body, a query or a header.
type audit struct {
	file *os.File
	log  *slog.Logger
}

func openAudit(data string) (*audit, error) {
	path := filepath.Join(data, "log", "audit.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &audit{file: f, log: slog.New(slog.NewJSONHandler(f, nil))}, nil
}

// record writes one line.
func (a *audit) record(r httpd.Record) {
	verdict := "done"
	if r.Status >= 400 {
		verdict = "refused"
	}
	a.log.Info(verdict, "requestId", r.RequestID, "principal", r.Principal.ObjectID, "name", r.Principal.Name, "app", r.Principal.AppID,
		"action", r.Action, "method", r.Method, "host", r.Host, "path", r.Path, "status", r.Status, "code", r.Code, "remote", r.Remote)
}

func (a *audit) close() error { return a.file.Close() }
