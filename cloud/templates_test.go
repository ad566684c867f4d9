package cloud_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

const templateHead = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[`

func link(uri, more string) string {
	return `{"properties":{"mode":"Incremental","templateLink":{"uri":"` + uri + `"` + more + `}}}`
}

// A linked template is read from a container group of the cloud itself, and what it links to relative to that; nowhere else.
func TestLinkedTemplatesComeFromTheCloudItself(t *testing.T) {
	pages := map[string]string{
		"/main.json": templateHead + `{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"linked","properties":{"mode":"Incremental","templateLink":{"relativePath":"parts/registry.json"}}}]}`,
		"/parts/registry.json": templateHead + `{"type":"Microsoft.ContainerRegistry/registries","apiVersion":"2023-07-01","name":"linkedregistry","location":"eastus","sku":{"name":"Basic"}}],
			"outputs":{"uri":{"type":"string","value":"[deployment().properties.templateLink.uri]"}}}`,
	}
	c := cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{"example.org/pages:v1": func(p fake.Process) int {
		l, err := p.Listen(80)
		if err != nil {
			return 1
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if pages[r.URL.Path] == "" {
				w.WriteHeader(http.StatusNotFound)
			}
			fmt.Fprint(w, pages[r.URL.Path])
		})}
		go func() {
			<-p.Signals
			_ = server.Close()
		}()
		_ = server.Serve(l) // ends by Close
		return 0
	}}))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	group := c.Group("rg") + "/providers/Microsoft.ContainerInstance/containerGroups/pages"
	owner.Do("PUT", group, `{"location":"eastus","properties":{"osType":"Linux","ipAddress":{"type":"Public","dnsNameLabel":"pages","ports":[{"port":80}]},
		"containers":[{"name":"app","properties":{"image":"example.org/pages:v1","ports":[{"port":80}],"resources":{"requests":{"cpu":1,"memoryInGB":1}}}}]}}`, 201)
	until(t, owner, group, `"provisioningState":"Succeeded"`)
	at := c.Group("rg") + "/providers/Microsoft.Resources/deployments/"
	host := "http://pages.eastus.azurecontainer." + c.Status.Domain
	owner.Do("PUT", at+"d", link(host+"/missing.json", ""), 400, "InvalidContentLink", "404")
	owner.Do("PUT", at+"d", link("http://127.0.0.1/main.json", ""), 400, "InvalidContentLink", "not one of this cloud")
	owner.Do("PUT", at+"d", link(c.Origin("management")+"/subscriptions?api-version=2022-12-01", ""), 400, "InvalidContentLink", "401")
	owner.Do("PUT", at+"d", link(host+"/main.json", ""), 201)
	until(t, owner, at+"d", `"provisioningState":"Succeeded"`)
	owner.Do("GET", at+"linked", "", 200, `"outputs":{"uri":{"type":"String","value":"`+host+`/parts/registry.json"}}`)
}

// Other hosts are read from when the configuration names them, with the query the link gives, which is kept nowhere.
func TestLinkedTemplatesComeFromAllowedHosts(t *testing.T) {
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/elsewhere":
			http.Redirect(w, r, "http://localhost:9/template.json", http.StatusFound)
		case r.URL.Path == "/large":
			fmt.Fprint(w, strings.Repeat(" ", 5<<20))
		case r.URL.Path == "/text":
			fmt.Fprint(w, "no template")
		case r.URL.RawQuery != "sig=hush-key":
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/parameters.json":
			fmt.Fprint(w, `{"contentVersion":"2.0.0.0","parameters":{"name":{"value":"outsideregistry"},"pw":{"value":"hush-value"}}}`)
		default:
			fmt.Fprint(w, templateHead+`{"type":"Microsoft.ContainerRegistry/registries","apiVersion":"2023-07-01","name":"[parameters('name')]","location":"eastus","sku":{"name":"Basic"}}],
				"parameters":{"name":{"type":"string"},"pw":{"type":"securestring","defaultValue":""}},
				"outputs":{"length":{"type":"int","value":"[length(parameters('pw'))]"},"uri":{"type":"string","value":"[deployment().properties.templateLink.uri]"}}}`)
		}
	}))
	t.Cleanup(outside.Close)
	for _, x := range []struct {
		name  string
		allow config.Outside
		uri   string
		text  string
	}{
		{"not allowed", config.Outside{LocalTargets: true}, outside.URL + "/template.json", "'templateHosts'"},
		{"loopback", config.Outside{TemplateHosts: []string{"*"}}, outside.URL + "/template.json", "this machine's own"},
		{"another host", config.Outside{TemplateHosts: []string{"*.example.com"}, LocalTargets: true}, outside.URL + "/template.json", "'templateHosts'"},
		{"a name alike", config.Outside{TemplateHosts: []string{"*.example.com"}}, "https://notexample.com/template.json", "'templateHosts'"},
		{"no web address", config.Outside{TemplateHosts: []string{"*"}}, "file:///etc/passwd", "no http or https address"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := cloudtest.New(t, cloudtest.WithConfig(func(conf *config.Config) { conf.Outside = x.allow }))
			c.As("owner").Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
			c.As("owner").Do("PUT", c.Group("rg")+"/providers/Microsoft.Resources/deployments/d", link(x.uri, ""), 400, "InvalidContentLink", x.text)
		})
	}
	c := cloudtest.New(t, cloudtest.WithConfig(func(conf *config.Config) {
		conf.Outside = config.Outside{TemplateHosts: []string{"127.0.0.1"}, LocalTargets: true}
	}))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	at := c.Group("rg") + "/providers/Microsoft.Resources/deployments/d"
	const signed = `,"queryString":"?sig=hush-key"`
	for _, x := range []struct{ uri, more, text string }{
		{"/template.json", "", "403"},
		{"/large", "", "longer than 4 MiB"},
		{"/text", "", "is not JSON"},
		{"/elsewhere", "", "the host 'localhost' is not one"},
		{"/template.json", signed + `,"contentVersion":"1.0.0.1"`, "does not have the contentVersion '1.0.0.1'"},
		{"/template.json", signed + `,"relativePath":"x.json"`, "both 'uri' and 'relativePath'"},
	} {
		owner.Do("PUT", at, link(outside.URL+x.uri, x.more), 400, "InvalidContentLink", x.text, "!hush-key")
	}
	parameters := func(version string) string {
		return strings.Replace(link(outside.URL+"/template.json", signed+`,"contentVersion":"1.0.0.0"`), `"templateLink"`,
			`"parametersLink":{"uri":"`+outside.URL+`/parameters.json","queryString":"sig=hush-key","contentVersion":"`+version+`"},"templateLink"`, 1)
	}
	owner.Do("PUT", at, parameters("1.0.0.0"), 400, "InvalidContentLink", "/parameters.json")
	owner.Do("PUT", at, parameters("2.0.0.0"), 201, "!hush")
	until(t, owner, at, `"provisioningState":"Succeeded"`)
	owner.Do("GET", at, "", 200, `"name":{"type":"String","value":"outsideregistry"}`, `"uri":{"type":"String","value":"`+outside.URL+`/template.json"}`, "!hush")
}
