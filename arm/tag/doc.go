// Package tag is the part of Microsoft.Resources about tags: those of one scope
// (a subscription, a group, a resource) as a resource of its own,
// {scope}/providers/Microsoft.Resources/tags/default, and the names and values of
// tags that a subscription predefines or its resources have (tagNames).
// Api-version 2024-11-01.
//
// It owns predefined names and values. It does not know how resources keep their
// tags: the hall does.
package tag
