// Package pod is the language the container room and its runtimes speak:
// sandboxes, containers, images and streams, in the terms of Kubernetes' CRI.
//
// A sandbox is what Azure calls a container group: one set of namespaces, one
// address, one host name, shared by the containers started in it. The room
// decides what should run, in which order and how often it is restarted; a
// runtime only does what it is told, at once, and reports what it sees. Hence:
//
//   - every call is idempotent: repeating it after a crash is always right;
//   - a runtime restarts nothing by itself and keeps no desired state;
//   - a runtime's own records outlive the daemon. After a restart
//     [Sandboxes.ListSandboxes] and [Containers.Statuses] tell what is left,
//     with the exit codes of containers that ended while nobody watched.
//
// Runtimes are container/containerd (processes on this machine) and
// container/fake (goroutines, for tests). container/runtimetest is the suite
// both pass, and the precise form of every promise made here.
//
// The package knows nothing of ARM resources, registries' rights, restart
// policies or DNS labels, and nothing of containerd.
package pod
