// Command bench measures a cloud beside its peers on the same machine, in one run, and prints ratios.
//
//	make bench
//
// What it measures, and against what:
//
//   - from the call that creates a container to the first answer of its page: a container group over HTTPS with a token,
//     beside `docker run -d -p` and `podman run -d -p` of Debian and docker's own API, each with the same image, which was
//     pushed or loaded the moment before. Rounds are interleaved; each removes its container and waits for that.
//   - with `make bench-groups`: one group beside `runc run` of the same program, 40 groups made at once, and the memory an
//     idle group holds.
//   - reading and writing a secret, and giving out a token, by clients that keep their connections, beside a bare TLS
//     server in Go that answers the same bytes and does nothing else: the ceiling of client, TLS and machine.
//   - a warm `az keyvault secret show` with the built-in az, the whole process, beside the same with the real az.
//   - `lazuli up --detach` in an empty directory and in a used one, and the memory of the daemon ten seconds later.
//
// Everything runs in a sandbox: process, mount and network namespaces of its own, with /run, /var/lib and /dev/shm in
// memory. When the first process in there ends, the kernel ends the others and drops every mount, device and rule, so
// nothing stays even after a crash. Only cgroups and a directory below the temporary one are outside; they are removed.
// It takes about two minutes, never more than the time -limit gives, and needs root.
//
// Peers that are missing are installed with apt-get on Debian; where that cannot be done, the table says which comparison
// is left out. Goals are printed as facts: the exit code is 0 unless something could not be measured. The raw numbers go to
// the file -json names.
package main
