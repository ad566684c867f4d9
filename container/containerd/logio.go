package containerd

import (
	"path/filepath"

	"github.com/containerd/containerd/v2/pkg/cio"
)

// logTo has the shim write both streams of a process into the log, which must
// exist.
//
// The shim writes into a plain file when a stream's name is a path to one. It
// must be given two spellings of the path: for one and the same name, and for
// every file:// address, it opens the file once and closes it at the end of the
// first stream, which loses what the other still holds (containerd 2.4.2,
// copyPipes). Each opening appends, so lines do not overwrite each other.
func logTo(path string) cio.Creator {
	return func(string) (cio.IO, error) {
		dir, name := filepath.Split(path)
		return logIO{cio.Config{Stdout: path, Stderr: dir + "./" + name}}, nil
	}
}

// logIO has nothing to do in this process: the shim does it all.
type logIO struct{ config cio.Config }

// Config implements [cio.IO].
func (l logIO) Config() cio.Config { return l.config }

// Cancel implements [cio.IO].
func (logIO) Cancel() {}

// Wait implements [cio.IO].
func (logIO) Wait() {}

// Close implements [cio.IO].
func (logIO) Close() error { return nil }
