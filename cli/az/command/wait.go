package command

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/query"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// Wait is what every wait command does: it reads a resource each --interval
// seconds until --created, --updated, --exists, --deleted or --custom holds, and
// fails after --timeout seconds, or when the resource has failed. What is not
// there (yet) is waited for, except with --updated alone.
func (c *Call) Wait(read func() (any, error)) (any, error) {
	created, updated, deleted, exists := c.Flag("created"), c.Flag("updated"), c.Flag("deleted"), c.Flag("exists")
	custom, interval, timeout := c.Text("custom"), c.Int("interval"), c.Int("timeout")
	if !created && !updated && !deleted && !exists && custom == "" {
		return nil, Fail("incorrect usage: --created | --updated | --deleted | --exists | --custom JMESPATH")
	}
	if interval < 1 {
		return nil, Fail("--interval must be a number of seconds above 0.")
	}
	for spent := 0; spent < timeout; spent += interval {
		v, err := read()
		switch {
		case client.IsStatus(err, http.StatusNotFound) || errors.Is(err, ErrAbsent):
			if deleted {
				return nil, nil
			}
			if !created && !exists && custom == "" {
				return nil, err
			}
		case err != nil:
			return nil, err
		default:
			if done, err := reached(v, created || updated, exists, custom); done || err != nil {
				return nil, err
			}
		}
		pause := time.NewTimer(time.Duration(interval) * time.Second)
		select {
		case <-c.Context.Done():
			pause.Stop()
			return nil, c.Context.Err()
		case <-pause.C:
		}
	}
	return value.New(), nil // Azure: a wait that ended in time and one that did not end alike
}

// ErrAbsent marks errors that say that what was asked for is not there, where no
// service said so.
var ErrAbsent = errors.New("it is not there")

// reached reports whether v is what was waited for.
func reached(v any, succeeded, exists bool, custom string) (bool, error) {
	if exists {
		return true, nil
	}
	state := value.String(v, "provisioningState")
	if state == "" {
		state = value.String(v, "properties.provisioningState")
	}
	if strings.EqualFold(state, "failed") {
		return false, Fail("The operation failed")
	}
	if succeeded && strings.EqualFold(state, "succeeded") {
		return true, nil
	}
	if custom == "" {
		return false, nil
	}
	q, err := query.Compile(custom)
	if err != nil {
		return false, err
	}
	found, err := q.Search(v)
	return query.Truth(found), err
}
