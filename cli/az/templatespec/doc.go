// Package templatespec has az's commands for templates that are kept as
// resources: az ts.
//
// It does not know: how they are deployed.
package templatespec
