// Package webhook tells addresses that users name what happened in a registry.
//
// It owns the wire form of events, the queue and its workers, the retries, and
// the log of the last deliveries of each webhook. A delivery is tried again when
// there is no answer, and on 429 and 5xx; a redirect is an answer like any other
// and is not followed.
//
// What waits is a row of the table registry/deliveries, written before the client
// whose request made the event is answered: a stop or a crash loses none, and may
// deliver one twice, with the same id. The rows are bounded; when they are full
// the newest is dropped and said so in the log. A push never waits for a webhook.
// The log of deliveries is in memory only.
//
// It does not know how webhooks are stored, nor who may change them.
package webhook
