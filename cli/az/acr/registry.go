package acr

import (
	_ "embed" // commands.txt, models.txt
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.ContainerRegistry.
const version = "2025-03-01-preview"

const registryType = "Microsoft.ContainerRegistry/registries"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az acr.
func Commands() ([]command.Group, []command.Command) {
	do := map[string]command.Do{
		"acr create":                            {Run: create, Table: registries},
		"acr show":                              {Run: show, Table: registries},
		"acr list":                              {Run: list, Table: registries},
		"acr update":                            {Run: update, Table: registries},
		"acr delete":                            {Run: remove, Table: registries},
		"acr check-name":                        {Run: checkName},
		"acr show-usage":                        {Run: usage, Table: rows("NAME", "name", "LIMIT", "limit", "CURRENT VALUE", "currentValue", "UNIT", "unit")},
		"acr login":                             {Run: login},
		"acr import":                            {Run: importImage},
		"acr credential show":                   {Run: credentials, Table: rows("USERNAME", "username", "PASSWORD", "passwords.0.value", "PASSWORD2", "passwords.1.value")},
		"acr credential renew":                  {Run: renew, Table: rows("USERNAME", "username", "PASSWORD", "passwords.0.value", "PASSWORD2", "passwords.1.value")},
		"acr config authentication-as-arm show": {Run: policy("azureAdAuthenticationAsArmPolicy")},
		"acr config authentication-as-arm update": {Run: setPolicy("azureADAuthenticationAsArmPolicy", "azureAdAuthenticationAsArmPolicy")},
		"acr config retention show":               {Run: policy("retentionPolicy")},
		"acr config content-trust show":           {Run: policy("trustPolicy")},
		"acr config content-trust update":         {Run: setPolicy("trustPolicy", "trustPolicy")},
		"acr config soft-delete show":             {Run: policy("softDeletePolicy")},
		"acr config soft-delete update":           {Run: setPolicy("softDeletePolicy", "softDeletePolicy")},
		"acr config retention update":             {Run: setPolicy("retentionPolicy", "retentionPolicy")},
	}
	for _, more := range []map[string]command.Do{repositories(), manifests(), tokens(), webhooks(), others()} {
		for path, d := range more {
			do[path] = d
		}
	}
	return command.Rows(table, do)
}

func registries(v any) any {
	return rows("NAME", "name", "RESOURCE GROUP", "resourceGroup", "LOCATION", "location", "SKU", "sku.name", "LOGIN SERVER", "loginServer",
		"CREATION DATE", "creationDate", "ADMIN ENABLED", "adminUserEnabled")(v)
}

var (
	upperCase = regexp.MustCompile(`^\w*[A-Z]\w*`)
	dashes    = regexp.MustCompile(`^\w*[-]\w*`)
	validName = regexp.MustCompile(`^[a-zA-Z0-9]*$`)
)

// name is --name or --registry, without the suffix of a login server.
func name(c *command.Call) (string, error) {
	n := c.Text("registry_name")
	if cloud, err := c.Cloud(); err == nil {
		if suffix := value.String(cloud.Suffixes, "acr_login_server_endpoint"); suffix != "" && strings.HasSuffix(strings.ToLower(n), strings.ToLower(suffix)) {
			c.Warn("The login server endpoint suffix '%s' is automatically omitted.", suffix)
			n = n[:len(n)-len(suffix)]
		}
	}
	if short, _, ok := strings.Cut(n, "-"); ok && short != "" {
		n = short
	}
	if c.Command.Path != "acr check-name" && (!validName.MatchString(n) || len(n) < 5 || len(n) > 50) {
		return "", command.Fail("Registry names may contain only alpha numeric characters and must be between 5 and 50 characters")
	}
	return n, nil
}

// errMissing marks that there is no registry of the name.
var errMissing = errors.New("no such registry")

// path is the registry's: below --resource-group, or wherever it is found.
func path(c *command.Call) (string, error) {
	n, err := name(c)
	if err != nil {
		return "", err
	}
	if c.Text("resource_group_name") == "" {
		group, err := c.Find(registryType, n)
		if err != nil {
			return "", err
		}
		if group == "" {
			a, err := c.Account()
			if err != nil {
				return "", err
			}
			return "", errors.Join(command.Fail("The resource with name '%s' and type '%s' could not be found in subscription '%s (%s)'.", n, registryType, a.Name(), a.ID()), errMissing)
		}
		c.Set("resource_group_name", strings.ToLower(group))
	}
	return c.Path("Microsoft.ContainerRegistry", "registries", n)
}

// registry reads the registry.
func registry(c *command.Call) (at string, found any, err error) {
	if at, err = path(c); err != nil {
		return "", nil, err
	}
	found, err = c.Get(at, version)
	return at, found, err
}

func create(c *command.Call) (any, error) {
	n := c.Text("registry_name")
	switch sku := c.Text("sku"); {
	case c.Has("default_action") && sku != "Premium":
		return nil, command.Fail("Network rules are only supported for managed registries in Premium SKU.")
	case c.Has("identity") || c.Has("key_encryption_key") || c.Has("workspace"):
		return nil, command.Fail("--identity, --key-encryption-key and --workspace are not built: create the registry without them.")
	}
	if _, err := name(c); err != nil {
		return nil, err
	}
	if upperCase.MatchString(n) {
		return nil, command.Fail("argument error: Registry name must use only lowercase.")
	}
	if dashes.MatchString(n) {
		return nil, command.Fail("argument error: Registry name cannot contain dashes.")
	}
	place, err := c.PlaceOrGroups()
	if err != nil {
		return nil, err
	}
	properties, err := changes(c)
	if err != nil {
		return nil, err
	}
	body := value.New("location", place, "sku", value.New("name", c.Text("sku")), "properties", properties)
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	at, err := c.Path("Microsoft.ContainerRegistry", "registries", n)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("Registry", v), err
}

// changes are the properties the arguments of create and update set.
func changes(c *command.Call) (*value.Object, error) {
	p := value.New()
	for to, from := range map[string]string{"adminUserEnabled": "admin_enabled", "zoneRedundancy": "zone_redundancy", "dataEndpointEnabled": "data_endpoint_enabled",
		"anonymousPullEnabled": "anonymous_pull_enabled", "autoGeneratedDomainNameLabelScope": "dnl_scope"} {
		if v := c.Value(from); v != nil {
			p.Set(to, v)
		}
	}
	if action := c.Text("default_action"); action != "" {
		p.Set("networkRuleSet", value.New("defaultAction", action))
	}
	if on, given := c.Switch("public_network_enabled"); given {
		p.Set("publicNetworkAccess", enabled(on, "Enabled", "Disabled"))
		if !on {
			p.Set("networkRuleSet", value.New("defaultAction", "Deny"))
			c.Warn("Disabling the public endpoint overrides all firewall configurations.")
		}
	}
	if on, given := c.Switch("allow_trusted_services"); given {
		p.Set("networkRuleBypassOptions", enabled(on, "AzureServices", "None"))
	}
	if v := c.Text("allow_exports"); v != "" {
		p.Set("policies", value.New("exportPolicy", value.New("status", enabled(v == "true", "enabled", "disabled"))))
	}
	if v := c.Text("allow_metadata_search"); v != "" {
		p.Set("metadataSearch", enabled(v == "true", "Enabled", "Disabled"))
	}
	if mode := c.Text("role_assignment_mode"); mode != "" {
		p.Set("roleAssignmentMode", enabled(mode == "rbac-abac", "AbacRepositoryPermissions", "LegacyRegistryPermissions"))
	}
	return p, nil
}

func enabled(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}

func show(c *command.Call) (any, error) {
	_, v, err := registry(c)
	return as("Registry", v), err
}

func list(c *command.Call) (any, error) {
	at, err := c.ListPath()
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at+"/providers/"+registryType, version)
	return as("Registry", items), err
}

