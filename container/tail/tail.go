// Package tail reads the ends of containers' logs. It knows containers by the
// runtime's names alone.
package tail

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Most is how much of a log is read, in bytes. Source: Azure's 4 MB.
const Most = 4 << 20

// Read reads the last [Most] bytes of a log at most, from the beginning of a line.
// What is no UTF-8 is replaced. Its errors are those of the streams.
func Read(ctx context.Context, streams pod.Streams, sandbox, name string, o pod.LogOptions) (string, error) {
	rc, err := streams.Logs(ctx, sandbox, name, o)
	if err != nil {
		return "", err
	}
	defer rc.Close() //nolint:errcheck // reading only
	var end []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := rc.Read(buf)
		end = append(end, buf[:n]...)
		if len(end) > 2*Most {
			end = append(end[:0], end[len(end)-Most:]...)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if len(end) > Most {
		end = end[len(end)-Most:]
		if i := bytes.IndexByte(end, '\n'); i >= 0 {
			end = end[i+1:]
		}
	}
	return strings.ToValidUTF8(string(end), "\uFFFD"), nil
}
