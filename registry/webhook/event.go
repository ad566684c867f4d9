package webhook

import (
	"strings"
	"time"
)

// The actions that webhooks are told of.
const (
	Push   = "push"
	Delete = "delete"
	Ping   = "ping"
)

// EventContent is the body of a delivery, with Azure's names.
type EventContent struct {
	ID        string  `json:"id"`
	Timestamp string  `json:"timestamp"`
	Action    string  `json:"action"`
	Target    *Target `json:"target,omitempty"`
	Request   *Source `json:"request,omitempty"`
}

// Target is what an event is about.
type Target struct {
	MediaType  string `json:"mediaType,omitempty"`
	Size       int64  `json:"size,omitempty"`
	Digest     string `json:"digest,omitempty"`
	Length     int64  `json:"length,omitempty"`
	Repository string `json:"repository"`
	Tag        string `json:"tag,omitempty"`
}

// Source is the request that made an event.
type Source struct {
	ID        string `json:"id"`
	Host      string `json:"host"`
	Method    string `json:"method"`
	UserAgent string `json:"useragent,omitempty"`
}

// Event is a delivery as it stands in the log of a webhook.
type Event struct {
	ID       string        `json:"id"`
	Request  EventRequest  `json:"eventRequestMessage"`
	Response EventResponse `json:"eventResponseMessage"`
}

// EventRequest is what was sent.
type EventRequest struct {
	Content EventContent      `json:"content"`
	Headers map[string]string `json:"headers"`
	Method  string            `json:"method"`
	URI     string            `json:"requestUri"`
	Version string            `json:"version"`
}

// EventResponse is what came back. A delivery that got no answer has the status
// code "0" and the reason in ReasonPhrase.
type EventResponse struct {
	Content      string            `json:"content"`
	Headers      map[string]string `json:"headers"`
	ReasonPhrase string            `json:"reasonPhrase"`
	StatusCode   string            `json:"statusCode"`
	Version      string            `json:"version"`
}

// Hook is where events go.
type Hook struct {
	ID      string // names its log
	URI     string
	Headers map[string]string
}

// Matches reports whether a webhook's scope means the repository and tag: empty
// means all, "repo:*" all tags of a repository, "repo:tag" one, "repo" its tag
// latest.
func Matches(scope, repository, tag string) bool {
	if scope == "" {
		return true
	}
	name, want, ok := strings.Cut(scope, ":")
	if !ok {
		want = "latest"
	}
	return name == repository && (want == "*" || want == tag)
}

// stamp is how events write times.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }
