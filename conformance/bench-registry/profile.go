package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// profileAddr is where the cloud without TLS gives its profiles.
const profileAddr = "127.0.0.1:6060"

// profile saves a profile of ours while a section runs over plain HTTP, when asked to. The function waits for it.
func (s settings) profile(section string, race []*server) func() {
	if s.pprof == "" || race[len(race)-1].tls {
		return func() {}
	}
	var saving sync.WaitGroup
	saving.Go(func() {
		hc := &http.Client{Timeout: time.Minute}
		res, err := hc.Get("http://" + profileAddr + "/debug/pprof/profile?seconds=15")
		if err != nil {
			fmt.Fprintf(os.Stderr, "profile: %v\n", err)
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err == nil {
			err = os.WriteFile(filepath.Join(s.pprof, section+".pprof"), text, 0o600)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "profile: %v\n", err)
		}
	})
	return saving.Wait
}
