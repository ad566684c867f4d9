//go:build cgo && seccomp

package filter

/*
#cgo LDFLAGS: -Wl,--wrap=seccomp_init -Wl,--wrap=seccomp_release -Wl,--wrap=seccomp_arch_add -Wl,--wrap=seccomp_attr_set
#cgo LDFLAGS: -Wl,--wrap=seccomp_rule_add_array -Wl,--wrap=seccomp_export_bpf -Wl,--wrap=seccomp_rule_add_exact_array
#cgo LDFLAGS: -Wl,--wrap=seccomp_arch_remove -Wl,--wrap=seccomp_merge -Wl,--wrap=seccomp_reset
#cgo LDFLAGS: -Wl,--wrap=seccomp_syscall_priority -Wl,--wrap=seccomp_load -Wl,--wrap=seccomp_export_pfc
#include "wrap.h"
*/
import "C"

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/opencontainers/runc/libcontainer/configs"
	"github.com/opencontainers/runc/libcontainer/seccomp"
	"golang.org/x/sys/unix"
)

// word is the size in bytes of a number in a record, and of an instruction.
const word = 8

// magic begins a record.
var magic = []byte("lazuli filter 1\n")

// ErrRecord is answered for what is no whole record.
var ErrRecord = errors.New("this is no whole record of a seccomp filter: make it again")

// Record compiles a filter and writes a record of it. Only the first filter of
// a process can be recorded. Compiling sets the filter in force: for a thread that
// ends with it.
func Record(w io.Writer, config *configs.Seccomp) error {
	fd, err := unix.MemfdCreate("filter", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	body := os.NewFile(uintptr(fd), "filter")
	defer body.Close()
	C.filter_record(C.int(fd))
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		if err == nil {
			_, err = seccomp.InitSeccomp(config)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		return fmt.Errorf("cannot compile the seccomp filter: %w", err)
	}
	size, err := body.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	text := make([]byte, size)
	if _, err := body.ReadAt(text, 0); err != nil {
		return err
	}
	if _, _, err := split(text); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	_, err = w.Write(slices.Concat(magic, sum[:], text))
	return err
}

// Follow hands out the program of a record when this process builds the very
// filter it is of. Call it before, and once. [ErrRecord]: it does nothing.
func Follow(record []byte) error {
	rest, ok := bytes.CutPrefix(record, magic)
	if !ok || len(rest) < sha256.Size || sha256.Sum256(rest[sha256.Size:]) != [sha256.Size]byte(rest[:sha256.Size]) {
		return ErrRecord
	}
	calls, program, err := split(rest[sha256.Size:])
	if err != nil {
		return err
	}
	C.filter_follow((*C.uint64_t)(C.CBytes(calls)), C.size_t(len(calls)/word), C.CBytes(program), C.size_t(len(program))) // kept for good
	return nil
}

// split parts a record's calls from the program they make; neither is empty.
func split(text []byte) (calls, program []byte, err error) {
	if len(text) < word || len(text)%word != 0 {
		return nil, nil, ErrRecord
	}
	count, rest := binary.NativeEndian.Uint64(text), text[word:]
	if count == 0 || count >= uint64(len(rest)/word) {
		return nil, nil, ErrRecord
	}
	return rest[:count*word], rest[count*word:], nil
}
