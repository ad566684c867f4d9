// Package resource has az's commands for resource groups and for resources of any
// kind: az group, resource, tag and lock.
//
// It does not know: what a resource is for.
package resource
