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
)

// The bounds of what is sent.
const (
	workers    = 4
	queueBound = 1000    // events that wait
	logBound   = 50      // events that a webhook's log keeps
	hooksBound = 1000    // webhooks whose logs are kept
	answerRead = 4 << 10 // bytes of an answer that the log keeps
	eachLimit  = 30 * time.Second
)

// Retries are the pauses before a delivery is tried again.
var Retries = []time.Duration{time.Second, 10 * time.Second, time.Minute, 5 * time.Minute}

// Options are what a sender needs.
type Options struct {
	Transport http.RoundTripper
	Retries   []time.Duration // nil means [Retries]
	Log       *slog.Logger
	Now       func() time.Time
}

// Sender delivers events. Safe for concurrent use.
type Sender struct {
	o      Options
	client *http.Client
	queue  chan delivery

	mu   sync.Mutex
	logs map[string][]Event // by the hook's id, oldest first
}

type delivery struct {
	hook  Hook
	event EventContent
	tries int
}

// New makes a sender; [Sender.Run] delivers.
func New(o Options) *Sender {
	if o.Retries == nil {
		o.Retries = Retries
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{o: o, client: &http.Client{Transport: o.Transport, CheckRedirect: stay, Timeout: eachLimit}, queue: make(chan delivery, queueBound),
		logs: map[string][]Event{}}
}

// Run delivers until ctx ends. What then waits is lost.
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
	<-ctx.Done()
	wait.Wait()
}

// Send queues an event for a hook and gives the event's id. It does not block.
func (s *Sender) Send(h Hook, e EventContent) string {
	e.ID, e.Timestamp = uuid.NewString(), stamp(s.o.Now())
	s.put(delivery{hook: h, event: e})
	return e.ID
}

func (s *Sender) put(d delivery) {
	select {
	case s.queue <- d:
	default:
		s.o.Log.Warn("an event is lost: too many wait for webhooks", "webhook", d.hook.ID, "event", d.event.ID)
		s.note(d, EventResponse{StatusCode: "0", ReasonPhrase: "Lost: too many events wait."})
	}
}

// deliver tries once; what may work later waits beside the workers.
func (s *Sender) deliver(ctx context.Context, wait *sync.WaitGroup, d delivery) {
	res, again := s.try(ctx, d)
	s.note(d, res)
	if !again || d.tries >= len(s.o.Retries) || ctx.Err() != nil {
		return
	}
	pause := s.o.Retries[d.tries]
	d.tries++
	wait.Go(func() {
		select {
		case <-time.After(pause):
			s.put(d)
		case <-ctx.Done():
		}
	})
}

// try sends the event; again reports that another try may do better.
func (s *Sender) try(ctx context.Context, d delivery) (res EventResponse, again bool) {
	failed := func(err error) EventResponse {
		return EventResponse{StatusCode: "0", ReasonPhrase: err.Error(), Headers: map[string]string{}}
	}
	body, err := json.Marshal(d.event)
	if err != nil {
		return failed(err), false
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.hook.URI, bytes.NewReader(body))
	if err != nil {
		return failed(err), false
	}
	for k, v := range s.headers(d.hook) {
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
func (s *Sender) note(d delivery, res EventResponse) {
	shown := s.headers(d.hook)
	for k := range d.hook.Headers {
		shown[k] = "***"
	}
	e := Event{ID: d.event.ID, Request: EventRequest{Content: d.event, Headers: shown, Method: http.MethodPost, URI: d.hook.URI, Version: "1.1"}, Response: res}
	s.mu.Lock()
	defer s.mu.Unlock()
	all, known := s.logs[d.hook.ID]
	if !known && len(s.logs) >= hooksBound {
		clear(s.logs)
	}
	if len(all) >= logBound {
		all = append(all[:0:0], all[1:]...)
	}
	s.logs[d.hook.ID] = append(all, e)
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