func update(c *command.Call) (any, error) {
	body := value.New()
	properties, err := changes(c)
	if err != nil {
		return nil, err
	}
	if properties.Len() > 0 {
		body.Set("properties", properties)
	}
	if sku := c.Text("sku"); sku != "" {
		body.Set("sku", value.New("name", sku))
	}
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	if properties.Has("networkRuleSet") && value.String(found, "sku.name") != "Premium" {
		return nil, command.Fail("Network rules are only supported for managed registries in Premium SKU.")
	}
	v, err := c.Send(http.MethodPatch, at, version, body)
	return as("Registry", v), err
}

func remove(c *command.Call) (any, error) {
	if err := confirm(c, "Are you sure you want to delete the registry '"+c.Text("registry_name")+"'?"); err != nil {
		return nil, err
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

// confirm asks unless --yes was given.
func confirm(c *command.Call, question string) error {
	if c.Flag("yes") {
		return nil
	}
	return c.Ask(question)
}

func checkName(c *command.Call) (any, error) {
	n, err := name(c)
	if err != nil {
		return nil, err
	}
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	body := value.New("name", n, "type", registryType, "autoGeneratedDomainNameLabelScope", c.Text("dnl_scope"))
	if g := c.Text("resource_group_name"); g != "" {
		body.Set("resourceGroupName", g)
	}
	v, err := c.Send(http.MethodPost, sub+"/providers/Microsoft.ContainerRegistry/checkNameAvailability", version, body)
	return as("RegistryNameStatus", v), err
}

func usage(c *command.Call) (any, error) {
	at, _, err := registry(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at+"/listUsages", version)
	return as("RegistryUsageListResult", v), err
}

func credentials(c *command.Call) (any, error) {
	return asAdmin(c, "/listCredentials", nil)
}

func renew(c *command.Call) (any, error) {
	return asAdmin(c, "/regenerateCredential", value.New("name", c.Text("password_name")))
}

// asAdmin asks for the admin user's credentials, which there are only when that
// user is enabled.
func asAdmin(c *command.Call, action string, body any) (any, error) {
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	if value.Path(found, "properties.adminUserEnabled") != true {
		return nil, command.Fail("Run 'az acr update -n %s --admin-enabled true' to enable admin first.", c.Text("registry_name"))
	}
	v, err := c.Send(http.MethodPost, at+action, version, body)
	return as("RegistryListCredentialsResult", v), err
}

// premium refuses policies that only the Premium SKU has.
func premium(found any, member string) error {
	if (member == "retentionPolicy" || member == "trustPolicy") && value.String(found, "sku.name") != "Premium" {
		return command.Fail("Policies are only supported for managed registries in Premium SKU.")
	}
	return nil
}

func policy(member string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		_, v, err := registry(c)
		if errors.Is(err, errMissing) && member == "azureAdAuthenticationAsArmPolicy" {
			return value.New("status", "enabled"), nil // Azure: az prints the default
		}
		if err == nil {
			err = premium(v, member)
		}
		return value.Path(as("Registry", v), "policies."+member), err
	}
}

func setPolicy(wire, member string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, found, err := registry(c)
		if err != nil {
			return nil, err
		}
		if err := premium(found, member); err != nil {
			return nil, err
		}
		p := value.ObjectAt(found, "properties.policies."+wire)
		if p == nil {
			p = value.New()
		}
		if status := c.Text("status"); status != "" {
			p.Set("status", status)
		}
		if c.Has("days") {
			days := "days"
			if member == "softDeletePolicy" {
				if days = "retentionDays"; sooner(p, c) {
					if err := confirm(c, purgeQuestion); err != nil {
						return nil, err
					}
				}
			}
			p.Set(days, c.Value("days"))
		}
		v, err := c.Send(http.MethodPatch, at, version, value.New("properties", value.New("policies", value.New(wire, p))))
		return value.Path(as("Registry", v), "policies."+member), err
	}
}

