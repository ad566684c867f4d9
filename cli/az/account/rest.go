package account

import (
	"errors"
	"os"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/client"
)

// restError words an answer as az rest does: the reason and the body.
func restError(err error) error {
	var e *client.StatusError
	if !errors.As(err, &e) {
		return err
	}
	return command.Fail("%s(%s)", e.Reason, e.Body)
}

func writeFile(path string, data []byte) error { return os.WriteFile(path, data, 0o644) }
