// Package acr has az's commands for container registries: az acr. The control
// plane's part goes through the hall like any resource; repositories and
// manifests are asked of the registry itself, with its own tokens.
//
// It does not know: how images are stored or pushed.
package acr
