package oci

import (
	"io"
	"os"
	"runtime/debug"
	"syscall"
)

// Content of this size and more is sent from a mapping of its file, so much of
// it mapped at a time, and so much written at once.
const (
	mappedLeast  = 1 << 20
	mappedWindow = 8 << 20
	mappedPiece  = 256 << 10
)

// fileOf is the file that content is kept in; nil when it is not in a file.
func fileOf(content io.ReaderAt) *os.File {
	r, ok := content.(interface{ Reader() io.Reader })
	if !ok {
		return nil
	}
	limited, ok := r.Reader().(*io.LimitedReader)
	if !ok {
		return nil
	}
	f, _ := limited.R.(*os.File)
	return f
}

// sendMapped sends a part of the file without copying it into memory of ours:
// the kernel writes from its cache to the connection. Blobs never shrink; should
// the disk fail to give what is mapped, that is an error of this request alone.
func sendMapped(w io.Writer, f *os.File, part span) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	page := int64(os.Getpagesize())
	for part.length > 0 && err == nil {
		before := part.start % page
		n := min(part.length, mappedWindow)
		window, merr := syscall.Mmap(int(f.Fd()), part.start-before, int(before+n), syscall.PROT_READ, syscall.MAP_SHARED)
		if merr != nil {
			return os.NewSyscallError("mmap", merr)
		}
		err = sendWindow(w, window, window[before:])
		part.start, part.length = part.start+n, part.length-n
	}
	return err
}

// sendWindow sends what is mapped and ends the mapping, also when a page of it
// cannot be read.
func sendWindow(w io.Writer, window, data []byte) error {
	defer func() { _ = syscall.Munmap(window) }() // only fails for what is no mapping
	for len(data) > 0 {
		n := min(len(data), mappedPiece)
		if _, err := w.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
