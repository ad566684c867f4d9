package registry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/registry"
	"github.com/lazuli-cloud/lazuli/registry/outbound"
	"github.com/lazuli-cloud/lazuli/registry/webhook"
)

// run runs the registries' background work until stop, or the test's end.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	service := w.service
	go func() { defer close(done); _ = service.Run(ctx) }()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return stop
}

type received struct {
	webhook.EventContent
	auth string
}

// receiver takes events; it refuses the first of each id.
func receiver(t *testing.T) (*httptest.Server, <-chan received) {
	got, seen := make(chan received, 100), map[string]int{}
	var busy = make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		busy <- struct{}{}
		defer func() { <-busy }()
		var e received
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &e.EventContent); err != nil {
			t.Errorf("%v: %s", err, data)
		}
		e.auth = r.Header.Get("X-Secret")
		if seen[e.ID]++; seen[e.ID] == 1 {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		got <- e
	}))
	t.Cleanup(s.Close)
	return s, got
}

func next(t *testing.T, from <-chan received) received {
	t.Helper()
	select {
	case e := <-from:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event came")
		return received{}
	}
}

func TestWebhooksAreToldAndToldAgain(t *testing.T) {
	w := startWith(t, outbound.New(outbound.Options{AllowLocal: true}), nil)
	admin := basic("shop1", w.registry("shop1")[0])
	w.run()
	s, events := receiver(t)
	hook := prov + "shop1/webhooks/builds"
	make := func(properties string, status int, texts ...string) answer {
		t.Helper()
		return w.arm("owner", "PUT", hook, `{"location":"eastus","properties":`+properties+`}`, status, texts...)
	}
	make(`{"serviceUri":"ftp://x","actions":["push"]}`, 400, "serviceUri")
	make(`{"serviceUri":"`+s.URL+`","actions":["explode"]}`, 400, "explode")
	make(`{"serviceUri":"`+s.URL+`","actions":[]}`, 400, "actions")
	make(`{"serviceUri":"`+s.URL+`","actions":["push"],"customHeaders":{"A\r\nB":"x"}}`, 400, "header")
	a := make(`{"serviceUri":"`+s.URL+`/in","customHeaders":{"X-Secret":"hush"},"actions":["push","delete"],"scope":"app:*"}`, 201, `"status":"enabled"`, `"scope":"app:*"`)
	if strings.Contains(a.body, "hush") || strings.Contains(a.body, s.URL) {
		t.Fatalf("the webhook shows its secret: %s", a.body)
	}
	w.arm("owner", "POST", hook+"/getCallbackConfig", "", 200, "hush", s.URL)
	w.arm("reader", "POST", hook+"/getCallbackConfig", "", 403)

	var ping registry.EventInfo
	w.arm("owner", "POST", hook+"/ping", "", 200).json(&ping)
	if e := next(t, events); e.ID != ping.ID || e.Action != "ping" || e.auth != "hush" {
		t.Fatalf("ping: %+v", e)
	}
	w.image("shop1", admin, "other", "v1", "layer") // out of scope
	image := w.image("shop1", admin, "app", "v1", "layer")
	d := digest.FromString(image).String()
	e := next(t, events)
	if e.Action != "push" || e.Target.Repository != "app" || e.Target.Tag != "v1" || e.Target.Digest != d || e.Target.Size != int64(len(image)) || e.Request.Host != w.host("shop1") || e.Request.Method != "PUT" {
		t.Fatalf("push: %+v %+v %+v", e, e.Target, e.Request)
	}
	w.arm("owner", "PATCH", hook, `{"properties":{"status":"disabled"}}`, 200, `"disabled"`)
	w.image("shop1", admin, "app", "v2", "unseen")
	w.arm("owner", "PATCH", hook, `{"properties":{"status":"enabled"}}`, 200)
	w.restart()
	w.run()
	w.at("shop1", admin, "DELETE", "/acr/v1/app/_tags/v1", "").want(202)
	if e := next(t, events); e.Action != "delete" || e.Target.Tag != "v1" || e.auth != "hush" {
		t.Fatalf("untag: %+v", e)
	}
	w.at("shop1", admin, "DELETE", "/v2/app/manifests/"+d, "").want(202)
	if e := next(t, events); e.Action != "delete" || e.Target.Digest != d {
		t.Fatalf("delete: %+v", e)
	}
	// The log has each try, newest first, without the secret.
	var log struct{ Value []webhook.Event }
	a = w.arm("owner", "POST", hook+"/listEvents", "", 200)
	a.json(&log)
	if len(log.Value) < 3 || log.Value[len(log.Value)-1].Response.StatusCode != "503" || strings.Contains(a.body, "hush") {
		t.Fatalf("log: %s", a.body)
	}
	w.arm("owner", "DELETE", hook, "", 200)
	w.arm("owner", "GET", hook, "", 404)
	select {
	case e := <-events:
		t.Fatalf("an event too many: %+v", e)
	default:
	}
}

