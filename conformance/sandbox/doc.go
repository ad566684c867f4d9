// Package sandbox runs a benchmark in process, mount and network namespaces of its own, with /run, /var/lib and /dev/shm in
// memory. When the first process in there ends, the kernel ends the others and drops every mount, device and rule, so nothing
// stays even after a crash. Cgroups alone are outside; they are removed.
//
// It does not know what is measured.
package sandbox
