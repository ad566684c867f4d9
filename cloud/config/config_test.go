package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/container/limit"
)

// load writes the file and gives the effective configuration.
func load(t *testing.T, file string) (config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Config{Data: dir})
	if err != nil {
		return c, err
	}
	return c.Complete(false)
}

func TestLimits(t *testing.T) {
	azure := limit.Limits{Containers: 60, Volumes: 20, Ports: 5, CPU: 31, MemoryInGB: 240, ContainerCPU: 31, ContainerMemoryInGB: 240, Groups: 100, Cores: 100, CloneMB: 1024}
	c, err := load(t, `{}`)
	if err != nil || c.Limits != azure || c.AllowPrivileged {
		t.Errorf("nothing said: %+v %v", c.GroupRules, err)
	}
	c, err = load(t, `{"allowPrivileged":true,"limits":{"ports":7,"groups":-1,"cpu":8}}`)
	want := azure
	want.Ports, want.Groups, want.Cores, want.CPU, want.ContainerCPU = 7, 1<<30, 1<<30, 8, 8
	if err != nil || c.Limits != want || !c.AllowPrivileged {
		t.Errorf("some said: %+v %v", c.GroupRules, err)
	}
	if again, err := c.Complete(false); err != nil || again.Limits != want {
		t.Errorf("completed twice: %+v %v", again.Limits, err)
	}
	shown, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(shown), `"limits":{"containers":60,"volumes":20,"ports":7,`) {
		t.Errorf("%s %v", shown, err)
	}
	if _, err := load(t, `{"limits":{"portz":7}}`); err == nil || !strings.Contains(err.Error(), "portz") || !strings.Contains(err.Error(), config.FileName) {
		t.Errorf("an unknown limit: %v", err)
	}
}

func TestBucket(t *testing.T) {
	c, err := load(t, `{"etcd":["https://one:2379"],"bucket":{"endpoint":"https://s3.example","name":"images","credentials":"/etc/lazuli/s3"}}`)
	if err != nil || len(c.Etcd) != 1 || c.Bucket == nil || c.Bucket.Name != "images" {
		t.Errorf("%+v %v", c.Storage, err)
	}
	for file, want := range map[string]string{
		`{"bucket":{"endpoint":"https://s3.example","name":"images"}}`:                                     "needs an endpoint, a name, and the absolute path",
		`{"bucket":{"endpoint":"https://s3.example","name":"images","credentials":"s3"}}`:                  "absolute path",
		`{"bucket":{"endpoint":"https://s3.example","name":"images","credentials":"/etc/s3","secret":""}}`: "secret",
	} {
		if _, err := load(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}
