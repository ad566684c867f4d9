package containerd_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// pause is between two groups, as when a person makes them: shims run ahead again.
const pause = 400 * time.Millisecond

// BenchmarkStart measures from nothing to the first HTTP 200 of a new group
// with a public address, its image being there. Removing is not counted.
func BenchmarkStart(b *testing.B) {
	rt, _ := world(b)
	ctx := context.Background()
	hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	defer rt.Close()
	for i := 0; b.Loop(); i++ {
		id, address := fmt.Sprintf("bench-%d", i), netip.AddrFrom4([4]byte{127, 81, byte(i >> 8), byte(i)})
		spec := pod.SandboxSpec{ID: id, Address: address, Ports: []pod.Port{{Number: 8080}}}
		if _, err := rt.EnsureSandbox(ctx, spec); err != nil {
			b.Fatal(err)
		}
		ensured := time.Now()
		if _, err := rt.StartContainer(ctx, id, pod.ContainerSpec{Name: "web", Image: "program", Command: command("serve", "8080", "x")}); err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		for {
			resp, err := hc.Get("http://" + address.String() + ":8080/")
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				break
			}
			time.Sleep(time.Millisecond)
		}
		b.StopTimer()
		if i == 0 {
			b.Logf("start %v, first answer %v", started.Sub(ensured), time.Since(started))
		}
		if err := rt.RemoveSandbox(ctx, id); err != nil {
			b.Fatal(err)
		}
		time.Sleep(pause)
		b.StartTimer()
	}
}
