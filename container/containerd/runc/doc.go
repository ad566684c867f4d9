// Package runc carries the two small programs containers are run by inside the
// big one. Both are built into its folder bin before, by `make build`:
//
// runc, the low-level runtime, static, from the module proxy by go.mod's tool
// line. It needs gcc and libseccomp-dev and takes ten seconds:
//
//	CGO_ENABLED=1 go build -trimpath -tags 'seccomp netgo osusergo' -ldflags '-s -w -extldflags -static' \
//		-o container/containerd/runc/bin/runc github.com/opencontainers/runc
//
// shim, the slim build of package container/containerd/shim, which has runc's
// library in it:
//
//	CGO_ENABLED=1 go build -trimpath -tags 'seccomp netgo osusergo' -ldflags '-s -w -extldflags -static' \
//		-o container/containerd/runc/bin/shim ./container/containerd/shim/slim
//
// Without them this package still compiles, and answers [ErrNotBuiltIn].
package runc
