package cloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// gate holds the preparing of images until it is told to let one pass.
type gate struct {
	mu     sync.Mutex
	inside map[string]chan error
	left   map[string]bool // canceled
}

func (g *gate) prepare(ctx context.Context, name string) error {
	pass := make(chan error, 1)
	g.mu.Lock()
	g.inside[name] = pass
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.inside, name)
	}()
	select {
	case err := <-pass:
		return err
	case <-ctx.Done():
		g.mu.Lock()
		g.left[name] = true
		g.mu.Unlock()
		return ctx.Err()
	}
}

func (g *gate) pass(name string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c, ok := g.inside[name]; ok {
		c <- err
	}
}

// pushImage pushes an image that only its tag tells from others, and gives its name by digest.
func pushImage(t *testing.T, owner *cloudtest.Caller, host, registry, repo, tag string) string {
	t.Helper()
	config := fmt.Sprintf(`{"os":"linux","architecture":"amd64","author":%q}`, tag)
	owner.Do("POST", registry+".azurecr/v2/"+repo+"/blobs/uploads/?digest="+digest.FromString(config).String(), config, 201)
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[]}`,
		ocispec.MediaTypeImageManifest, ocispec.MediaTypeImageConfig, digest.FromString(config), len(config))
	if a := owner.Send("PUT", registry+".azurecr/v2/"+repo+"/manifests/"+tag, manifest, "Content-Type", ocispec.MediaTypeImageManifest); a.Status != 201 {
		t.Fatalf("push: %d %s", a.Status, a.Body)
	}
	return host + "/" + repo + "@" + digest.FromString(manifest).String()
}

func TestUnpackingOfPushedImagesIsSeenBoundedAndCanceled(t *testing.T) {
	g := &gate{inside: map[string]chan error{}, left: map[string]bool{}}
	c := cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{}), cloudtest.WithPrepare(g.prepare))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	for _, name := range []string{"unpacking", "doomed"} {
		owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/"+name, `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	}
	host := strings.TrimPrefix(c.Origin("unpacking.azurecr"), "https://")
	doomed := strings.TrimPrefix(c.Origin("doomed.azurecr"), "https://")
	var images []string
	for i := range 5 {
		images = append(images, pushImage(t, owner, host, "unpacking", "app", fmt.Sprintf("v%d", i)))
	}
	images = append(images, pushImage(t, owner, host, "unpacking", "gone", "v5"), pushImage(t, owner, doomed, "doomed", "app", "v6"))
	// states waits until the images are in these states, everywhere where that is seen.
	states := func(when string, want ...string) {
		t.Helper()
		var got []string
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			status, err := c.Cloud.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = make([]string, len(images))
			for _, u := range status.Unpacks {
				for i, image := range images {
					if u.Image == image && got[i] == "" {
						got[i] = u.State
					}
				}
			}
			if fmt.Sprint(got) == fmt.Sprint(want) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: the images are %v, want %v", when, got, want)
			}
		}
		count := map[string]int{}
		for _, s := range got {
			count[s]++
		}
		var text bytes.Buffer
		c.WriteMetrics(&text)
		for _, s := range []string{"Waiting", "Unpacking"} {
			if line := fmt.Sprintf("lazuli_unpacks{state=%q} %d\n", s, count[s]); !strings.Contains(text.String(), line) {
				t.Errorf("%s: the metrics lack %q", when, line)
			}
		}
		for i, image := range images[:5] {
			var shown struct{ Manifest struct{ UnpackState string } }
			a := owner.Send("GET", "unpacking.azurecr/acr/v1/app/_manifests/"+image[strings.Index(image, "@")+1:], "")
			if a.Status == 404 && want[i] == "Canceled" {
				continue
			}
			if err := json.Unmarshal([]byte(a.Body), &shown); err != nil || shown.Manifest.UnpackState != want[i] {
				t.Errorf("%s: the manifest of %d is %q, want %q", when, i, shown.Manifest.UnpackState, want[i])
			}
		}
	}
	states("two at a time", "Unpacking", "Unpacking", "Waiting", "Waiting", "Waiting", "Waiting", "Waiting")
	// Deleted: one that runs, one that waits, a whole repository, a whole registry.
	for _, i := range []int{0, 3} {
		owner.Do("DELETE", "unpacking.azurecr/v2/app/manifests/"+images[i][strings.Index(images[i], "@")+1:], "", 202)
	}
	owner.Do("DELETE", "unpacking.azurecr/acr/v1/gone", "", 202)
	owner.Do("DELETE", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/doomed", "", 200)
	states("deleted", "Canceled", "Unpacking", "Unpacking", "Canceled", "Waiting", "Canceled", "Canceled")
	g.mu.Lock()
	if !g.left[images[0]] || len(g.left) != 1 {
		t.Errorf("the work on %v was canceled, want that on the deleted one only", g.left)
	}
	g.mu.Unlock()
	g.pass(images[1], nil)
	g.pass(images[2], errors.New("it is a poem"))
	states("ended", "Canceled", "Ready", "Failed", "Canceled", "Unpacking", "Canceled", "Canceled")
	// Untagged is not deleted; pushed again it is begun again.
	owner.Do("DELETE", "unpacking.azurecr/v2/app/manifests/v4", "", 202)
	pushImage(t, owner, host, "unpacking", "app", "v2")
	pushImage(t, owner, host, "unpacking", "app", "v0")
	states("pushed again", "Waiting", "Ready", "Unpacking", "Canceled", "Unpacking", "Canceled", "Canceled")
	g.pass(images[2], nil)
	g.pass(images[4], nil)
	states("one left", "Unpacking", "Ready", "Ready", "Canceled", "Ready", "Canceled", "Canceled")
}
