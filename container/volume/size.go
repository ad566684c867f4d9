package volume

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"
)

// watch ends the context it gives when dir has grown beyond the limit. stop ends the
// watching and says whether it is so, also when it happened since the last look.
func watch(ctx context.Context, dir string, limit int64) (_ context.Context, stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		pause := firstPause
		for ctx.Err() == nil {
			if size(dir) > limit {
				cancel()
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, lastPause)
		}
	}()
	return ctx, func() error {
		cancel()
		<-done
		if size(dir) > limit {
			return fmt.Errorf("it is larger than the %d MB that a volume may hold: use a smaller repository, or have the cloud's operator raise 'limits.cloneMB'", limit>>20)
		}
		return nil
	}
}

// The time between two looks doubles, from the first to the last.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

// perFile stands for what a file takes besides its content: very many empty ones are
// much, too.
const perFile = 1 << 10

// size is what the files below dir take on disk; those that vanish meanwhile count
// nothing.
func size(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error { // as far as it can be seen
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if info, err := d.Info(); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				sum += st.Blocks*512 + perFile
			}
		}
		return nil
	})
	return sum
}
