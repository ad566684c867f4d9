package store

import "sort"

// blockSize is the most pairs a block of sorted holds.
const blockSize = 256

type pair[V any] struct {
	key Key
	val V
}

// sorted is a map ordered by key: a list of short ordered blocks, a B-tree of
// two levels. Not safe for concurrent use. The zero value is empty.
type sorted[V any] struct {
	blocks [][]pair[V]
	n      int
}

// seek finds the first pair whose key is >= key; block == len(blocks) if none.
func (s *sorted[V]) seek(key Key) (block, at int) {
	block = sort.Search(len(s.blocks), func(i int) bool {
		b := s.blocks[i]
		return b[len(b)-1].key >= key
	})
	if block == len(s.blocks) {
		return block, 0
	}
	b := s.blocks[block]
	return block, sort.Search(len(b), func(i int) bool { return b[i].key >= key })
}

func (s *sorted[V]) set(key Key, val V) {
	i, at := s.seek(key)
	if i < len(s.blocks) && s.blocks[i][at].key == key {
		s.blocks[i][at].val = val
		return
	}
	s.n++
	switch {
	case len(s.blocks) == 0:
		s.blocks = append(s.blocks, []pair[V]{{key, val}})
		return
	case i == len(s.blocks): // after the last
		i--
		at = len(s.blocks[i])
	}
	b := append(s.blocks[i], pair[V]{})
	copy(b[at+1:], b[at:])
	b[at] = pair[V]{key, val}
	s.blocks[i] = b
	if len(b) > blockSize {
		s.split(i)
	}
}

func (s *sorted[V]) split(i int) {
	b := s.blocks[i]
	half := len(b) / 2
	if i == len(s.blocks)-1 {
		half = blockSize * 15 / 16 // keys often come in order: leave full blocks behind
	}
	right := append(make([]pair[V], 0, blockSize/2), b[half:]...)
	clear(b[half:])
	s.blocks[i] = b[:half]
	s.blocks = append(s.blocks, nil)
	copy(s.blocks[i+2:], s.blocks[i+1:])
	s.blocks[i+1] = right
}

func (s *sorted[V]) remove(key Key) {
	i, at := s.seek(key)
	if i == len(s.blocks) || s.blocks[i][at].key != key {
		return
	}
	s.n--
	b := s.blocks[i]
	copy(b[at:], b[at+1:])
	b[len(b)-1] = pair[V]{}
	s.blocks[i] = b[:len(b)-1]
	if len(s.blocks[i]) == 0 {
		s.blocks = append(s.blocks[:i], s.blocks[i+1:]...)
	}
}

// walk calls f in order for the pairs under prefix with a key > after, until f
// returns false.
func (s *sorted[V]) walk(prefix, after Key, f func(Key, V) bool) {
	i, at := s.seek(max(prefix, after))
	for ; i < len(s.blocks); i, at = i+1, 0 {
		for _, p := range s.blocks[i][at:] {
			if !p.key.HasPrefix(prefix) {
				if p.key > prefix {
					return
				}
				continue
			}
			if p.key == after && after != "" {
				continue
			}
			if !f(p.key, p.val) {
				return
			}
		}
	}
}