// Users name the addresses, so the machine's own are refused.
func TestWebhooksDoNotReachThisMachine(t *testing.T) {
	w := start(t)
	w.registry("shop1")
	w.run()
	s, events := receiver(t)
	for i, uri := range []string{s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), strings.Replace(s.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), "http://169.254.169.254/metadata"} {
		hook := fmt.Sprintf("%sshop1/webhooks/hook%d", prov, i)
		w.arm("owner", "PUT", hook, fmt.Sprintf(`{"location":"eastus","properties":{"serviceUri":%q,"actions":["push"]}}`, uri), 201)
		w.arm("owner", "POST", hook+"/ping", "", 200)
		for tries := 0; ; tries++ {
			if a := w.arm("owner", "POST", hook+"/listEvents", "", 200); strings.Contains(a.body, "must not be") {
				break
			} else if tries > 500 {
				t.Fatalf("%s: %s", uri, a.body)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	select {
	case e := <-events:
		t.Fatalf("it got through: %+v", e)
	default:
	}
}

// What a client was told is done is told to webhooks, too, whenever the cloud stops.
func TestWebhooksAreToldAfterARestart(t *testing.T) {
	w := startWith(t, outbound.New(outbound.Options{AllowLocal: true}), nil)
	admin := basic("shop1", w.registry("shop1")[0])
	w.retries = []time.Duration{10 * time.Millisecond, time.Hour}
	w.restart()
	refused := make(chan string, 10)
	away := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		refused <- r.URL.Path
		http.Error(rw, "not now", http.StatusServiceUnavailable)
	}))
	t.Cleanup(away.Close)
	hook := prov + "shop1/webhooks/builds"
	w.arm("owner", "PUT", hook, `{"location":"eastus","properties":{"serviceUri":"`+away.URL+`","actions":["push"]}}`, 201)
	w.arm("owner", "PUT", prov+"shop1/webhooks/doomed", `{"location":"eastus","properties":{"serviceUri":"`+away.URL+`/doomed","actions":["push"]}}`, 201)
	w.image("shop1", admin, "app", "tried", "layer")
	stop := w.run()
	for range 4 { // both, and both again; the next time is an hour away
		select {
		case <-refused:
		case <-time.After(10 * time.Second):
			t.Fatal("the webhook was not told")
		}
	}
	stop()
	w.image("shop1", admin, "app", "untried", "layer") // while nobody delivers
	w.restart()
	s, events := receiver(t)
	w.arm("owner", "PATCH", hook, `{"properties":{"serviceUri":"`+s.URL+`"}}`, 200)
	w.arm("owner", "DELETE", prov+"shop1/webhooks/doomed", "", 200)
	w.retries = []time.Duration{10 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond}
	w.later(2 * time.Hour)
	w.restart()
	stop = w.run()
	got := map[string]bool{next(t, events).Target.Tag: true, next(t, events).Target.Tag: true}
	if !got["tried"] || !got["untried"] {
		t.Errorf("told of %v, want of both pushes", got)
	}
	for tries := 0; strings.Count(w.arm("owner", "POST", hook+"/listEvents", "", 200).body, `"statusCode":"200"`) < 2; tries++ {
		if tries > 500 { // a stop before the answer would be right to tell again
			t.Fatal("the answers of the receiver do not come into the log")
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	w.restart()
	w.run()
	select {
	case e := <-events:
		t.Errorf("told again: %+v", e)
	case path := <-refused:
		t.Errorf("told %q, whose webhook was deleted or changed", path)
	case <-time.After(200 * time.Millisecond):
	}
}
