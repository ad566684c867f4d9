// Package outbound makes the connections that users make a registry open: to the
// targets of webhooks and to the registries that images are imported from.
//
// A user names the address, so the address must not be one that only this
// machine may reach: loopback (where the cloud's own doors and container groups
// are), link-local (where clouds keep metadata services), and what is no unicast
// address. The check is made on the IP that is dialed, after the name was
// resolved, so that no name and no redirect gets around it. Private networks are
// allowed: an organisation's own registry is there.
//
// It does not know what is sent.
package outbound
