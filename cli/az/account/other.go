package account

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

func version(c *command.Call) (any, error) {
	return value.New("azure-cli", command.APIVersion, "azure-cli-core", command.APIVersion, "azure-cli-telemetry", "1.1.0", "extensions", value.New()), nil
}

func configure(c *command.Call) (any, error) {
	if on, given := c.Switch("list_defaults"); given && on {
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
	for _, word := range c.List("uri_parameters") {
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
	if r.Resource = c.Text("resource"); r.Resource == "" && !c.Flag("skip_authorization_header") && r.Header.Get("Authorization") == "" {
		r.Resource = tokenResource(cloud.Endpoints, r.URL, base, audience)
		if r.Resource == "" {
			c.Warn("Can't derive appropriate Azure AD resource from --url to acquire an access token. If access token is required, use --resource to specify the resource")
		}
	}
	res, err := c.REST().Do(c.Context, r)
	if err != nil {
		return nil, restError(err)
	}
	if path := c.Text("output_file"); path != "" {
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
