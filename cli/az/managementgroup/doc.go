// Package managementgroup has az's commands for the tree above subscriptions: az
// account management-group.
//
// It does not know: deployments and roles at management groups.
package managementgroup
