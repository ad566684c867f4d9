package registry

import (
	"context"
	"net/http"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// children are the child types that clients list as a matter of course
// (terraform reads the replications of every registry). This cloud makes none,
// so the lists are empty, and making one is refused.
var children = []string{"replications", "cacheRules", "credentialSets", "privateEndpointConnections"}

func childCalls() (calls []arm.Call) {
	for _, kind := range children {
		list := func(context.Context, *arm.CallRequest, httpd.None) (azure.Page[struct{}], error) {
			return azure.NewPage[struct{}](nil, ""), nil
		}
		missing := func(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
			return httpd.None{}, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The registry '%s' has no %s '%s'.", r.ID.Name(), kind, r.Values["name"])
		}
		refuse := func(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
			return httpd.None{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The registry '%s' cannot have %s: this cloud does not implement them.", r.ID.Name(), kind)
		}
		calls = append(calls,
			arm.Do(http.MethodGet, kind, authz.Control(Type+"/"+kind+"/read"), list),
			arm.Do(http.MethodGet, kind+"/{name}", authz.Control(Type+"/"+kind+"/read"), missing),
			arm.Do(http.MethodPut, kind+"/{name}", authz.Control(Type+"/"+kind+"/write"), refuse))
	}
	return calls
}
