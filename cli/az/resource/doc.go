// Package resource has az's commands for resource groups: az group.
//
// It does not know: what the resources in a group are.
package resource
