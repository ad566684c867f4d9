// Package template is the language of Resource Manager templates: it reads a template, binds parameters, and makes a plan,
// the expanded resources in the order their dependencies ask for.
//
// The steps, each with its errors:
//
//	t, err := template.Parse(text, template.Limits{})   // grammar, structure, functions and where they may stand
//	args, err := argument.Parse(parameters)             // values and Key Vault references of the request
//	args.Resolve("pw", secret)                          // for each of args.References()
//	bound, err := template.Bind(t, args, context)       // types, constraints, defaults
//	plan, err := bound.Plan()                           // loops, conditions, names, ids, graph
//	body, err := plan.Resources[0].Body(ctx, runtime)   // when the resource is about to be sent
//	outputs, err := plan.Outputs(ctx, runtime)          // when all have been
//
// It is pure: no input or output, no clock, no store. What a running deployment knows comes in by [Runtime], everything
// else by [Context]. A Template, a Bound and a Plan are safe for concurrent use once made.
//
// Implicit dependencies are found by evaluating each body once with unknown values in place of run-time functions; this
// also finds most mistakes before anything is sent, and gives the body for a preview.
//
// Nested deployments are resources of the plan like others. With inner scope their template passes unchanged; with outer
// scope it leaves with the parent's values filled in, its loops expanded and literals escaped, so that reading it again
// changes nothing. The caller runs them by the same steps.
//
// Errors are *azure.Error, mostly InvalidTemplate, with line and column (both from 1, columns in characters, at the start
// of the value) in the message or in additionalInfo.
//
// Secure values (of secure types, and whatever comes from a vault) never appear in errors, in [Bound.Parameters] or in
// the Value of an [Output], which has them apart. The places of a body that hold such a value, or the answer of a list function, are in [Body.Secrets].
//
// Different from Azure:
//   - an output of a plain type whose expression uses a secure value has no value either;
//   - a parameter of a user-defined type with a secure type anywhere inside is secure as a whole;
//   - loops inside a nested template of outer scope are expanded by the parent; serial ones become dependencies between the
//     resources;
//   - there are no availability zones: pickZones() gives none, mapping a zone fails;
//   - of extensions there is AzureResourceManager only, of the options of a resource onlyIfNotExists;
//   - an assert that does not hold refuses the deployment;
//   - months and years of dateTimeAdd are those of the calendar.
package template
