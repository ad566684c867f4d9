// Package argument is the parameters a deployment request brings for its template.
//
// It owns their forms, {"value": …}, {"reference": …} to a secret of a vault and {"expression": …} over external inputs, and
// those of parameter files. Secrets are fetched by the caller, who hands them in by [Set.Resolve]; external inputs come with
// the request, by [Set.Inputs].
//
// It does not know the template: which parameters there are, of what types, and what their defaults say. Errors are
// InvalidRequestContent with line and column.
package argument
