// Package event keeps the events of container groups as Azure shows them: the same
// one is counted, not repeated, and only the last are kept. It knows no groups.
package event

import (
	"time"

	"github.com/lazuli-cloud/lazuli/container/wire"
)

// kept is how many events of one container or group there are at most.
const kept = 50

// Add appends an event, or counts the same one again. The list may be changed.
func Add(list []wire.Event, now time.Time, warning bool, name, message string) []wire.Event {
	kind := "Normal"
	if warning {
		kind = "Warning"
	}
	now = now.UTC().Truncate(time.Second)
	for i := range list {
		if e := &list[i]; e.Name == name && e.Message == message && e.Type == kind {
			e.Count++
			e.LastTimestamp = now
			return list
		}
	}
	list = append(list, wire.Event{Count: 1, FirstTimestamp: now, LastTimestamp: now, Name: name, Message: message, Type: kind})
	if len(list) > kept {
		list = list[len(list)-kept:]
	}
	return list
}
