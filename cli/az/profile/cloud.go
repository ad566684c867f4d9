package profile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Cloud says where the services of a cloud are. The names of endpoints and
// suffixes are az's, such as resource_manager and keyvault_dns; the values text
// or null.
type Cloud struct {
	Name      string
	Active    bool
	Profile   string
	Endpoints *value.Object
	Suffixes  *value.Object
}

// Endpoint is the address of a service. An error when the cloud has none.
func (c *Cloud) Endpoint(name string) (string, error) {
	if s := value.String(c.Endpoints, name); s != "" {
		return s, nil
	}
	return "", value.Said("The endpoint '%s' for cloud '%s' is not set but is used.\n%s may be corrupt or invalid.\nResolve the error or delete this file and try again.", name, c.Name, "clouds.config")
}

// Suffix is the end of host names of a service. An error when the cloud has none.
func (c *Cloud) Suffix(name string) (string, error) {
	if s := value.String(c.Suffixes, name); s != "" {
		return s, nil
	}
	return "", value.Said("The suffix '%s' for cloud '%s' is not set but is used.\n%s may be corrupt or invalid.\nResolve the error or delete this file and try again.", name, c.Name, "clouds.config")
}

// endpointNames and suffixNames are all that az knows, in its order.
var endpointNames = []string{"management", "resource_manager", "sql_management", "batch_resource_id", "gallery", "active_directory", "active_directory_resource_id",
	"active_directory_graph_resource_id", "microsoft_graph_resource_id", "active_directory_data_lake_resource_id", "vm_image_alias_doc", "media_resource_id",
	"ossrdbms_resource_id", "log_analytics_resource_id", "app_insights_resource_id", "app_insights_telemetry_channel_resource_id", "synapse_analytics_resource_id",
	"attestation_resource_id", "portal", "azmirror_storage_account_resource_id"}

var suffixNames = []string{"storage_endpoint", "storage_sync_endpoint", "keyvault_dns", "mhsm_dns", "sql_server_hostname", "mysql_server_endpoint",
	"postgresql_server_endpoint", "mariadb_server_endpoint", "azure_datalake_store_file_system_endpoint", "azure_datalake_analytics_catalog_and_job_endpoint",
	"acr_login_server_endpoint", "synapse_analytics_endpoint", "attestation_endpoint"}

// NewCloud is a cloud of which nothing is known yet.
func NewCloud(name string) *Cloud {
	c := &Cloud{Name: name, Profile: "latest", Endpoints: value.New(), Suffixes: value.New()}
	for _, n := range endpointNames {
		c.Endpoints.Set(n, nil)
	}
	for _, n := range suffixNames {
		c.Suffixes.Set(n, nil)
	}
	return c
}

func (c *Cloud) with(endpoints, suffixes map[string]string) *Cloud {
	for k, v := range endpoints {
		c.Endpoints.Set(k, v)
	}
	for k, v := range suffixes {
		c.Suffixes.Set(k, v)
	}
	return c
}

// Clouds are all registered clouds: the known ones and those of clouds.config,
// the active one marked.
func (s *Store) Clouds() ([]*Cloud, error) {
	known, err := s.known()
	if err != nil {
		return nil, err
	}
	active, err := s.activeName(known)
	if err != nil {
		return nil, err
	}
	f, err := readINI(s.path("clouds.config"))
	if err != nil {
		return nil, err
	}
	clouds := append([]*Cloud(nil), known...)
	for _, sec := range f.sections {
		c := find(clouds, sec.name)
		if c == nil {
			c = NewCloud(sec.name)
			clouds = append(clouds, c)
		}
		for _, o := range sec.options {
			if name, ok := strings.CutPrefix(o.name, "endpoint_"); ok {
				c.Endpoints.Set(name, o.value)
			} else if name, ok := strings.CutPrefix(o.name, "suffix_"); ok {
				c.Suffixes.Set(name, o.value)
			} else if o.name == "profile" {
				c.Profile = o.value
			}
		}
	}
	for _, c := range clouds {
		c.Active = c.Name == active
		if c.Endpoints.Get("management") == nil {
			c.Endpoints.Set("management", c.Endpoints.Get("resource_manager"))
		}
	}
	return clouds, nil
}

