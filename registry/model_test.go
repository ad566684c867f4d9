package registry_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

// pusher is one client of TestTheCollectorAgainstAModel: what it believes to be
// in the registry under the tags that only it moves.
type pusher struct {
	w     *world
	auth  string
	id    int
	rand  *rand.Rand
	truth map[string]string // manifest by "repository:tag"
}

// layer is one of a few contents, so that clients share them.
func layer(i int) string { return fmt.Sprintf("layer %d %s", i, strings.Repeat("x", 500)) }

// push pushes an image with layers that others push, mount and let go of at the
// same time. A blob that was collected before its manifest came is pushed again,
// as a client does that is told so.
func (p *pusher) push(repo, tag string) {
	layers := []string{layer(p.rand.IntN(8)), layer(p.rand.IntN(8))}
	var parts []string
	for _, l := range layers {
		parts = append(parts, fmt.Sprintf(`{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":%q,"size":%d}`, digest.FromString(l), len(l)))
	}
	config := fmt.Sprintf(`{"author":"%d"}`, p.id)
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},"layers":[%s],"annotations":{"by":"%d %d"}}`,
		imageType, digest.FromString(config), len(config), strings.Join(parts, ","), p.id, p.rand.Uint64())
	for range 20 {
		for _, data := range append(layers, config) {
			p.blob(repo, data)
		}
		a := p.w.at("shop1", p.auth, "PUT", "/v2/"+repo+"/manifests/"+tag, manifest, "Content-Type", imageType)
		if a.status == 201 {
			p.truth[repo+":"+tag] = manifest
			return
		}
		if a.status != 400 || !strings.Contains(a.body, "MANIFEST_BLOB_UNKNOWN") {
			p.w.t.Errorf("push: %d %s", a.status, a.body)
			return
		}
	}
}

// blob brings a blob in: it looks first, mounts, or sends.
func (p *pusher) blob(repo, data string) {
	d := digest.FromString(data).String()
	if p.rand.IntN(2) == 0 && p.w.at("shop1", p.auth, "HEAD", "/v2/"+repo+"/blobs/"+d, "").status == 200 {
		return
	}
	if p.rand.IntN(2) == 0 && p.w.at("shop1", p.auth, "POST", "/v2/"+repo+"/blobs/uploads/?mount="+d+"&from="+p.repo(), "").status == 201 {
		return
	}
	if a := p.w.at("shop1", p.auth, "POST", "/v2/"+repo+"/blobs/uploads/?digest="+d, data); a.status != 201 {
		p.w.t.Errorf("blob: %d %s", a.status, a.body)
	}
}

func (p *pusher) repo() string { return fmt.Sprintf("repo%d", p.rand.IntN(3)) }

// step does one thing to one of the client's tags.
func (p *pusher) step() {
	repo, tag := p.repo(), fmt.Sprintf("t%d-%d", p.id, p.rand.IntN(3))
	old := p.truth[repo+":"+tag]
	switch p.rand.IntN(4) {
	case 0:
		reference := tag
		if old != "" && p.rand.IntN(2) == 0 {
			reference = digest.FromString(old).String()
		}
		want := map[bool]int{true: 202, false: 404}[old != ""]
		if a := p.w.at("shop1", p.auth, "DELETE", "/v2/"+repo+"/manifests/"+reference, ""); a.status != want {
			p.w.t.Errorf("delete of %s:%s: %d, want %d", repo, reference, a.status, want)
		}
		delete(p.truth, repo+":"+tag)
	case 1:
		p.check(repo+":"+tag, old)
	default:
		p.push(repo, tag)
	}
}

// check pulls what the client believes in, whole.
func (p *pusher) check(name, manifest string) {
	repo, tag, _ := strings.Cut(name, ":")
	a := p.w.at("shop1", p.auth, "GET", "/v2/"+repo+"/manifests/"+tag, "")
	if manifest == "" {
		if a.status != 404 {
			p.w.t.Errorf("%s is deleted and answers %d", name, a.status)
		}
		return
	}
	if a.status != 200 || a.body != manifest {
		p.w.t.Errorf("%s: %d %s", name, a.status, a.body)
	}
	for i := range 8 {
		if d := digest.FromString(layer(i)).String(); strings.Contains(manifest, d) {
			if a := p.w.at("shop1", p.auth, "GET", "/v2/"+repo+"/blobs/"+d, ""); a.status != 200 || a.body != layer(i) {
				p.w.t.Errorf("%s lost %s: %d", name, d, a.status)
			}
		}
	}
}

// TestTheCollectorAgainstAModel: whatever clients push, mount and delete while
// the sweep and the collector run, every image that was acknowledged and not
// deleted is there whole, and in the end nothing else is.
func TestTheCollectorAgainstAModel(t *testing.T) { everywhere(t, theCollectorAgainstAModel) }

func theCollectorAgainstAModel(t *testing.T, w *world) {
	admin := basic("shop1", w.registry("shop1")[0])
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var clients []*pusher
	var wait, collecting sync.WaitGroup
	done := make(chan struct{})
	collecting.Go(func() {
		for round := 0; ; round++ {
			select {
			case <-done:
				return
			default:
				if round < 22 { // after a day uploads would be purged, which real time does not bring about
					w.later(61 * time.Minute) // whatever no manifest names is old
				}
				w.sweep()
				w.collect()
				time.Sleep(5 * time.Millisecond)
			}
		}
	})
	for i := range 4 {
		p := &pusher{w: w, auth: admin, id: i, rand: rand.New(rand.NewPCG(seed, uint64(i))), truth: map[string]string{}}
		clients = append(clients, p)
		wait.Go(func() {
			for range 25 {
				p.step()
			}
		})
	}
	wait.Wait()
	close(done)
	collecting.Wait()
	for _, p := range clients {
		for name, manifest := range p.truth {
			p.check(name, manifest)
		}
	}
	for _, repo := range []string{"repo0", "repo1", "repo2"} {
		w.at("shop1", admin, "DELETE", "/acr/v1/"+repo, "")
	}
	w.sweep()
	w.collect()
	if n := w.files(); n != 0 {
		t.Errorf("%d files are left of nothing", n)
	}
}
