// Command slim is the shim alone, without the cloud it serves. It owns nothing
// but the choice who does runc's work: with cgo package direct, in this process;
// without, a runc that is started. See package shim.
package main
