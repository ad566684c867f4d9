// Package cli is the command line: one file a command. It reads flags and the
// environment, talks to a cloud only through client/, and prints. `lazuli up`
// runs the cloud itself through the function main hands over in [Hooks].
//
// Exit codes: 0 done, 1 failed, 2 wrong usage. Errors go to stderr as
// "error: ..." and, where there is a next step, "hint: ...". --json where output
// is data.
//
// It does not know: rooms, stores, or how a cloud is wired.
package cli
