package httpd

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Hosts routes by host name. Exact names win over suffixes; among suffixes the
// longest wins. Names are lower case without port.
type Hosts struct {
	Exact  map[string]http.Handler // "management.lazuli.localhost"
	Suffix map[string]http.Handler // ".vault.lazuli.localhost": one label before it, or any number
}

// ServeHTTP hands r to the service of its host, or answers 404 HostNotFound.
func (h Hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := HostnameOf(r)
	if s, ok := h.Exact[host]; ok {
		s.ServeHTTP(w, r)
		return
	}
	for rest := host; ; {
		i := strings.IndexByte(rest, '.')
		if i < 0 {
			break
		}
		if s, ok := h.Suffix[rest[i:]]; ok {
			s.ServeHTTP(w, r)
			return
		}
		rest = rest[i+1:]
	}
	WriteError(w, r, azure.Errorf(azure.NotFound, azure.CodeHostNotFound, "No service of this cloud answers under the host name '%s'. Check the name and the cloud's domain.", host))
}
