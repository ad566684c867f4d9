// Package measure is what the benchmarks share: a report with medians, ratios and goals, a client that drives a server with
// prepared requests, and what the kernel says of a process.
//
// It knows nothing of what is measured.
package measure
