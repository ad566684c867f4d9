// Package proxy is the cloud's own HTTP proxy: with HTTPS_PROXY and HTTP_PROXY set to it, clients reach the
// cloud's names without DNS, a hosts file or port 443.
//
// It serves CONNECT tunnels and plain requests in absolute form, streamed and upgraded ones included. For
// each it asks [Options.Route] whether the name is the cloud's; such requests go to the address given.
// Every other name is refused unless AllowOutside is set; then it is reached directly or through
// another proxy.
//
// It is no way into the machine. Only loopback peers are served unless told otherwise, and a name that
// is not the cloud's never leads to a loopback, unspecified, link-local or multicast address, whatever DNS says
// of it: services bound to 127.0.0.0/8 count on being reachable by local programs alone, and a proxy that
// connects there would lend that standing to everyone who can reach or fool the proxy. The addresses are
// checked after they have been resolved, when the connection is made.
//
// The package looks at no payload, ends no TLS, and does not know what the cloud's names are.
package proxy