// purgeQuestion is asked before deleted artifacts are kept for fewer days.
const purgeQuestion = "Soft-delete purge scheduling is determined by a registry's current soft-delete retention days policy at the time of purge. By reducing the retention days policy, you are changing the scheduled purge date of previously deleted artifacts. In doing so, you may be scheduling some artifacts in a soft-deleted state for immediate purge. Do you wish to proceed?"

// sooner reports whether --days is less than the days deleted artifacts are kept.
func sooner(policy *value.Object, c *command.Call) bool {
	now, err := strconv.Atoi(value.Text(value.Path(policy, "retentionDays")))
	return err == nil && c.Int("days") < now
}

func importImage(c *command.Call) (any, error) {
	at, _, err := registry(c)
	if err != nil {
		return nil, err
	}
	image, source := c.Text("source_image"), value.New()
	user, password := c.Text("source_registry_username"), c.Text("source_registry_password")
	if user != "" && password == "" {
		return nil, command.Fail("Authentication failed. Please provide password.")
	}
	from := c.Text("source_registry")
	if strings.HasPrefix(from, "/subscriptions/") {
		source.Set("resourceId", from)
	} else {
		server := from
		if from == "" {
			var ok bool
			if server, image, ok = strings.Cut(image, "/"); !ok || server == "" {
				return nil, command.Fail("Source cannot be found. Please provide a valid image and source registry or a fully qualified source.")
			}
			if !strings.Contains(server, ".") {
				return nil, command.Fail("Login server of the registry is not valid because it is not a fully qualified domain name.")
			}
		}
		found, err := byServer(c, server, from)
		switch {
		case err != nil:
			return nil, err
		case password != "" && from == "":
			source.Set("registryUri", server).Set("credentials", value.New("username", user, "password", password))
		case found != nil:
			source.Set("resourceId", value.Path(found, "id"))
			image = strings.TrimPrefix(image, value.String(found, "properties.loginServer")+"/")
		case from != "":
			return nil, command.Fail("The source container registry can not be found in the current subscription. Please provide a valid address and/or credentials.")
		default:
			source.Set("registryUri", server)
		}
	}
	source.Set("sourceImage", image)
	tags, untagged := c.List("target_tags"), c.List("repository")
	if len(tags) == 0 && len(untagged) == 0 {
		plain, _, _ := strings.Cut(image, "@")
		tags = []string{plain}
	}
	body := value.New("source", source, "targetTags", tags, "untaggedTargetRepositories", untagged, "mode", enabled(c.Flag("force"), "Force", "NoForce"))
	if c.Flag("no_wait") {
		c.Warn("Import has started. Due to no-wait option, failures will not be reflected.")
	}
	_, err = c.Send(http.MethodPost, at+"/importImage", version, body)
	return nil, err
}

// byServer finds a registry of the subscription by login server or name.
func byServer(c *command.Call, server, name string) (any, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(sub+"/providers/"+registryType, version)
	for _, item := range items {
		if strings.EqualFold(value.String(item, "properties.loginServer"), server) || name != "" && strings.EqualFold(value.String(item, "name"), name) {
			return item, err
		}
	}
	return nil, err
}
