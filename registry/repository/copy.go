package repository

import "io"

// sideLeast is the size of a chunk from which on it is read and written at the same
// time: smaller ones are done before that pays.
const sideLeast = 1 << 20

// sideBuffers is how many buffers that takes: one is filled, one is written, and the
// others keep the two from waiting for each other.
const sideBuffers = 8

// copy moves the chunk into the upload in pieces of the buffer's size, whatever the
// network delivers, and tells a reading error from a writing one. Of a large chunk,
// or one of unknown size, a piece is decrypted while that before is hashed and
// written.
func (s *Store) copy(u *session, c Chunk) (read, write error) {
	buf, done := s.Buffer()
	defer done()
	if c.Size < 0 || c.Size >= sideLeast {
		return s.copyBeside(u, c.Body, buf)
	}
	for {
		n, err := fill(buf, c.Body)
		if write := u.put(buf[:n]); write != nil {
			return nil, write
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
	}
}

// copyBeside is copy with a goroutine that writes. It has ended on return.
func (s *Store) copyBeside(u *session, body io.Reader, buf []byte) (read, write error) {
	free, full := make(chan []byte, sideBuffers), make(chan []byte, sideBuffers) // neither ever blocks a sender
	free <- buf
	for range sideBuffers - 1 {
		more, done := s.Buffer()
		defer done()
		free <- more
	}
	go func() {
		defer close(free)
		for b := range full {
			if write = u.put(b); write != nil {
				return
			}
			free <- b[:cap(b)]
		}
	}()
	for b := range free { // which ends early when writing fails
		n, err := fill(b, body)
		full <- b[:n]
		if err == nil {
			continue
		}
		if err != io.EOF {
			read = err
		}
		break
	}
	close(full)
	for range free { // until all is written
	}
	return read, write
}

// fill reads until the buffer is full or the body fails or ends.
func fill(buf []byte, body io.Reader) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = body.Read(buf[n:])
		n += m
	}
	return n, err
}

// put adds a piece to the upload.
func (u *session) put(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := u.w.Write(b); err != nil {
		return err
	}
	u.offset += int64(len(b))
	return nil
}
