// Package container has az's commands for container groups: az container.
//
// It does not know: how containers run.
package container
