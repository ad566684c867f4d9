package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// The bounds of what is sent.
const (
	workers    = 4
	queueBound = 1000    // events that workers may take up
	rowsBound  = 10000   // events that wait, on disk
	logBound   = 50      // events that a webhook's log keeps
	hooksBound = 1000    // webhooks whose logs are kept
	answerRead = 4 << 10 // bytes of an answer that the log keeps
	eachLimit  = 30 * time.Second
	lookEvery  = time.Minute // for events that the queue had no room for
)

// Retries are the pauses before a delivery is tried again.
var Retries = []time.Duration{time.Second, 10 * time.Second, time.Minute, 5 * time.Minute}

// Options are what a sender needs.
type Options struct {
	Store *store.Store // for what waits
	// Find gives the hook of an id as it is now; an error means that it is gone.
	Find      func(id string) (Hook, error)
	Transport http.RoundTripper
	Retries   []time.Duration // nil means [Retries]
	Log       *slog.Logger
	Now       func() time.Time
}

// Sender delivers events. Safe for concurrent use.
type Sender struct {
	o      Options
	client *http.Client
	rows   *store.Table[delivery]
	queue  chan delivery

	mu   sync.Mutex
	logs map[string][]Event // by the hook's id, oldest first
	held map[string]bool    // events in the queue, with a worker, or before a pause's end
}

// delivery is the row of an event that waits, by its id.
type delivery struct {
	Hook  string       `json:"hook"`
	Event EventContent `json:"event"`
	Tries int          `json:"tries,omitempty"`
	Due   time.Time    `json:"due"`

	unsaved bool // there is no row
}

// New makes a sender; [Sender.Run] delivers.
func New(o Options) *Sender {
	if o.Retries == nil {
		o.Retries = Retries
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{o: o, client: &http.Client{Transport: o.Transport, CheckRedirect: stay, Timeout: eachLimit}, queue: make(chan delivery, queueBound),
		rows: store.NewTable[delivery](o.Store, "registry/deliveries"), logs: map[string][]Event{}, held: map[string]bool{}}
}

// Run delivers until ctx ends, first what waited at an earlier end. What then
// waits is delivered by the next Run; what is on its way then comes twice.
func (s *Sender) Run(ctx context.Context) {
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				select {
				case d := <-s.queue:
					s.deliver(ctx, &wait, d)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		for _, it := range s.rows.List("", "", 0) {
			s.take(ctx, &wait, it.Value)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			wait.Wait()
			return
		}
	}
}

// Send writes down that an event is for a hook and gives the event's id. It does
// not wait for the delivery.
func (s *Sender) Send(ctx context.Context, h Hook, e EventContent) string {
	e.ID, e.Timestamp = uuid.NewString(), stamp(s.o.Now())
	d := delivery{Hook: h.ID, Event: e, Due: s.o.Now().UTC()}
	if s.rows.Len() >= rowsBound {
		s.o.Log.Warn("an event is lost: too many wait for webhooks", "webhook", h.ID, "event", e.ID)
		s.note(h, d, EventResponse{StatusCode: "0", ReasonPhrase: "Lost: too many events wait."})
		return e.ID
	}
	s.hold(d, true)
	if err := s.keep(ctx, d); err != nil {
		d.unsaved = true
		s.o.Log.Error("an event for a webhook does not survive a stop", "webhook", h.ID, "event", e.ID, "error", err)
	}
	s.enqueue(d)
	return e.ID
}

func (s *Sender) keep(ctx context.Context, d delivery) error {
	return s.o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return s.rows.Put(tx, store.K(d.Event.ID), d) })
}

// done forgets an event that needs no other try.
func (s *Sender) done(ctx context.Context, d delivery) {
	err := s.o.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return s.rows.Delete(tx, store.K(d.Event.ID)) })
	if err != nil {
		s.o.Log.Error("an event that was delivered to a webhook will be delivered again", "webhook", d.Hook, "event", d.Event.ID, "error", err)
	}
	s.hold(d, false)
}

// hold notes whether an event is looked after, and tells whether that is news.
func (s *Sender) hold(d delivery, held bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[d.Event.ID] == held {
		return false
	}
	if s.held[d.Event.ID] = held; !held {
		delete(s.held, d.Event.ID)
	}
	return true
}

