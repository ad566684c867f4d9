package containerd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// Logs implements [pod.Streams]. At most twice Options.LogLimit is kept of a
// container's output, over all its attempts.
func (r *Runtime) Logs(ctx context.Context, id, name string, opts pod.LogOptions) (io.ReadCloser, error) {
	if _, _, err := r.find(id, name); err != nil {
		return nil, err
	}
	if opts.Tail < 0 {
		return nil, fmt.Errorf("%w: a tail of %d lines", pod.ErrInvalid, opts.Tail)
	}
	parts, err := r.logs.read(r.layout.log(id, name))
	if err != nil {
		return nil, fmt.Errorf("cannot read the log of container %q: %w", name, err)
	}
	lines := selectLines(parts, opts)
	if !opts.Timestamps {
		return io.NopCloser(bytes.NewReader(bytes.Join(lineTexts(lines), nil))), ctx.Err()
	}
	var out bytes.Buffer
	for _, l := range lines {
		out.WriteString(l.at.UTC().Format(time.RFC3339Nano))
		out.WriteByte(' ')
		out.Write(l.text)
	}
	return io.NopCloser(&out), ctx.Err()
}

// logPart is one file of a log with the index of its times.
type logPart struct {
	data  []byte
	times []stamp
}

// stamp says that a log file was size bytes long when it was seen at that time.
type stamp struct {
	size int64
	at   time.Time
}

type line struct {
	text []byte // with its newline, unless it is the last and has none yet
	at   time.Time
}

func lineTexts(lines []line) [][]byte {
	texts := make([][]byte, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

// selectLines splits the parts into lines. A line's time is when its end was
// first seen.
func selectLines(parts []logPart, opts pod.LogOptions) []line {
	var lines []line
	for _, p := range parts {
		next, end := 0, int64(0)
		for text := range bytes.Lines(p.data) {
			end += int64(len(text))
			for next < len(p.times)-1 && p.times[next].size < end {
				next++
			}
			l := line{text: text}
			if next < len(p.times) {
				l.at = p.times[next].at
			}
			if !l.at.Before(opts.Since) {
				lines = append(lines, l)
			}
		}
	}
	if opts.Tail > 0 && len(lines) > opts.Tail {
		lines = lines[len(lines)-opts.Tail:]
	}
	return lines
}

// The suffixes of a log's other files: the older part and the times of each.
const (
	olderSuffix = ".1"
	timesSuffix = ".times"
)

// read reads both parts of a log, the older first.
func (k *logKeeper) read(path string) ([]logPart, error) {
	k.mu.Lock() // not while it is rotated
	defer k.mu.Unlock()
	if err := k.note(path); err != nil {
		return nil, err
	}
	var parts []logPart
	for _, p := range []string{path + olderSuffix, path} {
		data, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		times, err := readTimes(p + timesSuffix)
		if err != nil {
			return nil, err
		}
		parts = append(parts, logPart{data: data, times: times})
	}
	return parts, nil
}
