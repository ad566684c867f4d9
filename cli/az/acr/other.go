package acr

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

const noReplications = "Replications are only supported for managed registries in Premium SKU."

// others are commands for what a cloud may lack: each asks it, and prints what it
// answers.
func others() map[string]command.Do {
	do := map[string]command.Do{
		"acr network-rule list":          {Run: listRules},
		"acr network-rule add":           {Run: addRule, Table: registries},
		"acr network-rule remove":        {Run: removeRule, Table: registries},
		"acr show-endpoints":             {Run: endpoints, Table: endpointRows},
		"acr replication list":           {Run: onlyPremium(noReplications, listChildren("replications", "Replication")), Table: replicationRows},
		"acr replication show":           {Run: onlyPremium(noReplications, showChild("replications", "replication_name", "Replication")), Table: replicationRows},
		"acr replication delete":         {Run: onlyPremium(noReplications, removeChild("replications", "replication_name", "")), Table: replicationRows},
		"acr replication create":         {Run: createReplication, Table: replicationRows},
		"acr replication update":         {Run: updateReplication, Table: replicationRows},
		"acr cache create":               {Run: createCache},
		"acr cache update":               {Run: updateCache},
		"acr private-link-resource list": {Run: rawList("privateLinkResources")},
	}
	for _, k := range []struct{ path, kind, arg, question string }{
		{"acr cache", "cacheRules", "name", ""},
		{"acr credential-set", "credentialSets", "name", ""},
		{"acr private-endpoint-connection", "privateEndpointConnections", "private_endpoint_connection_name", ""},
		{"acr task", "tasks", "task_name", "Are you sure you want to delete the task '%s' "},
		{"acr taskrun", "taskRuns", "taskrun_name", "Are you sure you want to delete the taskrun '%s' "},
	} {
		do[k.path+" list"] = command.Do{Run: rawList(k.kind)}
		do[k.path+" show"] = command.Do{Run: rawShow(k.kind, k.arg)}
		do[k.path+" delete"] = command.Do{Run: removeChild(k.kind, k.arg, k.question)}
	}
	do["acr agentpool list"] = command.Do{Run: rawList("agentPools")}
	do["acr agentpool show"] = command.Do{Run: rawShow("agentPools", "agent_pool_name")}
	do["acr connected-registry show"] = command.Do{Run: rawShow("connectedRegistries", "connected_registry_name")}
	return do
}

func replicationRows(v any) any {
	return rows("NAME", "name", "LOCATION", "location", "PROVISIONING STATE", "provisioningState", "STATUS", "status.displayStatus",
		"REGION ENDPOINT ENABLED", "regionEndpointEnabled")(v)
}

// onlyPremium runs a command for registries of the Premium SKU.
func onlyPremium(refusal string, run func(*command.Call) (any, error)) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		if _, _, err := premiumRegistry(c, refusal); err != nil {
			return nil, err
		}
		return run(c)
	}
}

func premiumRegistry(c *command.Call, refusal string) (at string, found any, err error) {
	at, found, err = registry(c)
	if err == nil && value.String(found, "sku.name") != "Premium" {
		err = command.Fail("%s", refusal)
	}
	return at, found, err
}

// rawList and rawShow print children of a registry as they are on the wire.
func rawList(kind string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		return c.Pages(at+"/"+kind, version)
	}
}

func rawShow(kind, arg string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		return c.Get(at+"/"+kind+"/"+url.PathEscape(c.Text(arg)), version)
	}
}

// removeChild deletes a child of a registry; question, which has a place for the
// name, is asked first unless it is empty.
func removeChild(kind, arg, question string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		if question != "" {
			if err := confirm(c, strings.ReplaceAll(question, "%s", c.Text(arg))); err != nil {
				return nil, err
			}
		}
		_, err = c.Send(http.MethodDelete, at+"/"+kind+"/"+url.PathEscape(c.Text(arg)), version, nil)
		return nil, err
	}
}

func createReplication(c *command.Call) (any, error) {
	at, found, err := premiumRegistry(c, noReplications)
	if err != nil {
		return nil, err
	}
	place := strings.ToLower(strings.ReplaceAll(c.Text("location"), " ", ""))
	if place == value.String(found, "location") {
		return nil, command.Fail("Replication could not be created in the same location as the registry.")
	}
	name := c.Text("replication_name")
	if name == "" {
		name = place
	}
	p := value.New()
	for to, from := range map[string]string{"regionEndpointEnabled": "region_endpoint_enabled", "zoneRedundancy": "zone_redundancy"} {
		if v := c.Value(from); v != nil {
			p.Set(to, v)
		}
	}
	body := value.New("location", c.Text("location"), "properties", p)
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, at+"/replications/"+url.PathEscape(name), version, body)
	return as("Replication", v), err
}

func updateReplication(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	body := value.New()
	if v := c.Value("region_endpoint_enabled"); v != nil {
		body.Set("properties", value.New("regionEndpointEnabled", v))
	}
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPatch, at+"/replications/"+url.PathEscape(c.Text("replication_name")), version, body)
	return as("Replication", v), err
}

