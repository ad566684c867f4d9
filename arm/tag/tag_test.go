package tag_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

const (
	identity = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tagged"
	tags     = "/providers/Microsoft.Resources/tags/default"
)

// The tags of a scope are one thing, whichever way they were set.
func TestTagsOfAScope(t *testing.T) {
	c := cloudtest.New(t)
	owner, stranger := c.As("owner"), c.As("stranger")
	subscription, group := "/subscriptions/"+c.Status.SubscriptionID, c.Group("rg")
	owner.Do("PUT", group, `{"location":"eastus","tags":{"from":"group"}}`, 201)
	owner.Do("PUT", group+identity, `{"location":"eastus","tags":{"Env":"test","a":"1"}}`, 201)
	for _, row := range []struct {
		method, scope, body string
		status              int
		texts               []string
	}{
		{"GET", group + identity, "", 200, []string{`"name":"default"`, `"type":"Microsoft.Resources/tags"`, `{"tags":{"Env":"test","a":"1"}}`}},
		{"PATCH", group + identity, `{"operation":"Merge","properties":{"tags":{"env":"prod","b":"2"}}}`, 200, []string{`{"tags":{"a":"1","b":"2","env":"prod"}}`}},
		{"PATCH", group + identity, `{"operation":"delete","properties":{"tags":{"ENV":"other","A":"1","b":""}}}`, 200, []string{`{"tags":{"env":"prod"}}`}},
		{"PATCH", group + identity, `{"operation":"Replace","properties":{"tags":{"x":"y"}}}`, 200, []string{`{"tags":{"x":"y"}}`}},
		{"PATCH", group + identity, `{"operation":"Add","properties":{"tags":{"x":"z"}}}`, 400, []string{"InvalidRequestContent", "Merge, Replace or Delete"}},
		{"PATCH", group + identity, `{"operation":"Merge","properties":{"tags":{"a/b":"z"}}}`, 400, []string{"InvalidTagNameCharacters"}},
		{"PUT", group + identity, `{"properties":{"tags":{"a%b":"z"}}}`, 400, []string{"InvalidTagNameCharacters"}},
		{"GET", group + identity, "", 200, []string{`{"tags":{"x":"y"}}`}},
		{"GET", group, "", 200, []string{`{"tags":{"from":"group"}}`}},
		{"PUT", group, `{"properties":{"tags":{"k":"v"}}}`, 200, []string{`{"tags":{"k":"v"}}`}},
		{"GET", subscription, "", 200, []string{`{"tags":{}}`, `"id":"` + subscription + tags + `"`}},
		{"PUT", subscription, `{"properties":{"tags":{"cost":"7"}}}`, 200, nil},
		{"DELETE", group, "", 200, nil},
		{"GET", group, "", 200, []string{`{"tags":{}}`}},
		{"GET", group + identity + "2", "", 404, []string{"ResourceNotFound"}},
		{"PUT", c.Group("none"), `{"properties":{"tags":{}}}`, 404, []string{"ResourceGroupNotFound"}},
	} {
		owner.Do(row.method, row.scope+tags, row.body, row.status, row.texts...)
	}
	owner.Do("GET", group+identity, "", 200, `"tags":{"x":"y"}`)
	owner.Do("GET", subscription, "", 200, `"tags":{"cost":"7"}`)
	stranger.Do("GET", group+identity+tags, "", 403)
	stranger.Do("PUT", group+identity+tags, `{"properties":{"tags":{}}}`, 403)
	c.Restart()
	owner.Do("GET", group+identity+tags, "", 200, `{"tags":{"x":"y"}}`)
	// A lock that forbids writes forbids tags.
	owner.Do("PUT", group+"/providers/Microsoft.Authorization/locks/still", `{"properties":{"level":"ReadOnly"}}`, 201)
	owner.Do("PUT", group+identity+tags, `{"properties":{"tags":{}}}`, 409, "ScopeLocked")
}

// A template sets tags as it does in Azure.
func TestTagsByTemplate(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	at := c.Group("rg") + "/providers/Microsoft.Resources/deployments/d"
	owner.Do("PUT", at, `{"properties":{"mode":"Incremental","template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	 "resources":[{"type":"Microsoft.Resources/tags","apiVersion":"2021-04-01","name":"default","properties":{"tags":{"by":"template"}}}]}}}`, 201)
	for until := time.Now().Add(10 * time.Second); !strings.Contains(owner.Do("GET", at, "", 200, "!Failed").Body, `"Succeeded"`); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the deployment does not end")
		}
	}
	owner.Do("GET", c.Group("rg"), "", 200, `"tags":{"by":"template"}`)
}

// Names are predefined or in use; what is in use cannot be forgotten.
func TestTagNames(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	names := "/subscriptions/" + c.Status.SubscriptionID + "/tagNames"
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus","tags":{"Used":"here"}}`, 201)
	owner.Do("GET", names, "", 200, `"tagName":"Used","count":{"type":"Total","value":1}`, `"tagValue":"here","count":{"type":"Total","value":1}`)
	owner.Do("PUT", names+"/used", "", 201, `"value":1`)
	owner.Do("PUT", names+"/used", "", 200)
	owner.Do("DELETE", names+"/used", "", 409, "TagNameInUse")
	owner.Do("PUT", names+"/plan/tagValues/gold", "", 404, "TagNameNotFound", "az tag create")
	owner.Do("PUT", names+"/plan", "", 201, `"tagName":"plan","count":{"type":"Total","value":0},"values":[]`)
	owner.Do("PUT", names+"/plan/tagValues/gold", "", 201, `"tagValue":"gold","count":{"type":"Total","value":0}`, names+"/plan/tagValues/gold")
	owner.Do("PUT", names+"/plan/tagValues/gold", "", 200)
	owner.Do("GET", names, "", 200, `"tagName":"plan"`, `"tagValue":"gold"`)
	owner.Do("DELETE", names+"/plan", "", 409, "TagNameHasTagValues")
	owner.Do("DELETE", names+"/plan/tagValues/gold", "", 200)
	owner.Do("DELETE", names+"/plan/tagValues/gold", "", 204)
	owner.Do("DELETE", names+"/plan", "", 200)
	owner.Do("DELETE", names+"/plan", "", 204)
	owner.Do("GET", names, "", 200, `!"plan"`)
}
