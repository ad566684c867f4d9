package account

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/profile"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// endpointFlags are the parts of a cloud that register and update take one by one.
var endpointFlags = []string{"endpoint_management", "endpoint_resource_manager", "endpoint_sql_management", "endpoint_gallery", "endpoint_active_directory",
	"endpoint_active_directory_resource_id", "endpoint_active_directory_graph_resource_id", "endpoint_active_directory_data_lake_resource_id", "endpoint_vm_image_alias_doc",
	"suffix_sql_server_hostname", "suffix_storage_endpoint", "suffix_keyvault_dns", "suffix_azure_datalake_store_file_system_endpoint",
	"suffix_azure_datalake_analytics_catalog_and_job_endpoint", "suffix_acr_login_server_endpoint"}

func clouds(c *command.Call) (any, error) {
	all, err := c.Store.Clouds()
	if err != nil {
		return nil, err
	}
	rows := make([]any, len(all))
	for i, cloud := range all {
		rows[i] = printed(cloud)
	}
	return rows, nil
}

// underscore is where a name of several words is joined.
var underscore = regexp.MustCompile(`_([a-z])`)

func camel(s string) string {
	return underscore.ReplaceAllStringFunc(s, func(m string) string { return strings.ToUpper(m[1:]) })
}

func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printed is a cloud as az prints it.
func printed(c *profile.Cloud) *value.Object {
	words := func(from *value.Object) *value.Object {
		to := value.New()
		for _, k := range from.Keys() {
			to.Set(camel(k), from.Get(k))
		}
		return to
	}
	return value.New("name", c.Name, "endpoints", words(c.Endpoints), "suffixes", words(c.Suffixes), "profile", c.Profile, "isActive", c.Active)
}

func findCloud(c *command.Call, name string) (*profile.Cloud, error) {
	all, err := c.Store.Clouds()
	if err != nil {
		return nil, err
	}
	for _, cloud := range all {
		if cloud.Name == name || name == "" && cloud.Active {
			return cloud, nil
		}
	}
	return nil, command.Fail("The cloud '%s' is not registered.", name)
}

func showCloud(c *command.Call) (any, error) {
	cloud, err := findCloud(c, c.Text("cloud_name"))
	if err != nil {
		return nil, err
	}
	return printed(cloud), nil
}

func setCloud(c *command.Call) (any, error) {
	name := c.Text("cloud_name")
	all, err := c.Store.Clouds()
	if err != nil {
		return nil, err
	}
	for _, cloud := range all {
		if strings.EqualFold(cloud.Name, name) {
			name = cloud.Name
		}
	}
	cloud, err := findCloud(c, name)
	if err != nil || cloud.Active {
		return nil, err
	}
	a, err := c.Store.SwitchCloud(name)
	if err != nil {
		return nil, err
	}
	c.Warn("Switched active cloud to '%s'.", name)
	if a.Object == nil {
		c.Warn("Use 'az login' to log in to this cloud.")
		c.Warn("Use 'az account set' to set the active subscription.")
		return nil, nil
	}
	c.Warn("Active subscription switched to '%s (%s)'.", a.Name(), a.ID())
	return nil, nil
}

func register(c *command.Call) (any, error) {
	name := c.Text("cloud_name")
	if cloud, err := findCloud(c, name); err == nil {
		return nil, command.Fail("The cloud '%s' is already registered.", cloud.Name)
	}
	cloud, err := described(c, name)
	if err != nil {
		return nil, err
	}
	if err := complete(cloud); err != nil {
		return nil, err
	}
	return nil, c.Store.AddCloud(cloud)
}

// complete checks that a cloud has the endpoints without which nothing works.
func complete(cloud *profile.Cloud) error {
	var missing []string
	for _, part := range []string{"resource_manager", "active_directory", "active_directory_resource_id", "active_directory_graph_resource_id"} {
		if value.String(cloud.Endpoints, part) == "" {
			missing = append(missing, "--endpoint-"+strings.ReplaceAll(part, "_", "-"))
		}
	}
	if len(missing) > 0 {
		return command.Fail("The following endpoints are required for the CLI to function and were not specified on the command line, in the cloud config or could not be autodetected.\nSpecify them on the command line or through the cloud config file:\n%s", strings.Join(missing, ", "))
	}
	return nil
}

func update(c *command.Call) (any, error) {
	name := c.Text("cloud_name")
	old, unknown := findCloud(c, name)
	if unknown == nil {
		name = old.Name
	}
	cloud, err := described(c, name)
	if err != nil {
		return nil, err
	}
	if unknown != nil {
		if err := complete(cloud); err != nil {
			return nil, err
		}
		return nil, unknown
	}
	return nil, c.Store.AddCloud(cloud)
}

// described is the cloud the arguments speak of: what its control plane says of
// itself, and what was given over that.
func described(c *command.Call, name string) (*profile.Cloud, error) {
	cloud := profile.NewCloud(name)
	var config any
	if text := c.Text("cloud_config"); text != "" {
		var err error
		if config, err = value.Decode([]byte(text)); err != nil {
			return nil, command.Fail("Failed to parse JSON: %s\nError detail: %v", text, err)
		}
	}
	at := c.Text("endpoint_resource_manager")
	for _, path := range []string{"endpoints.resourceManager", "endpoints.resource_manager"} {
		if at == "" {
			at = value.String(config, path)
		}
	}
	if at != "" {
		found, err := metadata(c, at)
		if err != nil {
			return nil, err
		}
		cloud = found
		cloud.Name = name
	}
	for section, to := range map[string]*value.Object{"endpoints": cloud.Endpoints, "suffixes": cloud.Suffixes} {
		from := value.ObjectAt(config, section)
		if from == nil {
			continue
		}
		for _, k := range from.Keys() {
			to.Set(snake(k), from.Get(k))
		}
	}
	for _, f := range endpointFlags {
		if v := c.Text(f); v == "" {
			continue
		} else if part, ok := strings.CutPrefix(f, "endpoint_"); ok {
			cloud.Endpoints.Set(part, v)
		} else {
			cloud.Suffixes.Set(strings.TrimPrefix(f, "suffix_"), v)
		}
	}
	return cloud, nil
}

// metadata asks a control plane for its cloud's endpoints.
func metadata(c *command.Call, at string) (*profile.Cloud, error) {
	url := at + "/metadata/endpoints?api-version=2022-09-01"
	res, err := c.REST().Do(c.Context, client.Request{Method: http.MethodGet, URL: url})
	if err != nil {
		return nil, command.Fail("Unable to get endpoints from the cloud.\nPlease ensure you have network connection. Error detail: %v", err)
	}
	v, err := value.Decode(res.Body)
	if err != nil {
		return nil, command.Fail("Unable to get endpoints from the cloud.\nResponse body does not contain valid json. Error detail: %v", err)
	}
	return profile.FromMetadata("", v)
}

func unregister(c *command.Call) (any, error) {
	cloud, err := findCloud(c, c.Text("cloud_name"))
	if err != nil {
		return nil, err
	}
	known, err := c.Store.IsKnown(cloud.Name)
	switch {
	case err != nil:
		return nil, err
	case cloud.Active:
		return nil, command.Fail("The cloud '%s' cannot be unregistered as it's currently active.", cloud.Name)
	case known:
		return nil, command.Fail("The cloud '%s' cannot be unregistered as it's not a custom cloud.", cloud.Name)
	}
	return nil, c.Store.RemoveCloud(cloud.Name)
}
