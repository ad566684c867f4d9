package container_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/container/fake"
)

func TestSecurityContextIsShown(t *testing.T) {
	w := newWorld(t, fake.Options{})
	profile := base64.StdEncoding.EncodeToString([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"mkdirat","action":"SCMP_ACT_ERRNO"}]}`))
	v := w.up("g", body("app", `"securityContext":{"capabilities":{"add":["sys_ptrace"],"drop":["CAP_NET_RAW","all"]},"runAsUser":1000,"runAsGroup":0,"allowPrivilegeEscalation":true,"seccompProfile":"`+profile+`"}`, ""))
	s := v.Properties.Containers[0].Properties.SecurityContext
	if s == nil || s.Capabilities.Add[0] != "SYS_PTRACE" || s.Capabilities.Drop[0] != "NET_RAW" || s.Capabilities.Drop[1] != "ALL" || *s.RunAsUser != 1000 || *s.RunAsGroup != 0 || !*s.AllowPrivilegeEscalation || *s.Privileged {
		t.Fatalf("%+v", s)
	}
	if shown, err := base64.StdEncoding.DecodeString(s.SeccompProfile); err != nil || !strings.Contains(string(shown), `"names":["mkdirat"]`) {
		t.Errorf("%s %v", shown, err)
	}
}

func TestSecurityContextIsChecked(t *testing.T) {
	w := newWorld(t, fake.Options{})
	profile := func(text string) string {
		return `"seccompProfile":"` + base64.StdEncoding.EncodeToString([]byte(text)) + `"`
	}
	for context, want := range map[string]string{
		`"privileged":true`:                            "allowPrivileged",
		`"capabilities":{"add":["NET_ADMIN"]}`:         "reaches beyond its group",
		`"capabilities":{"add":["ALL"]}`:               "reaches beyond its group",
		`"capabilities":{"add":["FLY"]}`:               "'FLY', which is no capability",
		`"capabilities":{"drop":["FLY"]}`:              "'FLY', which is no capability",
		`"runAsUser":-5`:                               "runAsUser -5",
		`"runAsGroup":4294967296`:                      "runAsGroup 4294967296",
		`"seccompProfile":"***"`:                       "not base64",
		profile(`{`):                                   "cannot be read",
		profile(`{"defaultAction":"SCMP_ACT_NOTIFY"}`): "SCMP_ACT_NOTIFY",
		profile(`{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/x"}`):                                                                          "listenerPath",
		profile(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}}]}`): "includes",
	} {
		for _, where := range []string{
			body("app", `"securityContext":{`+context+`}`, ""),
			body("app", "", `"initContainers":[{"name":"first","properties":{"image":"app","securityContext":{`+context+`}}}]`),
		} {
			a := w.do("PUT", groupPath("bad"), where)
			if a.status != 400 || !strings.Contains(a.body, want) || !strings.Contains(a.body, "securityContext") {
				t.Errorf("%s: %d %s", context, a.status, a.body)
			}
		}
	}
}