// take looks after an event that waits on disk, unless it is looked after.
func (s *Sender) take(ctx context.Context, wait *sync.WaitGroup, d delivery) {
	if s.hold(d, true) {
		s.later(ctx, wait, d)
	}
}

// later queues a held event when it is due.
func (s *Sender) later(ctx context.Context, wait *sync.WaitGroup, d delivery) {
	pause := d.Due.Sub(s.o.Now())
	if pause <= 0 {
		s.enqueue(d)
		return
	}
	wait.Go(func() {
		select {
		case <-time.After(pause):
			s.enqueue(d)
		case <-ctx.Done():
		}
	})
}

// enqueue gives a held event to the workers; without room it waits on disk.
func (s *Sender) enqueue(d delivery) {
	select {
	case s.queue <- d:
	default:
		s.hold(d, false)
	}
}

// deliver tries once; what may work later waits beside the workers.
func (s *Sender) deliver(ctx context.Context, wait *sync.WaitGroup, d delivery) {
	if _, ok := s.rows.Get(store.K(d.Event.ID)); !ok && !d.unsaved {
		s.hold(d, false) // it was delivered while the rows were looked through
		return
	}
	h, err := s.o.Find(d.Hook)
	if err != nil { // it was deleted
		s.done(ctx, d)
		return
	}
	res, again := s.try(ctx, h, d)
	if again && ctx.Err() != nil {
		return // the next start tries again
	}
	s.note(h, d, res)
	if !again || d.Tries >= len(s.o.Retries) {
		s.done(ctx, d)
		return
	}
	d.Due = s.o.Now().UTC().Add(s.o.Retries[d.Tries])
	d.Tries++
	if err := s.keep(ctx, d); err != nil {
		s.o.Log.Warn("a stop forgets how often an event was tried", "webhook", d.Hook, "event", d.Event.ID, "error", err)
	}
	s.later(ctx, wait, d)
}

// try sends the event; again reports that another try may do better.
func (s *Sender) try(ctx context.Context, h Hook, d delivery) (res EventResponse, again bool) {
	failed := func(err error) EventResponse {
		return EventResponse{StatusCode: "0", ReasonPhrase: err.Error(), Headers: map[string]string{}}
	}
	body, err := json.Marshal(d.Event)
	if err != nil {
		return failed(err), false
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URI, bytes.NewReader(body))
	if err != nil {
		return failed(err), false
	}
	for k, v := range s.headers(h) {
		r.Header.Set(k, v)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return failed(cause(err)), true
	}
	defer func() { _ = answer.Body.Close() }() // only read from
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerRead))
	if err != nil {
		return failed(err), true
	}
	res = EventResponse{Content: string(text), Headers: map[string]string{}, ReasonPhrase: http.StatusText(answer.StatusCode),
		StatusCode: strconv.Itoa(answer.StatusCode), Version: fmt.Sprintf("%d.%d", answer.ProtoMajor, answer.ProtoMinor)}
	for k := range answer.Header {
		res.Headers[k] = answer.Header.Get(k)
	}
	return res, answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests
}

// cause is the error without the address, which is in the log's entry.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

func (s *Sender) headers(h Hook) map[string]string {
	all := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	for k, v := range h.Headers {
		all[k] = v
	}
	return all
}

// note writes the delivery into the hook's log. The values of custom headers,
// which are mostly credentials, are left out.
func (s *Sender) note(h Hook, d delivery, res EventResponse) {
	shown := s.headers(h)
	for k := range h.Headers {
		shown[k] = "***"
	}
	e := Event{ID: d.Event.ID, Request: EventRequest{Content: d.Event, Headers: shown, Method: http.MethodPost, URI: h.URI, Version: "1.1"}, Response: res}
	s.mu.Lock()
	defer s.mu.Unlock()
	all, known := s.logs[h.ID]
	if !known && len(s.logs) >= hooksBound {
		clear(s.logs)
	}
	if len(all) >= logBound {
		all = append(all[:0:0], all[1:]...)
	}
	s.logs[h.ID] = append(all, e)
}

// Events gives the log of a hook, newest first: one entry for each try.
func (s *Sender) Events(hook string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.logs[hook]
	out := make([]Event, 0, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		out = append(out, all[i])
	}
	return out
}

// Forget drops the log of a hook.
func (s *Sender) Forget(hook string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.logs, hook)
}
