// Package debian asks the machine which Debian it is and installs packages with its own apt.
//
// It owns nothing: no sources, no keys, no lists. Packages come from the mirrors the machine is configured with, without
// the recommended ones, and only those that are missing are asked for. It serves the other tools, not Lazuli itself.
package debian