func find(clouds []*Cloud, name string) *Cloud {
	for _, c := range clouds {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// known are the clouds az knows without being told: those that
// ARM_CLOUD_METADATA_URL lists, or the public ones.
func (s *Store) known() ([]*Cloud, error) {
	if s.clouds != nil {
		return s.clouds, nil
	}
	url := s.Getenv("ARM_CLOUD_METADATA_URL")
	if url == "" {
		s.clouds = public()
		return s.clouds, nil
	}
	if s.clouds = s.keptClouds(); s.clouds != nil {
		return s.clouds, nil
	}
	data, err := s.Fetch(url)
	if err != nil {
		return nil, value.Said("Failed to load cloud metadata from the url specified by ARM_CLOUD_METADATA_URL: %v", err)
	}
	v, err := value.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s is no JSON: %w", url, err)
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for _, item := range items {
		c, err := FromMetadata(value.String(item, "name"), item)
		if err != nil {
			return nil, err
		}
		if c.Name == "AzureCloud" { // Azure: the public cloud's own list names an older address
			c.Endpoints.Set("active_directory", "https://login.microsoftonline.com")
		}
		s.clouds = append(s.clouds, c)
	}
	if len(s.clouds) == 0 {
		return nil, value.Said("No clouds available. Please ensure ARM_CLOUD_METADATA_URL is valid.")
	}
	return s.clouds, s.keepClouds()
}

// keptClouds reads what was found at ARM_CLOUD_METADATA_URL before.
func (s *Store) keptClouds() []*Cloud {
	v, err := s.readJSON("cloudEndpoints.json")
	if err != nil {
		return nil
	}
	var clouds []*Cloud
	for _, item := range value.List(v, "clouds") {
		c := NewCloud(value.String(item, "name"))
		for from, to := range map[*value.Object]*value.Object{value.ObjectAt(item, "endpoints"): c.Endpoints, value.ObjectAt(item, "suffixes"): c.Suffixes} {
			if from == nil {
				return nil
			}
			for _, k := range from.Keys() {
				to.Set(k, from.Get(k))
			}
		}
		clouds = append(clouds, c)
	}
	return clouds
}

func (s *Store) keepClouds() error {
	var list []any
	for _, c := range s.clouds {
		list = append(list, value.New("name", c.Name, "endpoints", c.Endpoints, "suffixes", c.Suffixes))
	}
	data, err := value.Encode(value.New("clouds", list))
	if err != nil {
		return err
	}
	return s.write("cloudEndpoints.json", append([]byte(mark), data...), 0o644)
}

// FromMetadata makes a cloud of what GET /metadata/endpoints of a control plane
// answers (api-version 2022-09-01, or one item of 2019-05-01).
func FromMetadata(name string, v any) (*Cloud, error) {
	auth, suffixes := value.ObjectAt(v, "authentication"), value.ObjectAt(v, "suffixes")
	if auth == nil || suffixes == nil {
		return nil, errors.New("the control plane's /metadata/endpoints has no authentication or no suffixes")
	}
	c := NewCloud(name)
	set := func(o *value.Object, name, text string, dotted bool) {
		if text != "" && dotted && !strings.HasPrefix(text, ".") {
			text = "." + text
		}
		if text != "" {
			o.Set(name, text)
		}
	}
	for to, from := range map[string]string{
		"resource_manager": "resourceManager", "sql_management": "sqlManagement", "batch_resource_id": "batch", "gallery": "gallery", "active_directory_data_lake_resource_id": "activeDirectoryDataLake",
		"vm_image_alias_doc": "vmImageAliasDoc", "active_directory_graph_resource_id": "graphAudience", "microsoft_graph_resource_id": "microsoftGraphResourceId", "media_resource_id": "media",
		"ossrdbms_resource_id": "ossrDbmsResourceId", "portal": "portal", "active_directory": "authentication.loginEndpoint", "management": "authentication.audiences.0",
		"active_directory_resource_id": "authentication.audiences.0", "log_analytics_resource_id": "logAnalyticsResourceId", "app_insights_resource_id": "appInsightsResourceId",
		"app_insights_telemetry_channel_resource_id": "appInsightsTelemetryChannelResourceId", "synapse_analytics_resource_id": "synapseAnalyticsResourceId", "attestation_resource_id": "attestationResourceId",
	} {
		set(c.Endpoints, to, value.String(v, from), false)
	}
	for to, from := range map[string]string{
		"storage_endpoint": "storage", "storage_sync_endpoint": "storageSyncEndpointSuffix", "azure_datalake_store_file_system_endpoint": "azureDataLakeStoreFileSystem",
		"azure_datalake_analytics_catalog_and_job_endpoint": "azureDataLakeAnalyticsCatalogAndJob",
	} {
		set(c.Suffixes, to, value.String(suffixes, from), false)
	}
	for to, from := range map[string]string{
		"keyvault_dns": "keyVaultDns", "mhsm_dns": "mhsmDns", "sql_server_hostname": "sqlServerHostname", "mysql_server_endpoint": "mysqlServerEndpoint", "postgresql_server_endpoint": "postgresqlServerEndpoint",
		"mariadb_server_endpoint": "mariadbServerEndpoint", "acr_login_server_endpoint": "acrLoginServer", "synapse_analytics_endpoint": "synapseAnalytics", "attestation_endpoint": "attestationEndpoint",
	} {
		set(c.Suffixes, to, value.String(suffixes, from), true)
	}
	return c, nil
}

func (s *Store) activeName(known []*Cloud) (string, error) {
	if name, ok := s.Config("cloud", "name"); ok {
		return name, nil
	}
	name := known[0].Name
	if c := find(known, "AzureCloud"); c != nil {
		name = c.Name
	}
	return name, s.SetConfig("cloud", "name", name)
}

// Cloud is the active cloud. When it has been unregistered meanwhile, the default
// one becomes active.
func (s *Store) Cloud() (*Cloud, error) {
	clouds, err := s.Clouds()
	if err != nil {
		return nil, err
	}
	for _, c := range clouds {
		if c.Active {
			return c, nil
		}
	}
	known, err := s.known()
	if err != nil {
		return nil, err
	}
	c := known[0]
	if azure := find(known, "AzureCloud"); azure != nil {
		c = azure
	}
	s.Warn("The active cloud is not registered. Resetting active cloud to '%s'.", c.Name)
	c.Active = true
	return c, s.SetConfig("cloud", "name", c.Name)
}

// AddCloud writes a cloud to clouds.config, over what is there.
func (s *Store) AddCloud(c *Cloud) error {
	f, err := readINI(s.path("clouds.config"))
	if err != nil {
		return err
	}
	sec := f.section(c.Name)
	if c.Profile != "" && c.Profile != "latest" {
		sec.set("profile", c.Profile)
	}
	for prefix, o := range map[string]*value.Object{"endpoint_": c.Endpoints, "suffix_": c.Suffixes} {
		for _, k := range o.Keys() {
			if v, ok := o.Get(k).(string); ok {
				sec.set(prefix+k, v)
			}
		}
	}
	return s.write("clouds.config", f.text(), 0o644)
}

// RemoveCloud takes a cloud out of clouds.config.
func (s *Store) RemoveCloud(name string) error {
	f, err := readINI(s.path("clouds.config"))
	if err != nil {
		return err
	}
	f.removeSection(name)
	return s.write("clouds.config", f.text(), 0o644)
}

// IsKnown reports whether az knows the cloud without its being registered.
func (s *Store) IsKnown(name string) (bool, error) {
	known, err := s.known()
	return find(known, name) != nil, err
}

// cloudSubscription is the subscription last active in a cloud, "" for none.
func (s *Store) cloudSubscription(cloud string) (string, error) {
	f, err := readINI(s.path("clouds.config"))
	if err != nil {
		return "", err
	}
	id, _ := f.get(cloud, "subscription")
	return id, nil
}

func (s *Store) setCloudSubscription(cloud, id string) error {
	f, err := readINI(s.path("clouds.config"))
	if err != nil {
		return err
	}
	f.section(cloud).set("subscription", id)
	return s.write("clouds.config", f.text(), 0o644)
}
