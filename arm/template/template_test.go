package template_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/arm/template/argument"
	"github.com/lazuli-cloud/lazuli/azure"
)

const (
	sub   = "11111111-2222-3333-4444-555555555555"
	group = "/subscriptions/" + sub + "/resourceGroups/rg"
)

func mustID(t testing.TB, s string) azure.ResourceID {
	t.Helper()
	id, err := azure.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func context1(t testing.TB) template.Context {
	return template.Context{
		Scope: mustID(t, group), Name: "dep",
		ResourceGroup: map[string]any{"id": group, "name": "rg", "location": "eastus", "tags": map[string]string{"a": "b"}},
		Subscription:  map[string]any{"id": "/subscriptions/" + sub, "subscriptionId": sub, "tenantId": "t"},
		Now:           time.Date(2026, 11, 23, 14, 5, 6, 0, time.UTC),
		NewGUID:       func() string { return "fresh" },
	}
}

// resources is a deployment in which some resources are there, by id in lower case.
type resources map[string]string

func (r resources) Reference(_ context.Context, id azure.ResourceID, apiVersion string) (json.RawMessage, error) {
	body, ok := r[id.Key()]
	if !ok {
		return nil, azure.Errorf(azure.NotFound, "ResourceNotFound", "The Resource '%s' was not found.", id)
	}
	return json.RawMessage(body), nil
}

func (r resources) List(_ context.Context, id azure.ResourceID, action, apiVersion string, body json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(fmt.Sprintf(`{"username":"u","passwords":[{"value":%q}]}`, fmt.Sprintf("p-%s-%s-%s%s", id.Name(), action, apiVersion, body))), nil
}

func plan(t testing.TB, text, parameters string) (*template.Plan, error) {
	t.Helper()
	parsed, err := template.Parse([]byte(text), template.Limits{})
	if err != nil {
		return nil, err
	}
	args, err := argument.Parse([]byte(parameters))
	if err != nil {
		return nil, err
	}
	bound, err := template.Bind(parsed, args, context1(t))
	if err != nil {
		return nil, err
	}
	return bound.Plan()
}

func mustPlan(t testing.TB, text, parameters string) *template.Plan {
	t.Helper()
	p, err := plan(t, text, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// doc makes a template of sections, such as `"resources": []`.
func doc(sections ...string) string {
	text := `{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0"`
	all := strings.Join(sections, ",\n")
	if all != "" {
		text += ",\n" + all
	}
	if !strings.Contains(all, `"resources":`) {
		text += `, "resources": []`
	}
	return text + "}"
}

// outputs evaluates name: expression pairs as outputs of a template with the sections.
func outputs(t testing.TB, parameters string, runtime template.Runtime, sections ...string) (string, error) {
	t.Helper()
	p, err := plan(t, doc(sections...), parameters)
	if err != nil {
		return "", err
	}
	out, err := p.Outputs(context.Background(), runtime)
	if err != nil {
		return "", err
	}
	return string(template.OutputsJSON(out)), nil
}

// graph prints "name <- dependencies" for each resource.
func graph(p *template.Plan) string {
	var lines []string
	for _, r := range p.Resources {
		line := r.Name
		if r.Skipped {
			line += " skipped"
		}
		for i, to := range r.DependsOn {
			line += map[bool]string{true: " <- ", false: " "}[i == 0] + to.Name
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func wantError(t *testing.T, what string, err error, code, want string) {
	t.Helper()
	if !azure.HasCode(err, code) || !strings.Contains(full(err), want) {
		t.Errorf("%s: fails with\n%v\nwant %s with %q", what, err, code, want)
	}
}

// full is the text of an error with its details.
func full(err error) string {
	var e *azure.Error
	if !errors.As(err, &e) {
		return ""
	}
	text := e.Message
	for _, d := range e.Details {
		text += " / " + full(d)
	}
	return text
}

func TestArticle(t *testing.T) {
	parsed, err := template.Parse([]byte(read(t, "article.json")), template.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	args, err := argument.Parse([]byte(`{"$schema": "x", "contentVersion": "1.0.0.0", "parameters": {
		"name": {"value": "Web"}, "image": {"value": "reg.azurecr.io/app:v1"},
		"registryUsername": {"value": "top-user"},
		"registryPassword": {"reference": {"keyVault": {"id": "` + group + `/providers/Microsoft.KeyVault/vaults/kv"}, "secretName": "pw"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	refs := args.References()
	if len(refs) != 1 || refs[0].Parameter != "registryPassword" || refs[0].Vault.Name() != "kv" || refs[0].Secret != "pw" || refs[0].Version != "" {
		t.Fatalf("references are %+v", refs)
	}
	if _, err := template.Bind(parsed, args, context1(t)); err == nil || !strings.Contains(err.Error(), "has not been resolved") {
		t.Fatalf("binding an open reference gives %v", err)
	}
	args.Resolve("registrypassword", azure.NewSecret("hush-hush"))
	bound, err := template.Bind(parsed, args, context1(t))
	if err != nil {
		t.Fatal(err)
	}
	shown := string(bound.Parameters())
	for _, part := range []string{`"registryUsername":{"type":"SecureString"}`, `"port":{"type":"Int","value":80}`, `"location":{"type":"String","value":"eastus"}`,
		`"registryPassword":{"type":"SecureString","reference":{"keyVault":{"id":"` + group + `/providers/Microsoft.KeyVault/vaults/kv"},"secretName":"pw"}}`} {
		if !strings.Contains(shown, part) {
			t.Errorf("parameters are shown as %s, want %s in it", shown, part)
		}
	}
	if h := bound.Hidden(); len(h) != 2 || h[0].Reveal() == h[1].Reveal() {
		t.Errorf("%d texts are hidden", len(h))
	}
	p, err := bound.Plan()
	if err != nil {
		t.Fatal(err)
	}
	r := p.Resources[0]
	if r.ID.String() != group+"/providers/Microsoft.ContainerInstance/containerGroups/Web" || r.Location != "eastus" || r.APIVersion != "2023-05-01" || r.Line != 21 {
		t.Errorf("the resource is %+v", r)
	}
	body, err := r.Body(context.Background(), resources{})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"location":"eastus","properties":{"containers":[{"name":"Web","properties":{"image":"reg.azurecr.io/app:v1","ports":[{"port":80,"protocol":"TCP"}],` +
		`"resources":{"requests":{"cpu":0.5,"memoryInGB":1.0}},"command":["/bin/sh","-c","[[ -f /x ] && echo '[[literal]'"]}}],"osType":"Linux","restartPolicy":"Always",` +
		`"imageRegistryCredentials":[{"server":"reg.azurecr.io","username":"top-user","password":"hush-hush"}],` +
		`"ipAddress":{"type":"Public","dnsNameLabel":"web-` + label(t) + `","ports":[{"port":80,"protocol":"TCP"}]}}}`
	if string(body.JSON) != want {
		t.Errorf("body is\n%s, want\n%s", body.JSON, want)
	}
	if got := fmt.Sprint(body.Secrets); got != "[properties.imageRegistryCredentials[0].username properties.imageRegistryCredentials[0].password]" {
		t.Errorf("secrets are %s", got)
	}
	if h := body.Hidden(); len(h) != 2 || h[0].Reveal() != "top-user" || h[1].Reveal() != "hush-hush" {
		t.Errorf("%d texts are hidden", len(h))
	}
	if s := string(body.Redacted()); strings.Contains(s, "hush") || strings.Contains(s, "top-user") || !strings.Contains(s, `"server":"reg.azurecr.io","username":null`) {
		t.Errorf("redacted body is %s", s)
	}
	out, err := p.Outputs(context.Background(), resources{r.ID.Key(): `{"id":"x","properties":{"ipAddress":{"fqdn":"web.example"}}}`})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(template.OutputsJSON(out)); got != `{"fqdn":{"type":"String","value":"web.example"},"user":{"type":"SecureString"},"leak":{"type":"String"},"ports":{"type":"Array","value":[80,81]}}` {
		t.Errorf("outputs are %s", got)
	}
	if _, err := p.Outputs(context.Background(), resources{}); !azure.HasCode(err, azure.CodeDeploymentOutputEvaluationFailed) || !strings.Contains(full(err), "was not found") {
		t.Errorf("outputs of a missing group give %v", err)
	}
}

func label(t *testing.T) string {
	t.Helper()
	out, err := outputs(t, "", nil, `"outputs": {"o": {"type": "string", "value": "[take(uniqueString(resourceGroup().id), 4)]"}}`)
	if err != nil {
		t.Fatal(err)
	}
	return out[strings.Index(out, `"value":"`)+9:][:4]
}

func TestBicep(t *testing.T) {
	parameters := `{"app": {"value": {"name": "web", "ports": [80, 8080], "env": {"B": "2", "A": "1"}}}, "registryName": {"value": "reg"}}`
	p := mustPlan(t, read(t, "bicep.json"), parameters)
	want := "shared-kv; reg; shared-kv/s0 <- shared-kv; shared-kv/s1 <- shared-kv; shared-kv/s2 <- shared-kv shared-kv/s0 shared-kv/s1; " +
		"PULL <- reg shared-kv; web <- PULL shared-kv/s2 reg"
	pull := p.Resources[5]
	if got := strings.ReplaceAll(graph(p), pull.Name, "PULL"); got != want {
		t.Errorf("the graph is\n%s, want\n%s", got, want)
	}
	if pull.ID.Scope().String() != group+"/providers/Microsoft.ContainerRegistry/registries/reg" || pull.Symbolic != "pull" || p.Resources[2].Symbolic != "secrets[0]" || !p.Resources[0].Existing {
		t.Errorf("the assignment is %+v", pull)
	}
	web := p.Resources[6]
	if !web.Preview().Partial || !strings.Contains(string(web.Preview().JSON), `"server":"[reference('registry').loginServer]"`) {
		t.Errorf("the preview is %s", web.Preview().JSON)
	}
	body, err := web.Body(context.Background(), resources{p.Resources[1].ID.Key(): `{"properties":{"loginServer":"reg.io"}}`})
	if err != nil {
		t.Fatal(err)
	}
	wantBody := `{"location":"eastus","properties":{"containers":[` +
		`{"name":"c0","properties":{"image":"reg.io/app","ports":[{"port":80}],"environmentVariables":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}},` +
		`{"name":"c1","properties":{"image":"reg.io/app","ports":[{"port":8080}],"environmentVariables":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}}],` +
		`"imageRegistryCredentials":[{"server":"reg.io","username":"u","password":"p-reg-listCredentials-2023-07-01"}],"osType":"Linux"}}`
	if string(body.JSON) != wantBody {
		t.Errorf("the body is\n%s, want\n%s", body.JSON, wantBody)
	}
	out, err := p.Outputs(context.Background(), resources{p.Resources[1].ID.Key(): `{"properties":{"loginServer":"reg.io"}}`})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(template.OutputsJSON(out)); got != `{"server":{"type":"String","value":"reg.io"},"id":{"type":"String","value":"`+web.ID.String()+`"},"quad":{"type":"String","value":"abababab"},"missing":{"type":"String","value":null}}` {
		t.Errorf("outputs are %s", got)
	}
	for bad, want := range map[string]string{
		`{"app": {"value": {"name": "x", "ports": []}}}`:                                                                                  "At 'name': The length '1' of the provided value is less than the minimum of '3'",
		`{"app": {"value": {"name": "web", "ports": [0]}}}`:                                                                               "At 'ports[0]': The value '0' of the provided value is less than the minimum of '1'",
		`{"app": {"value": {"name": "web"}}}`:                                                                                             "The property 'ports' is required",
		`{"app": {"value": {"name": "web", "ports": [], "more": 1}}}`:                                                                     "The property 'more' is not allowed. Allowed are 'name, ports, env'",
		`{"app": {"value": {"name": "web", "ports": [], "env": {"A": 1}}}}`:                                                               "At 'env.A': Template parameter JToken type is not valid. Expected 'String, Uri'. Actual 'Integer'",
		`{"app": {"value": {"name": "web", "ports": []}}, "source": {"value": {"kind": "svn"}}}`:                                          "The value 'svn' of the property 'kind' selects no type",
		`{"app": {"value": {"name": "web", "ports": []}}, "source": {"value": {"kind": "git"}}}`:                                          "The property 'url' is required",
		`{"app": {"value": {"name": "web", "ports": []}}, "pair": {"value": ["a", "b"]}}`:                                                 "At '[1]': Template parameter JToken type is not valid. Expected 'Integer'",
		`{"app": {"value": {"name": "web", "ports": []}}, "pair": {"value": ["a", 1, 2]}}`:                                                "at most 2 are expected",
		`{"app": {"value": {"name": "web", "ports": []}}, "tree": {"value": {"value": 1, "left": {"value": 2, "left": {"value": "x"}}}}}`: "At 'left.left.value'",
	} {
		_, err := plan(t, read(t, "bicep.json"), bad)
		wantError(t, bad, err, azure.CodeInvalidTemplate, want)
	}
}
