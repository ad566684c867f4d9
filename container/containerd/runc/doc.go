// Package runc carries the low-level runtime, a static runc, inside the
// binary. It is built from the module proxy by go.mod's tool line, with exactly
//
//	CGO_ENABLED=1 go build -tags 'seccomp netgo osusergo' -ldflags '-s -w -extldflags -static' \
//		-o container/containerd/runc/bin/runc github.com/opencontainers/runc
//
// which needs gcc and libseccomp-dev and takes ten seconds. Without it this
// package still compiles, and [Extract] answers [ErrNotBuiltIn].
package runc
