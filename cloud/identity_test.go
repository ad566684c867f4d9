package cloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// tokenOf is a program that fetches a token inside of its group and hands it out.
func tokenOf(resource func() string, out chan<- string) fake.Program {
	return func(p fake.Process) int {
		conn, err := p.Dial(42356)
		if err != nil {
			out <- err.Error()
			return 1
		}
		defer conn.Close()
		r, err := http.NewRequest("GET", p.Getenv("IDENTITY_ENDPOINT")+"?api-version=2019-08-01&resource="+resource(), nil)
		if err != nil {
			out <- err.Error()
			return 1
		}
		r.Header.Set("X-IDENTITY-HEADER", p.Getenv("IDENTITY_HEADER"))
		go func() { _ = r.Write(conn) }()
		buf := make([]byte, 16<<10)
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		n := 0
		for !strings.Contains(string(buf[:n]), "}") {
			more, err := conn.Read(buf[n:])
			if n += more; err != nil {
				break
			}
		}
		_, body, _ := strings.Cut(string(buf[:n]), "\r\n\r\n")
		out <- body
		return fake.Serve(p)
	}
}

// A group pulls as its identity, without any password, once the identity has the
// role; and inside of the group is a token that opens what its roles allow.
func TestGroupsAsManagedIdentities(t *testing.T) {
	tokens := make(chan string, 10)
	var c *cloudtest.Cloud
	program := tokenOf(func() string { return c.Status.Endpoints["resourceManager"] }, tokens)
	programs := map[string]fake.Program{}
	c = cloudtest.New(t, cloudtest.WithPrograms(programs))
	owner := c.As("owner")
	rg := c.Group("rg")
	owner.Do("PUT", rg, `{"location":"eastus"}`, 201)
	const registry, at = "/providers/Microsoft.ContainerRegistry/registries/shopping", "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller"
	owner.Do("PUT", rg+registry, `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	var made struct {
		ID         string
		Properties struct{ TenantID, PrincipalID, ClientID string }
	}
	owner.Do("PUT", rg+at, `{"location":"eastus"}`, 201).JSON(&made)
	again := owner.Do("PUT", rg+at, `{"location":"eastus","tags":{"a":"b"}}`, 200).Body
	if made.Properties.PrincipalID == "" || made.Properties.ClientID == "" || !strings.Contains(string(again), made.Properties.PrincipalID) {
		t.Fatalf("%+v %s", made, again)
	}
	owner.Do("GET", "graph/v1.0/servicePrincipals/"+made.Properties.PrincipalID, "", 200, "ManagedIdentity", made.Properties.ClientID)

	const config = `{"os":"linux","architecture":"amd64"}`
	owner.Do("POST", "shopping.azurecr/v2/app/blobs/uploads/?digest="+digest.FromString(config).String(), config, 201)
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[]}`,
		ocispec.MediaTypeImageManifest, ocispec.MediaTypeImageConfig, digest.FromString(config), len(config))
	if a := owner.Send("PUT", "shopping.azurecr/v2/app/manifests/v1", manifest, "Content-Type", ocispec.MediaTypeImageManifest); a.Status != 201 {
		t.Fatalf("push: %d %s", a.Status, a.Body)
	}
	host := strings.TrimPrefix(c.Origin("shopping.azurecr"), "https://")
	programs[host+"/app@"+digest.FromString(manifest).String()] = program
	group := rg + "/providers/Microsoft.ContainerInstance/containerGroups/g"
	body := `{"location":"eastus","identity":{"type":"UserAssigned","userAssignedIdentities":{"` + made.ID + `":{}}},"properties":{"containers":[{"name":"app","properties":{"image":"` + host +
		`/app:v1"}}],"imageRegistryCredentials":[{"server":"` + host + `","identity":"` + made.ID + `"}]}}`
	state := func() string {
		for range 500 {
			var g struct {
				Properties struct{ ProvisioningState string }
			}
			owner.Do("GET", group, "", 200).JSON(&g)
			if s := g.Properties.ProvisioningState; s != "Pending" {
				return s
			}
			time.Sleep(10 * time.Millisecond)
		}
		return "Pending for ever"
	}
	// Who may write groups may not therefore act as every identity.
	writer := c.As("writer", cloudtest.Grant{Role: "b24988ac-6180-42a0-ab88-20f7382dd24c", Scope: rg})
	other := c.Group("other")
	owner.Do("PUT", other, `{"location":"eastus"}`, 201)
	owner.Do("PUT", other+at, `{"location":"eastus"}`, 201)
	writer.Do("PUT", group, strings.ReplaceAll(body, made.ID, other[strings.Index(other, "/subscriptions"):]+at), 403, "LinkedAuthorizationFailed")

	owner.Do("PUT", group, body, 201)
	if s := state(); s != "Failed" {
		t.Fatalf("without the role AcrPull: %s", s)
	}
	assign := func(role, scope string) {
		owner.Do("PUT", scope+"/providers/Microsoft.Authorization/roleAssignments/"+role, `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/`+role+
			`","principalId":"`+made.Properties.PrincipalID+`","principalType":"ServicePrincipal"}}`, 201)
	}
	assign("7f951dda-4ed3-4680-a7ca-43fe172d538d", rg+registry)
	owner.Do("PUT", group, body, 200)
	if s := state(); s != "Succeeded" {
		t.Fatalf("with the role AcrPull: %s %s", s, owner.Do("GET", group, "", 200).Body)
	}
	var token struct {
		AccessToken string `json:"access_token"`
		ClientID    string `json:"client_id"`
	}
	answer := <-tokens
	if err := json.Unmarshal([]byte(answer), &token); err != nil || token.ClientID != made.Properties.ClientID {
		t.Fatalf("%v: %s", err, answer)
	}
	inside := c.Bearer(token.AccessToken)
	inside.Do("GET", group, "", 403, "AuthorizationFailed")
	assign("acdd72a7-3385-48ef-bd42-f606fba81ae7", rg) // Reader
	inside.Do("GET", group, "", 200)
	inside.Do("DELETE", group, "", 403)
	owner.Do("DELETE", rg+at, "", 200)
	inside.Do("GET", group, "", 401)
	owner.Do("GET", "graph/v1.0/servicePrincipals/"+made.Properties.PrincipalID, "", 404)
	owner.Do("PUT", group, strings.Replace(body, `"name":"app"`, `"name":"app2"`, 1), 400, "FailedIdentityOperation")
}
