// Package deployment runs Resource Manager templates: Microsoft.Resources/deployments at resource group, subscription,
// management group and tenant scope.
//
// It owns deployments, their operations and their history (800 a scope), validation, what-if, the export of a group, and the
// order in which resources are made. The language is that of [arm/template]; what a deployment does to resources goes through
// the hall's own door ([arm.Hall.Do]) as the caller, so names, roles, locks and the audit log bind exactly as for direct calls.
//
//	PUT -> read -> parse -> Key Vault references -> bind -> plan -> preflight -> stored, answered 201 -> run
//	run:  resources along the graph, in parallel; outputs; mode Complete removes the rest of the group
//
// # States
//
// Accepted, Running, then Succeeded, Failed or Canceled. Nothing is written before the template, the references, the types,
// the names, the api-versions and the caller's rights on every resource were checked. Each resource is an operation, stored
// before its request is sent and when it ended. After a restart [Service.Resume] plans again from what is stored and goes on:
// what succeeded is not sent again, what was under way is followed, or sent again since PUT is idempotent.
//
// # Secrets
//
// The values of Key Vault references are fetched for each run and never stored. Parameters given in clear, external inputs, and
// nested templates with secure values in them, are sealed while the deployment runs and gone when it ends; what is shown has
// none of them. Secure outputs of nested deployments stay sealed as long as the deployment is in the history, since parents ask
// for them: they are given by the action listOutputsWithSecureValues only. Error texts of resources are searched for these
// values.
//
// # Differences from Azure
//
// An api-version is known when its type lists it or it lies between the first that is listed
// and today. What-if compares what the template says with what GET shows; a property that only GET shows is no change, since
// resources fill in defaults. A request is limited to 4 MiB as a whole.
//
// It knows no room: a vault's secret comes through [Options].Secret.
package deployment
