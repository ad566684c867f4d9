package container

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func create(c *command.Call) (any, error) {
	if c.Text("file") != "" {
		return fromFile(c)
	}
	if c.Text("name") == "" {
		return nil, command.Fail("error: the --name/-n argument is required unless specified with a passed in file.")
	}
	body, err := described(c)
	if err != nil {
		return nil, err
	}
	place, err := c.PlaceOrGroups()
	if err != nil {
		return nil, err
	}
	body.Set("location", place)
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("ContainerGroup", v), err
}

// notBuilt are arguments whose services are not there.
var notBuilt = []string{"subnet", "vnet", "log_analytics_workspace", "standby_pool_profile_id", "container_group_profile_id", "identity_scope"}

// described is the group the arguments speak of.
func described(c *command.Call) (*value.Object, error) {
	for _, name := range notBuilt {
		if c.Has(name) {
			return nil, command.Fail("--%s is not built: leave it out.", strings.ReplaceAll(name, "_", "-"))
		}
	}
	p, one := value.New(), value.New("configMap", value.New("keyValuePairs", value.New()))
	if v := c.Value("image"); v != nil {
		one.Set("image", v)
	}
	if err := settings(c, one); err != nil {
		return nil, err
	}
	credentials, err := credentials(c)
	if err != nil {
		return nil, err
	}
	if credentials != nil {
		p.Set("imageRegistryCredentials", []any{credentials})
	}
	volumes, mounts, err := volumesOf(c)
	if err != nil {
		return nil, err
	}
	if len(volumes) > 0 {
		p.Set("volumes", volumes)
		one.Set("volumeMounts", mounts)
	}
	if ip, ports, err := address4(c); err != nil {
		return nil, err
	} else if ip != nil {
		p.Set("ipAddress", ip)
		one.Set("ports", ports)
	}
	p.Set("containers", []any{value.New("name", c.Text("name"), "properties", one)})
	for to, from := range map[string]string{"osType": "os_type", "restartPolicy": "restart_policy", "priority": "priority", "sku": "sku"} {
		if v := c.Value(from); v != nil {
			p.Set(to, v)
		}
	}
	if c.Text("sku") == "Confidential" {
		confidential(c, p, one)
	}
	body := value.New("tags", value.New(), "properties", p)
	if zone := c.Text("zone"); zone != "" {
		body.Set("zones", []any{zone})
	}
	if identity := identity(c); identity != nil {
		body.Set("identity", identity)
	}
	return body, nil
}

// settings are the container's own: resources, command, environment, files.
func settings(c *command.Call, one *value.Object) error {
	requests := value.New()
	for to, from := range map[string]string{"memoryInGB": "memory", "cpu": "cpu"} {
		if v := c.Value(from); v != nil {
			requests.Set(to, v)
		}
	}
	if requests.Len() > 0 {
		one.Set("resources", value.New("requests", requests))
	}
	if line := c.Text("command_line"); line != "" {
		words, err := split(line)
		if err != nil {
			return err
		}
		one.Set("command", words)
	}
	variables := []any{}
	for _, kind := range [][3]string{{"environment_variables", "value", "environment settings"}, {"secure_environment_variables", "secureValue", "secure environment settings"}} {
		for _, word := range c.List(kind[0]) {
			name, v, ok := strings.Cut(word, "=")
			if !ok {
				return command.Fail("Incorrectly formatted %s. Argument values should be in the format a=b c=d", kind[2])
			}
			variables = append(variables, value.New("name", name, kind[1], v))
		}
	}
	if len(variables) > 0 {
		one.Set("environmentVariables", variables)
	}
	pairs := value.ObjectAt(one, "configMap.keyValuePairs")
	for _, word := range c.List("config_map") {
		name, v, ok := strings.Cut(word, "=")
		if !ok {
			return command.Fail("Incorrectly formatted config map key-value pairs. Argument values should be in the format a=b c=d")
		}
		pairs.Set(name, v)
	}
	return nil
}

// azureRegistry marks login servers that nobody reaches without credentials.
const azureRegistry = ".azurecr."

// credentials are those of the image's registry; nil for none.
func credentials(c *command.Call) (*value.Object, error) {
	server, user, password, id := c.Text("registry_login_server"), c.Text("registry_username"), c.Text("registry_password"), c.Text("acr_identity")
	host, _, _ := strings.Cut(c.Text("image"), "/")
	if id != "" {
		if !strings.HasPrefix(id, "/subscriptions/") {
			at, err := c.Path("Microsoft.ManagedIdentity", "userAssignedIdentities", id)
			if err != nil {
				return nil, err
			}
			id = at
		}
		if server == "" {
			server = host
		}
		o := value.New("server", server, "identity", id)
		return o, nil
	}
	switch {
	case server != "" && user == "":
		return nil, command.Fail("Please specify --registry-username in order to use custom image registry.")
	case server != "" && password == "":
		return nil, command.Fail("Please specify --registry-password in order to use custom image registry.")
	case server == "" && strings.HasSuffix(host, azureRegistry+"io") && user == "":
		return nil, command.Fail("Please specify --registry-username in order to use Azure Container Registry.")
	case server == "" && strings.HasSuffix(host, azureRegistry+"io") && password == "":
		return nil, command.Fail("Please specify --registry-password in order to use Azure Container Registry.")
	case server == "" && (user == "" || password == "" || !strings.Contains(host, ".")):
		return nil, nil
	case server == "":
		server = host
	}
	return value.New("server", server, "username", user, "password", password), nil
}

