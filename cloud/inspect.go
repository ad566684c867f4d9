package cloud

import (
	"crypto/tls"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry"
)

// Tables lists every row that the host names of the cloud serve, by plane:
// "management", "login", "graph", "vault", "registry" and "sessions". What tests and the
// API document say of the cloud is drawn from it. The portal's pages and the
// container groups' own ports have no rows: the former hold nothing, the
// latter are the users'.
func (c *Cloud) Tables() map[string][]httpd.Row {
	return map[string][]httpd.Row{
		"management": c.rooms.hall.Rows(),
		"login":      c.rooms.oauth.Plane().Table(),
		"graph":      c.rooms.graph.Plane().Table(),
		"vault":      c.rooms.vault.Plane().Table(),
		"registry":   registry.Table(),
		"sessions":   c.rooms.consoles.Plane().Table(),
	}
}

// TLS is the configuration of a listener for [Cloud.Handler]: a certificate of
// the cloud's own authority for every host name of the domain.
func (c *Cloud) TLS() *tls.Config { return c.ca.Config() }

// SignIn makes a password that signs the first user in once, within a minute.
// Whoever may call it is the cloud's operator.
func (c *Cloud) SignIn() client.SignIn {
	return client.SignIn{User: c.first.UPN, Password: c.directory.OneTimePassword(c.first.UserObjectID).Reveal()}
}
