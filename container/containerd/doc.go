// Package containerd runs container groups on this machine by containerd 2 in
// this process, a shim per group, and runc.
//
// It owns everything under [Options.Dir]: containerd's root and state, pinned
// network namespaces, the record and logs of each group, runc and the shim's
// link. Nothing listens on the network; the sockets are unix sockets, and the
// client talks to the services in memory.
//
// # The shim
//
// A group's containers are held by a process of their own, the shim, which
// outlives the daemon and keeps them and their logs running. It is extracted
// from this binary; a binary built without it is the shim itself, which is why
// main must call [Main] before anything else.
//
// # What survives what
//
// A killed daemon: containers run on; [Open] adopts them. Containers that
// ended meanwhile left their exit code in their bundle; containerd deletes that
// when it starts, so Open reads all of them first. A killed shim: containerd
// kills its group's containers, which are reported as ended by SIGKILL. A
// restarted machine: running containers are reported with
// [pod.LostExitCode]; addresses and logs are kept.
//
// A container's snapshot, task and cgroup go as soon as it ends; what stays is
// its record and its log, until it is removed or started again.
//
// # Logs
//
// Processes write into a file by way of the shim (a FIFO would block them while
// the daemon is away). The daemon copies and truncates it at 4 MiB and keeps
// one older part. A line written in the instant between copy and truncation is
// lost. Times of lines are those at which the daemon saw them, a few
// milliseconds late; for lines written while it was away, the end of that time.
//
// # Isolation
//
// Default seccomp profile, containerd's default capabilities, no new
// privileges, masked and read-only paths, read-only cgroups, limits on
// processes, memory and CPU, no host paths but the mounts asked for. Networks
// are described in package network.
//
// It knows nothing of ARM resources, registries of ours, or restart policies.
package containerd
