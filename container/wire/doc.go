// Package wire has the shapes of Microsoft.ContainerInstance as clients send and
// read them, in the names of Azure's schema. It owns no rules and no state: what
// may be asked for is decided by package container, which reads these shapes.
package wire
