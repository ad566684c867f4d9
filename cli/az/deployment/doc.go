// Package deployment has az's commands for template deployments at a resource
// group, a subscription, a management group and the tenant: az deployment.
//
// It does not know: the template language; the control plane reads it.
package deployment