// volumesOf are the volumes of files, secrets and repositories, and where they go.
func volumesOf(c *command.Call) (volumes, mounts []any, err error) {
	mount := func(name, arg, missing string, given bool) error {
		at := c.Text(arg)
		switch {
		case at != "" && !given:
			return command.Fail("%s", missing)
		case strings.Contains(at, ":"):
			return command.Fail("The volume mount path cannot contain ':'")
		case at != "":
			mounts = append(mounts, value.New("name", name, "mountPath", at))
		}
		return nil
	}
	if share := c.Text("azure_file_volume_share_name"); share != "" {
		account, key := c.Text("azure_file_volume_account_name"), c.Text("azure_file_volume_account_key")
		if account == "" {
			return nil, nil, command.Fail("Please specify --azure-file-volume-account-name in order to use Azure File volume.")
		}
		if key == "" {
			return nil, nil, command.Fail("Please specify --azure-file-volume-account-key in order to use Azure File volume.")
		}
		volumes = append(volumes, value.New("name", "azurefile", "azureFile", value.New("shareName", share, "storageAccountName", account, "storageAccountKey", key)))
	}
	if err := mount("azurefile", "azure_file_volume_mount_path", "Please specify --azure-file-volume-share-name --azure-file-volume-account-name --azure-file-volume-account-key to enable Azure File volume mount.", len(volumes) > 0); err != nil {
		return nil, nil, err
	}
	if words := c.List("secrets"); len(words) > 0 {
		secret := value.New()
		for _, word := range words {
			name, v, ok := strings.Cut(word, "=")
			if !ok {
				return nil, nil, command.Fail("Secrets need to be specifed in key=value format.")
			}
			secret.Set(name, base64.StdEncoding.EncodeToString([]byte(v)))
		}
		if c.Text("secrets_mount_path") == "" {
			return nil, nil, command.Fail("Please specify --secrets --secrets-mount-path to enable secrets volume mount.")
		}
		volumes = append(volumes, value.New("name", "secrets", "secret", secret))
		if err := mount("secrets", "secrets_mount_path", "", true); err != nil {
			return nil, nil, err
		}
	}
	if repository := c.Text("gitrepo_url"); repository != "" {
		dir := c.Text("gitrepo_dir")
		if strings.Contains(dir, "..") {
			return nil, nil, command.Fail("The git repo directory cannot contain '..'")
		}
		git := value.New("directory", dir, "repository", repository)
		if revision := c.Text("gitrepo_revision"); revision != "" {
			git.Set("revision", revision)
		}
		volumes = append(volumes, value.New("name", "gitrepo", "gitRepo", git))
	}
	return volumes, mounts, mount("gitrepo", "gitrepo_mount_path", "Please specify --gitrepo-url (--gitrepo-dir --gitrepo-revision) to enable Git Repo volume mount.", c.Text("gitrepo_url") != "")
}

// address4 is the group's public address with its ports, nil for none.
func address4(c *command.Call) (ip *value.Object, ports []any, err error) {
	label := c.Text("dns_name_label")
	if c.Text("ip_address") != "Public" && label == "" {
		return nil, nil, nil
	}
	protocol := c.Text("protocol")
	if protocol == "" {
		protocol = "TCP"
	}
	words := c.List("ports")
	if len(words) == 0 {
		words = []string{"80"}
	}
	for _, word := range words {
		if _, err := strconv.Atoi(word); err != nil {
			return nil, nil, command.Usage("argument --ports: invalid int value: '%s'", word)
		}
		ports = append(ports, value.New("protocol", protocol, "port", json.Number(word)))
	}
	ip = value.New("type", "Public", "ports", ports)
	if label != "" {
		ip.Set("dnsNameLabel", label)
	}
	return ip, ports, nil
}

// confidential adds what only confidential groups have.
func confidential(c *command.Call, p, one *value.Object) {
	p.Set("confidentialComputeProperties", value.New("ccePolicy", c.Value("cce_policy")))
	one.Set("securityContext", value.New("privileged", c.Flag("privileged"), "allowPrivilegeEscalation", c.Flag("allow_privilege_escalation"),
		"capabilities", value.New("add", c.Value("add_capabilities"), "drop", c.Value("drop_capabilities")),
		"runAsGroup", c.Value("run_as_group"), "runAsUser", c.Value("run_as_user"), "seccompProfile", c.Value("seccomp_profile")))
}

// identity is --assign-identity: [system], ids, or both.
func identity(c *command.Call) *value.Object {
	if !c.Has("assign_identity") {
		return nil
	}
	users, system := value.New(), len(c.List("assign_identity")) == 0
	for _, id := range c.List("assign_identity") {
		if id == "[system]" {
			system = true
		} else {
			users.Set(id, value.New())
		}
	}
	kind := "UserAssigned"
	if system && users.Len() > 0 {
		kind = "SystemAssigned, UserAssigned"
	} else if system {
		kind = "SystemAssigned"
	}
	o := value.New("type", kind)
	if users.Len() > 0 {
		o.Set("userAssignedIdentities", users)
	}
	return o
}

// split cuts a command line into words as a POSIX shell does.
func split(line string) ([]any, error) {
	var words []any
	var word strings.Builder
	quote, begun, escaped := rune(0), false, false
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 || escaped {
		return nil, command.Fail("No closing quotation in --command-line: %s", line)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
