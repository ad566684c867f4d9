// Package filter keeps libseccomp from compiling the same filter at every
// start, which takes a third of what happens between a container's creation and
// its first instruction (13 ms for the default profile).
//
// It stands between runc's library and libseccomp: the linker gives it the calls
// that build a filter (option --wrap). [Record] writes down these calls and the
// program libseccomp makes of them. A process that was given such a record by
// [Follow] compares each call with it, to the last bit, and as long as they are
// the same keeps them back; when all have come it hands out the program. At the
// first other call it makes up for what it kept back, and libseccomp does the
// rest: the filter is the one it would have been, in either case.
//
// A record is worth what the program is worth that it was made by: keep it beside
// that program, writable by nobody else, and make it again for every new one.
//
// It needs cgo and the tag seccomp, as runc's library does; without them nothing
// is recorded, nor followed. It knows nothing of containers.
package filter
