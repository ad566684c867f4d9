package keyvault

import (
	_ "embed" // commands.txt, models.txt
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.KeyVault.
const version = "2024-11-01"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az keyvault.
func Commands() ([]command.Group, []command.Command) {
	do := map[string]command.Do{
		"keyvault create":              {Run: create},
		"keyvault show":                {Run: show},
		"keyvault list":                {Run: list},
		"keyvault delete":              {Run: remove},
		"keyvault recover":             {Run: recoverVault},
		"keyvault purge":               {Run: purge},
		"keyvault list-deleted":        {Run: listDeleted},
		"keyvault show-deleted":        {Run: showDeleted},
		"keyvault update":              {Run: update},
		"keyvault set-policy":          {Run: setPolicy},
		"keyvault delete-policy":       {Run: deletePolicy},
		"keyvault network-rule add":    {Run: addRule},
		"keyvault network-rule remove": {Run: removeRule},
		"keyvault network-rule list":   {Run: listRules},
		"keyvault network-rule wait":   {Run: wait},
		"keyvault wait":                {Run: wait},
	}
	for path, d := range secrets() {
		do[path] = d
	}
	return command.Rows(table, do)
}

// noHSM refuses what is said of managed HSMs.
func noHSM(c *command.Call) error {
	switch {
	case c.Has("hsm_name"):
		return command.Fail("Managed HSMs are not built: use --name for a vault.")
	case c.Text("vault_name") == "":
		return command.Fail("Please specify --vault-name or --hsm-name.")
	}
	return nil
}

// path is the vault's: below --resource-group, or wherever it is found.
func path(c *command.Call) (string, error) {
	if err := noHSM(c); err != nil {
		return "", err
	}
	name := c.Text("vault_name")
	if c.Text("resource_group_name") == "" {
		group, err := c.Find("Microsoft.KeyVault/vaults", name)
		if err != nil {
			return "", err
		}
		if group == "" {
			return "", command.Fail("The Vault '%s' not found within subscription.", name)
		}
		c.Set("resource_group_name", group)
	}
	return c.Path("Microsoft.KeyVault", "vaults", name)
}

func get(c *command.Call) (at string, vault *value.Object, err error) {
	if at, err = path(c); err != nil {
		return "", nil, err
	}
	v, err := c.Get(at, version)
	vault, _ = v.(*value.Object)
	return at, vault, err
}

func wait(c *command.Call) (any, error) {
	return c.Wait(func() (any, error) { return show(c) })
}

func create(c *command.Call) (any, error) {
	if err := noHSM(c); err != nil {
		return nil, err
	}
	place, err := c.PlaceOrGroups()
	if err != nil {
		return nil, err
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	if _, err := c.Get(at, version); err == nil {
		return nil, command.Fail("The specified vault: %s already exists", c.Text("vault_name"))
	}
	a, err := c.Account()
	if err != nil {
		return nil, err
	}
	acls, err := networkACLs(c)
	if err != nil {
		return nil, err
	}
	policies := []any{}
	rbac, _ := c.Switch("enable_rbac_authorization")
	if noSelf, _ := c.Switch("no_self_perms"); !noSelf && !rbac {
		id, err := callerID(c)
		if err != nil {
			return nil, command.Fail("Cannot create vault.\nUnable to query active directory for information about the current user.\nYou may try the --no-self-perms flag to create a vault without permissions.")
		}
		all := []any{"all"}
		policies = append(policies, value.New("tenantId", a.Tenant(), "objectId", id, "permissions", value.New("keys", all, "secrets", all, "certificates", all, "storage", all)))
	}
	sku, days := c.Text("sku"), c.Text("retention_days")
	if sku == "" {
		sku = "standard"
	}
	if days == "" {
		days = "90"
	}
	p := value.New("tenantId", a.Tenant(), "sku", value.New("family", "A", "name", sku), "accessPolicies", policies, "softDeleteRetentionInDays", json.Number(days), "networkAcls", acls)
	settings(c, p)
	body := value.New("location", place, "properties", p)
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	return put(c, at, body)
}

// settings are the properties of create and update that are taken as they are.
func settings(c *command.Call, p *value.Object) {
	for to, from := range map[string]string{"enabledForDeployment": "enabled_for_deployment", "enabledForDiskEncryption": "enabled_for_disk_encryption",
		"enabledForTemplateDeployment": "enabled_for_template_deployment", "enableRbacAuthorization": "enable_rbac_authorization",
		"enablePurgeProtection": "enable_purge_protection", "publicNetworkAccess": "public_network_access"} {
		if v := c.Value(from); v != nil {
			p.Set(to, v)
		}
	}
}

func put(c *command.Call, at string, body any) (any, error) {
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("Vault", v), err
}

// networkACLs are the rules that --bypass, --default-action and --network-acls
// make.
func networkACLs(c *command.Call) (*value.Object, error) {
	o := value.New()
	for to, from := range map[string]string{"bypass": "bypass", "defaultAction": "default_action"} {
		if v := c.Text(from); v != "" {
			o.Set(to, v)
		}
	}
	if o.Len() == 0 {
		o.Set("bypass", "AzureServices").Set("defaultAction", "Allow")
	}
	ips, nets := c.List("network_acls_ips"), c.List("network_acls_vnets")
	if text := c.Text("network_acls"); text != "" {
		if data, err := os.ReadFile(text); err == nil {
			text = string(data)
		}
		var rules struct{ IP, VNet []string }
		if err := json.Unmarshal([]byte(text), &rules); err != nil {
			return nil, command.Fail("Failed to parse --network-acls: %v", err)
		}
		ips, nets = append(rules.IP, ips...), append(rules.VNet, nets...)
	}
	if len(ips) == 0 && len(nets) == 0 {
		return o, nil
	}
	ipRules, netRules := []any{}, []any{}
	for _, ip := range ips {
		ipRules = append(ipRules, value.New("value", ip))
	}
	for _, id := range nets {
		if !strings.HasPrefix(strings.ToLower(id), "/subscriptions/") {
			return nil, command.Fail("Invalid VNet rule: %s. Format: {vnet_name}/{subnet_name} or {subnet_id}", id)
		}
		netRules = append(netRules, value.New("id", strings.ToLower(id)))
	}
	return o.Set("ipRules", ipRules).Set("virtualNetworkRules", netRules), nil
}

// callerID is the object id of who is signed in.
func callerID(c *command.Call) (string, error) {
	a, err := c.Account()
	if err != nil {
		return "", err
	}
	if a.ServicePrincipal() {
		return principalID(c, a.User(), "")
	}
	v, err := c.Graph(http.MethodGet, "/v1.0/me", nil)
	return value.String(v, "id"), err
}

// principalID is the object id of a service principal's name or a user's.
func principalID(c *command.Call, spn, upn string) (string, error) {
	path := "/v1.0/users?$filter=" + url.QueryEscape("userPrincipalName eq '"+strings.ReplaceAll(upn, "'", "''")+"'")
	if spn != "" {
		path = "/v1.0/servicePrincipals?$filter=" + url.QueryEscape("servicePrincipalNames/any(c:c eq '"+strings.ReplaceAll(spn, "'", "''")+"')")
	}
	items, err := c.GraphPages(path)
	if err != nil {
		return "", err
	}
	if len(items) == 0 {
		return "", command.Fail("Unable to get object id from principal name.")
	}
	return value.String(items[0], "id"), nil
}

func show(c *command.Call) (any, error) {
	_, v, err := get(c)
	if err != nil {
		return nil, err
	}
	return as("Vault", v), nil
}

func list(c *command.Call) (any, error) {
	switch kind := c.Text("resource_type"); kind {
	case "", "vault":
	case "hsm":
		return nil, command.Fail("Managed HSMs are not built: use --resource-type vault.")
	default:
		return nil, command.Fail("Unsupported resource type: %s", kind)
	}
	if c.Text("resource_group_name") != "" {
		group, err := c.GroupPath()
		if err != nil {
			return nil, err
		}
		items, err := c.Pages(group+"/providers/Microsoft.KeyVault/vaults", version)
		return as("Vault", items), err
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(sub+"/resources?$filter="+url.QueryEscape("resourceType eq 'Microsoft.KeyVault/vaults'"), "2015-11-01")
	return as("Resource", items), err
}

func remove(c *command.Call) (any, error) {
	c.Warn("Warning! If you have soft-delete protection enabled on this key vault, you will not be able to reuse this key vault name until the key vault has been purged from the soft deleted state. Please see the following documentation for additional guidance.\nhttps://learn.microsoft.com/azure/key-vault/general/soft-delete-overview")
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

func deleted(c *command.Call) ([]any, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	return c.Pages(sub+"/providers/Microsoft.KeyVault/deletedVaults", version)
}

func listDeleted(c *command.Call) (any, error) {
	items, err := deleted(c)
	return as("DeletedVault", items), err
}

// gone finds a deleted vault and where it was.
func gone(c *command.Call) (any, string, error) {
	if err := noHSM(c); err != nil {
		return nil, "", err
	}
	name := c.Text("vault_name")
	if at := c.Place(); at != "" {
		sub, err := c.SubscriptionPath()
		if err != nil {
			return nil, "", err
		}
		v, err := c.Get(sub+"/providers/Microsoft.KeyVault/locations/"+at+"/deletedVaults/"+url.PathEscape(name), version)
		return v, at, err
	}
	items, err := deleted(c)
	if err != nil {
		return nil, "", err
	}
	for _, item := range items {
		if strings.EqualFold(value.String(item, "name"), name) {
			return item, value.String(item, "properties.location"), nil
		}
	}
	return nil, "", command.Fail("No deleted Vault or HSM was found with name %s", name)
}

func showDeleted(c *command.Call) (any, error) {
	_, at, err := gone(c)
	if err != nil {
		return nil, err
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	v, err := c.Get(sub+"/providers/Microsoft.KeyVault/locations/"+at+"/deletedVaults/"+url.PathEscape(c.Text("vault_name")), version)
	return as("DeletedVault", v), err
}

func purge(c *command.Call) (any, error) {
	_, at, err := gone(c)
	if err != nil {
		return nil, err
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodPost, sub+"/providers/Microsoft.KeyVault/locations/"+at+"/deletedVaults/"+url.PathEscape(c.Text("vault_name"))+"/purge", version, nil)
	return nil, err
}

func recoverVault(c *command.Call) (any, error) {
	v, at, err := gone(c)
	if err != nil {
		return nil, err
	}
	id := value.String(v, "properties.vaultId")
	parts := strings.Split(id, "/")
	if group := c.Text("resource_group_name"); len(parts) > 4 && group != "" && !strings.EqualFold(group, parts[4]) {
		return nil, command.Fail("The specified resource group does not match that of the deleted vault or hsm %s. The vault or hsm must be recovered to the original resource group %s.", c.Text("vault_name"), parts[4])
	}
	a, err := c.Account()
	if err != nil {
		return nil, err
	}
	return put(c, id, value.New("location", at, "properties", value.New("tenantId", a.Tenant(), "sku", value.New("family", "A", "name", "standard"), "createMode", "recover")))
}

// putBack writes a vault that was read and changed.
func putBack(c *command.Call, at string, v *value.Object) (any, error) {
	body := value.New("location", v.Get("location"), "properties", v.Get("properties"))
	if tags := v.Get("tags"); tags != nil {
		body.Set("tags", tags)
	}
	return put(c, at, body)
}

func update(c *command.Call) (any, error) {
	at, v, err := get(c)
	if err != nil {
		return nil, err
	}
	p := value.ObjectAt(v, "properties")
	settings(c, p)
	if days := c.Text("retention_days"); days != "" {
		p.Set("softDeleteRetentionInDays", json.Number(days))
	}
	acls := value.ObjectAt(p, "networkAcls")
	if acls == nil {
		acls = value.New("bypass", "AzureServices", "defaultAction", "Allow")
	}
	if bypass, action := c.Text("bypass"), c.Text("default_action"); bypass != "" || action != "" {
		if bypass != "" {
			acls.Set("bypass", bypass)
		}
		if action != "" {
			acls.Set("defaultAction", action)
		}
		p.Set("networkAcls", acls)
	}
	if err := c.Edit(v); err != nil {
		return nil, err
	}
	return putBack(c, at, v)
}