// credentialSet is the id of --cred-set at the registry.
func credentialSet(c *command.Call, at string) any {
	if set := c.Text("cred_set"); set != "" {
		return at + "/credentialSets/" + set
	}
	return nil
}

func createCache(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	p := value.New("credentialSetResourceId", credentialSet(c, at), "sourceRepository", c.Text("source_repo"), "targetRepository", c.Text("target_repo"))
	return c.Send(http.MethodPut, at+"/cacheRules/"+url.PathEscape(c.Text("name")), version, value.New("properties", p))
}

func updateCache(c *command.Call) (any, error) {
	if !c.Has("cred_set") && !c.Flag("remove_cred_set") {
		return nil, command.Fail("You must either update the credential set ID or remove it.")
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	body := value.New("properties", value.New("credentialSetResourceId", credentialSet(c, at)))
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	return c.Send(http.MethodPatch, at+"/cacheRules/"+url.PathEscape(c.Text("name")), version, body)
}

// noRules is what the real az says of registries without network rules.
const noRules = "Network rules are only supported for managed registries in Premium SKU."

func listRules(c *command.Call) (any, error) {
	_, found, err := premiumRegistry(c, noRules)
	if err != nil {
		return nil, err
	}
	o, _ := value.Path(as("Registry", found), "networkRuleSet").(*value.Object)
	if o == nil {
		return nil, nil
	}
	rules := value.New("ipRules", o.Get("ipRules"), "virtualNetworkRules", o.Get("virtualNetworkRules"))
	return rules, nil
}

func addRule(c *command.Call) (any, error) {
	return changeRules(c, func(list []any, entry *value.Object, key string) []any { return append(list, entry) })
}

func removeRule(c *command.Call) (any, error) {
	return changeRules(c, func(list []any, entry *value.Object, key string) []any {
		kept := []any{}
		for _, r := range list {
			if !strings.EqualFold(value.String(r, key), value.String(entry, key)) {
				kept = append(kept, r)
			}
		}
		return kept
	})
}

// changeRules writes the rules back after change, which is given the list and
// what the arguments name.
func changeRules(c *command.Call, change func(list []any, entry *value.Object, key string) []any) (any, error) {
	at, found, err := premiumRegistry(c, noRules)
	if err != nil {
		return nil, err
	}
	rules := value.ObjectAt(found, "properties.networkRuleSet")
	if rules == nil {
		rules = value.New("defaultAction", "Allow")
	}
	if subnet, vnet := c.Text("subnet"), c.Text("vnet_name"); subnet != "" || vnet != "" {
		for _, arg := range []string{"subnet", "vnet_name"} {
			if c.Has(arg) {
				c.Warn("Argument '%s' has been deprecated and will be removed in a future release.", arg)
			}
		}
		isID := strings.HasPrefix(strings.ToLower(subnet), "/subscriptions/")
		if isID == (vnet != "") || subnet == "" {
			return nil, command.Fail("Usage error: [--subnet ID | --subnet NAME --vnet-name NAME]")
		}
		if !isID {
			if subnet, err = c.Path("Microsoft.Network", "virtualNetworks", vnet, "subnets", subnet); err != nil {
				return nil, err
			}
		}
		rules.Set("virtualNetworkRules", change(value.List(rules, "virtualNetworkRules"), value.New("id", subnet), "id"))
	}
	if address := c.Text("ip_address"); address != "" {
		rules.Set("ipRules", change(value.List(rules, "ipRules"), value.New("value", address), "value"))
	}
	v, err := c.Send(http.MethodPatch, at, version, value.New("properties", value.New("networkRuleSet", rules)))
	return as("Registry", v), err
}

// endpoints are where clients reach a registry: its server, and where its data is.
func endpoints(c *command.Call) (any, error) {
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	data := []any{}
	if value.Path(found, "properties.dataEndpointEnabled") == true {
		for _, h := range value.List(found, "properties.dataEndpointHostNames") {
			host, _ := h.(string)
			if parts := strings.Split(host, "."); len(parts) > 1 {
				data = append(data, value.New("region", parts[1], "endpoint", host))
			}
		}
		return value.New("loginServer", value.Path(found, "properties.loginServer"), "dataEndpoints", data), nil
	}
	c.Warn(`To configure client firewall w/o using wildcard storage blob urls, use "az acr update --name %s --data-endpoint-enabled" to enable dedicated data endpoints.`, c.Text("registry_name"))
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	blobs := "*.blob." + value.String(cloud.Suffixes, "storage_endpoint")
	items, err := c.Pages(at+"/replications", version)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		data = append(data, value.New("region", value.Path(item, "location"), "endpoint", blobs))
	}
	if len(items) == 0 {
		data = append(data, value.New("region", value.Path(found, "location"), "endpoint", blobs))
	}
	return value.New("loginServer", value.Path(found, "properties.loginServer"), "dataEndpoints", data), nil
}

func endpointRows(v any) any {
	out := []any{}
	for _, e := range value.List(v, "dataEndpoints") {
		out = append(out, value.New("loginServer", cell(v, "loginServer"), "region", cell(e, "region"), "endpoint", cell(e, "endpoint")))
	}
	return out
}
