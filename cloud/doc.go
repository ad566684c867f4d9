// Package cloud is the only wiring: it opens the store, the keys, the machine
// that containers run on and every room, joins them, and serves them by host
// name. [Run] is `lazuli up`; [Open] is the same without listeners, for tests.
//
// The joints between rooms, all here and in joints.go:
//
//   - rooms -> identity: who a token says the caller is
//   - access -> identity: what type a principal is
//   - identity -> access: who may administer the directory
//   - registry -> identity: sign-in with a service principal or user
//   - registry -> runtime: unpack what was pushed
//   - container -> registry: resolve and authorize a pull like a client's
//   - container, registry, identity -> vault/seal: encryption at rest
//   - dns, proxy -> container: addresses of published names
//
// Boot order: store, keys and containerd side by side (containerd reads exit
// codes left behind before it starts), then rooms, then unfinished operations,
// then listeners.
package cloud
