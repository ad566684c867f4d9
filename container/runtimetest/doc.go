// Package runtimetest is the suite that every container runtime passes: what
// package pod promises, as tests. Containers run the program of
// runtimetest/program; [Build] makes its image's only file.
package runtimetest
