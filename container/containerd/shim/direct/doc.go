// Package direct does what the low-level runtime does for a container's start
// and end, in the shim's own process: runc's create, start, kill and delete
// through runc's own library, at the same version and with the same files on
// disk. A program that runs for each of them costs the start of a group a third
// of its time, nearly all of it loading that program.
//
// It stands where containerd's shim starts processes ([runc.ProcessMonitor]):
// command lines it knows are done here, all others (exec, pause, a console, a
// runc or crun of the user's own) are started as ever. Because state and exit
// codes are the same files, either may continue what the other began.
//
// The process that becomes the container is still a fresh one: libcontainer
// starts a sealed copy of this binary with the argument "init", so whoever
// links this package must call [Init] first thing in main. It needs cgo.
//
// It knows nothing of containerd's tasks, nor of Lazuli.
package direct
