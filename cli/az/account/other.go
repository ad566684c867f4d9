package account

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

func otherCommands() []command.Command {
	return []command.Command{
		{Path: "version", Help: "Show the versions of Azure CLI modules and extensions in JSON format by default or format configured by --output.", Run: version},
		{Path: "configure", Help: "Manage Azure CLI configuration.", Run: configure,
			Args: []command.Arg{
				{Name: "defaults", Flags: []string{"--defaults", "-d"}, Kind: command.List, Help: "Space-separated 'name=value' pairs for common argument defaults."},
				{Name: "list", Flags: []string{"--list-defaults", "-l"}, Kind: command.Switch, Help: "List all applicable defaults."},
				{Name: "scope", Flags: []string{"--scope"}, Choices: []string{"global"}, Default: "global", Help: "Scope of defaults."},
			},
			Examples: []command.Example{{What: "Set default resource group, webapp and VM names.", Line: "az configure --defaults group=MyResourceGroup web=MyWebApp vm=MyVm"}}},
		{Path: "rest", Help: "Invoke a custom request.", Run: rest,
			Args: []command.Arg{
				{Name: "method", Flags: []string{"--method", "-m"}, Choices: []string{"delete", "get", "head", "options", "patch", "post", "put"}, Default: "get", Help: "HTTP request method."},
				{Name: "url", Flags: []string{"--uri", "--url", "-u"}, Required: true, Help: "Request URL. If it doesn't start with a host, CLI assumes it as an Azure resource ID and prefixes it with the ARM endpoint of the current cloud."},
				{Name: "headers", Flags: []string{"--headers"}, Kind: command.List, Help: "Space-separated headers in KEY=VALUE format or JSON string."},
				{Name: "parameters", Flags: []string{"--uri-parameters", "--url-parameters"}, Kind: command.List, Append: true, Help: "Query parameters in the URL. Space-separated queries in KEY=VALUE format or JSON string."},
				{Name: "body", Flags: []string{"--body", "-b"}, Help: "Request body. Use @{file} to load from a file."},
				{Name: "skip", Flags: []string{"--skip-authorization-header"}, Kind: command.Flag, Help: "Do not auto-append Authorization header."},
				{Name: "file", Flags: []string{"--output-file"}, Help: "Save response payload to a file."},
				{Name: "resource", Flags: []string{"--resource"}, Help: "Resource url for which CLI should acquire a token from Microsoft Entra ID in order to access the service."},
			},
			Examples: []command.Example{{What: "Get a resource group.", Line: "az rest --method get --url /subscriptions/{subscriptionId}/resourceGroups/MyGroup?api-version=2021-04-01"}}},
	}
}

func version(c *command.Call) (any, error) {
	return value.New("azure-cli", command.APIVersion, "azure-cli-core", command.APIVersion, "azure-cli-telemetry", "1.1.0", "extensions", value.New()), nil
}

func configure(c *command.Call) (any, error) {
	if on, given := c.Switch("list"); given && on {
		options, err := c.Store.Section("defaults")
		rows := []any{}
		for _, o := range options {
			rows = append(rows, value.New("name", o.Name, "source", c.Store.Dir+"/config", "value", o.Value))
		}
		return rows, err
	}
	if !c.Has("defaults") {
		return nil, command.Fail("There is nothing to ask: use --defaults NAME=VALUE, or 'az cloud' and 'az account' for the rest.")
	}
	for _, word := range c.List("defaults") {
		name, v, ok := strings.Cut(word, "=")
		if !ok {
			return nil, command.Fail("usage error: --defaults STRING=STRING STRING=STRING ...")
		}
		if v == "" {
			if _, err := c.Store.RemoveConfig("defaults", name); err != nil {
				return nil, err
			}
		} else if err := c.Store.SetConfig("defaults", name, v); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func rest(c *command.Call) (any, error) {
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	base, audience, err := c.ResourceManager()
	if err != nil {
		return nil, err
	}
	r := client.Request{Method: strings.ToUpper(c.Text("method")), URL: c.Text("url"), Body: []byte(c.Text("body")), Header: http.Header{}}
	if a, err := c.Account(); err == nil {
		r.URL = strings.NewReplacer("{subscriptionId}", a.ID(), "{subscription}", a.ID()).Replace(r.URL)
	}
	if !strings.Contains(r.URL, "://") {
		r.URL = base + "/" + strings.TrimPrefix(r.URL, "/")
	}
	for _, word := range c.List("parameters") {
		mark := "?"
		if strings.Contains(r.URL, "?") {
			mark = "&"
		}
		r.URL += mark + strings.ReplaceAll(word, " ", "%20")
	}
	for _, word := range c.List("headers") {
		name, v, ok := strings.Cut(word, "=")
		if !ok {
			return nil, command.Fail("usage error: --headers KEY=VALUE [KEY=VALUE ...]")
		}
		r.Header.Set(name, v)
	}
	if r.Resource = c.Text("resource"); r.Resource == "" && !c.Flag("skip") && r.Header.Get("Authorization") == "" {
		r.Resource = tokenResource(cloud.Endpoints, r.URL, base, audience)
		if r.Resource == "" {
			c.Warn("Can't derive appropriate Azure AD resource from --url to acquire an access token. If access token is required, use --resource to specify the resource")
		}
	}
	res, err := c.REST().Do(c.Context, r)
	if err != nil {
		return nil, restError(err)
	}
	if path := c.Text("file"); path != "" {
		return nil, writeFile(path, res.Body)
	}
	if len(res.Body) == 0 {
		return nil, nil
	}
	v, err := value.Decode(res.Body)
	if err != nil {
		c.Warn("Not a json response, outputting to stdout. For binary data suggest use \"--output-file\" to write to a file")
		_, err = c.Out.Write(append(res.Body, '\n'))
		return nil, err
	}
	return v, nil
}

// tokenResource finds the endpoint of the cloud a URL begins with.
func tokenResource(endpoints *value.Object, url, base, audience string) string {
	if strings.HasPrefix(strings.ToLower(url), strings.ToLower(base)) {
		return audience
	}
	for _, name := range endpoints.Keys() {
		at := strings.TrimRight(value.String(endpoints, name), "/")
		if at != "" && strings.HasPrefix(strings.ToLower(url), strings.ToLower(at)) {
			return value.String(endpoints, name)
		}
	}
	return ""
}
