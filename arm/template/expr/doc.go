// Package expr is the expression language of Resource Manager templates: what stands between the brackets of
// "[concat('a', parameters('b'))]".
//
// It owns the grammar ([Parse], [Print]), the values ([Object] and plain Go values), the evaluator ([Frame]) and every
// function whose result follows from its arguments. Functions that depend on a deployment (parameters, variables,
// reference, list..., resourceGroup, copyIndex and so on) are known here by name and arity and answered by the [Host].
//
// Values are nil, bool, int64, float64, string, []any and *Object; an [Unknown] stands for what only a running deployment
// can know and makes everything computed from it unknown too. Values are never changed once made, so they are shared.
// Strings count in UTF-16 units where Azure counts characters.
//
// Evaluation always ends: there are no loops but those over finite values, user functions nest at most 64 deep, and each
// [Budget] bounds steps and the size of what is built.
//
// The package does not know templates, resources, JSON positions or errors of the wire: it returns *Error, whose text the
// template package places.
package expr
