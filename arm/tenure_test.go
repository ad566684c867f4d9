package arm_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// cluster starts an etcd that several processes may share.
func cluster(t *testing.T) string {
	t.Helper()
	c := embed.NewConfig()
	c.Name, c.Dir, c.TickMs, c.ElectionMs = "one", t.TempDir(), 10, 50
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	c.ListenPeerUrls = nil
	c.ListenClientUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	c.AdvertiseClientUrls, c.AdvertisePeerUrls = c.ListenClientUrls, []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	e, err := embed.StartEtcd(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	<-e.Server.ReadyNotify()
	return "http://" + e.Clients[0].Addr().String()
}

// process is one of several on an etcd cluster.
func process(t *testing.T, etcd string) *world {
	t.Helper()
	w := openWith(t, store.Options{Endpoints: []string{etcd}}, arm.Options{Tenure: time.Second})
	if err := w.hall.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// Of several processes one does each operation, and another takes it up only when that one has ended.
func TestOneProcessDoesEachOperation(t *testing.T) {
	etcd := cluster(t)
	a := process(t, etcd)
	if err := a.hall.CreateSubscription(t.Context(), sub, "Test"); err != nil {
		t.Fatal(err)
	}
	assign(t, a, "33333333-3333-4333-8333-333333333331", authz.RoleOwner, "owner", azure.ResourceID{Subscription: sub})
	b, c := process(t, etcd), process(t, etcd)
	one := rg + "/providers/Contoso.Test/widgets/w1"
	a.do("owner", "PUT", rg, `{"location":"eastus"}`, 201)
	made := a.do("owner", "PUT", one, `{"location":"eastus","properties":{"size":1}}`, 201)
	status, _ := strings.CutPrefix(made.Get("Azure-AsyncOperation"), a.server.URL)
	<-a.widgets.running
	d := process(t, etcd) // a start does not take up what another process does
	select {
	case <-b.widgets.running:
		t.Error("b does what a does")
	case <-c.widgets.running:
		t.Error("c does what a does")
	case <-d.widgets.running:
		t.Error("d does what a does")
	case <-time.After(2200 * time.Millisecond): // longer than the tenure
	}
	a.close()
	var heir *world
	select {
	case <-b.widgets.running:
		heir = b
	case <-c.widgets.running:
		heir = c
	case <-d.widgets.running:
		heir = d
	case <-time.After(10 * time.Second):
		t.Fatal("nobody takes up what a left")
	}
	select {
	case <-b.widgets.running:
		t.Error("two take it up")
	case <-c.widgets.running:
		t.Error("two take it up")
	case <-d.widgets.running:
		t.Error("two take it up")
	case <-time.After(700 * time.Millisecond):
	}
	heir.widgets.gate <- nil
	if body := b.poll(b.server.URL + status); !strings.Contains(body, "Succeeded") {
		t.Errorf("it ended so: %s", body)
	}
}
