package containerd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// logKeeper watches the logs grow: it notes when, and rotates them. One
// inotify instance watches the folders of all sandboxes.
type logKeeper struct {
	limit int64
	now   func() time.Time

	inotify *os.File
	ended   chan struct{}

	mu   sync.Mutex
	dirs map[string]int   // folder -> watch
	sums map[int]string   // watch -> folder
	size map[string]int64 // log -> the size noted last
}

// settle is how long the keeper rests between looks: the precision of times,
// and the bound of the work a chatty container makes.
const settle = 2 * time.Millisecond

func newLogKeeper(limit int64, now func() time.Time) (*logKeeper, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("cannot watch logs: %w", err)
	}
	k := &logKeeper{
		limit: limit, now: now, inotify: os.NewFile(uintptr(fd), "inotify"), ended: make(chan struct{}),
		dirs: map[string]int{}, sums: map[int]string{}, size: map[string]int64{},
	}
	go k.run()
	return k, nil
}

func (k *logKeeper) close() error {
	err := k.inotify.Close()
	<-k.ended
	return err
}

// watch begins to watch a sandbox's folder, and notes what was written into
// it meanwhile. Watching it already is no error.
func (k *logKeeper) watch(dir string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.dirs[dir]; ok {
		return nil
	}
	conn, err := k.inotify.SyscallConn()
	if err != nil {
		return err
	}
	var wd int
	if cerr := conn.Control(func(fd uintptr) { wd, err = unix.InotifyAddWatch(int(fd), dir, unix.IN_MODIFY) }); cerr != nil {
		return cerr
	}
	if err != nil {
		return fmt.Errorf("cannot watch the logs in %s: %w", dir, err)
	}
	k.dirs[dir], k.sums[wd] = wd, dir
	logs, err := filepath.Glob(filepath.Join(dir, "*"+logSuffix))
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := k.note(log); err != nil {
			return err
		}
	}
	return nil
}

// forget ends the watch of a folder that is about to be removed.
func (k *logKeeper) forget(dir string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wd, ok := k.dirs[dir]; ok {
		delete(k.dirs, dir)
		delete(k.sums, wd) // the kernel's part ends with the folder
	}
	for log := range k.size {
		if filepath.Dir(log) == dir {
			delete(k.size, log)
		}
	}
}

func (k *logKeeper) run() {
	defer close(k.ended)
	buf := make([]byte, 64<<10)
	for {
		n, err := k.inotify.Read(buf)
		if err != nil {
			return // closed
		}
		for log := range k.changed(buf[:n]) {
			k.mu.Lock()
			if _, watched := k.dirs[filepath.Dir(log)]; watched {
				// A full disk: the log itself goes on, its times are late.
				_ = k.note(log)
			}
			k.mu.Unlock()
		}
		time.Sleep(settle)
	}
}

// changed lists the logs that a batch of events is about.
func (k *logKeeper) changed(events []byte) map[string]bool {
	logs := map[string]bool{}
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(events) >= unix.SizeofInotifyEvent {
		e := (*unix.InotifyEvent)(unsafe.Pointer(&events[0]))
		end := unix.SizeofInotifyEvent + int(e.Len)
		name := string(bytes.TrimRight(events[unix.SizeofInotifyEvent:end], "\x00"))
		if dir, ok := k.sums[int(e.Wd)]; ok && strings.HasSuffix(name, logSuffix) {
			logs[filepath.Join(dir, name)] = true
		}
		events = events[end:]
	}
	return logs
}

// note writes down that the log has grown, and rotates it when it has grown
// too large. The caller holds mu.
func (k *logKeeper) note(log string) error {
	info, err := os.Stat(log)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	seen, known := k.size[log]
	if !known {
		times, err := readTimes(log + timesSuffix)
		if err != nil {
			return err
		}
		if len(times) > 0 {
			seen = times[len(times)-1].size
		}
	}
	if info.Size() > seen {
		if err := appendTime(log+timesSuffix, stamp{info.Size(), k.now()}); err != nil {
			return err
		}
	}
	k.size[log] = info.Size()
	if info.Size() > k.limit {
		return k.rotate(log)
	}
	return nil
}

// rotate copies the log to its older part and empties it. The shim goes on
// writing into the same file, which it opened to append.
func (k *logKeeper) rotate(log string) error {
	if err := copyFile(log+olderSuffix, log); err != nil {
		return fmt.Errorf("cannot rotate log %s: %w", log, err)
	}
	if err := os.Truncate(log, 0); err != nil {
		return fmt.Errorf("cannot rotate log %s: %w", log, err)
	}
	k.size[log] = 0
	return os.Rename(log+timesSuffix, log+olderSuffix+timesSuffix)
}

// reset makes a container's log empty for its first attempt.
func (k *logKeeper) reset(log string) error {
	if err := k.remove(log); err != nil {
		return err
	}
	f, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make a log: %w", err)
	}
	return f.Close()
}

// remove deletes a log with all its parts.
func (k *logKeeper) remove(log string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.size, log)
	var errs []error
	for _, suffix := range []string{"", timesSuffix, olderSuffix, olderSuffix + timesSuffix} {
		errs = append(errs, removeFile(log+suffix))
	}
	return errors.Join(errs...)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// stampSize is that of a stamp in a file: size and Unix nanoseconds.
const stampSize = 16

func appendTime(path string, s stamp) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	var b [stampSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(s.size))
	binary.BigEndian.PutUint64(b[8:], uint64(s.at.UnixNano()))
	_, err = f.Write(b[:])
	return errors.Join(err, f.Close())
}

func readTimes(path string) ([]stamp, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	times := make([]stamp, 0, len(data)/stampSize)
	for ; len(data) >= stampSize; data = data[stampSize:] {
		times = append(times, stamp{
			size: int64(binary.BigEndian.Uint64(data[:8])),
			at:   time.Unix(0, int64(binary.BigEndian.Uint64(data[8:stampSize]))),
		})
	}
	return times, nil
}
