package arm_test

import (
	"fmt"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// A rehearsal tells of each PUT what it would be refused for, leaves nothing behind, and is not too large for a cluster, which
// takes small transactions only.
func TestRehearsalLeavesNothing(t *testing.T) {
	for name, where := range map[string]store.Options{"embedded": {Dir: t.TempDir()}, "cluster": {Endpoints: []string{cluster(t)}}} {
		t.Run(name, func(t *testing.T) {
			w := openWith(t, where, arm.Options{})
			if err := w.hall.CreateSubscription(t.Context(), sub, "Test"); err != nil {
				t.Fatal(err)
			}
			assign(t, w, "33333333-3333-4333-8333-333333333331", authz.RoleOwner, "owner", azure.ResourceID{Subscription: sub})
			w.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
			const version = "?api-version=2024-11-01"
			var puts []arm.Rehearsal
			for i := range 300 {
				size := 1
				if i == 77 {
					size = -1
				}
				puts = append(puts, arm.Rehearsal{Target: fmt.Sprint(rg, "/providers/Contoso.Test/widgets/w", i, version), Body: fmt.Appendf(nil, `{"location":"eastus","properties":{"size":%d}}`, size)})
			}
			puts = append(puts, arm.Rehearsal{Target: "/subscriptions/" + sub + "/resourceGroups/new" + version, Body: []byte(`{"location":"westus"}`)},
				arm.Rehearsal{Target: "/subscriptions/" + sub + "/resourceGroups/new/providers/Contoso.Test/widgets/inside" + version, Body: []byte(`{"location":"eastus"}`)})
			refusals, err := w.hall.Rehearse(t.Context(), principals["owner"], puts)
			if err != nil || len(refusals) != len(puts) {
				t.Fatalf("%d refusals, %v", len(refusals), err)
			}
			for i, err := range refusals {
				if (i == 77) != azure.HasCode(err, azure.CodeInvalidRequestContent) || i != 77 && err != nil {
					t.Errorf("%d: %v", i, err)
				}
			}
			w.do("owner", "GET", rg+"/resources", "", 200, `"value":[]`)
			w.do("owner", "GET", "/subscriptions/"+sub+"/resourceGroups/new", "", 404)
		})
	}
}
