package acr

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// acrAudience is whose tokens a registry takes that refuses those of the control
// plane. Azure: the same in every cloud.
const acrAudience = "https://containerregistry.azure.net"

// plane is a registry's own address with a right to it.
type plane struct {
	*command.Call
	server string
	auth   string // Authorization
}

// signIn finds the registry and signs in to it: by --username and --password, by
// the account's own token, or, where that is refused, as its admin user. The
// password is a refresh token where the user is [client.RegistryUser].
func signIn(c *command.Call) (server, user, password string, err error) {
	n, err := name(c)
	if err != nil {
		return "", "", "", err
	}
	at, found, err := registry(c)
	missing := errors.Is(err, errMissing)
	switch {
	case err == nil:
		server = value.String(found, "properties.loginServer")
	case missing:
		cloud, cloudErr := c.Cloud()
		if cloudErr != nil {
			return "", "", "", cloudErr
		}
		suffix, suffixErr := cloud.Suffix("acr_login_server_endpoint")
		if suffixErr != nil {
			return "", "", "", err
		}
		if tenant := c.Text("tenant_suffix"); tenant != "" {
			n += "-" + tenant
		}
		server = strings.ToLower(n + suffix)
	default:
		return "", "", "", err
	}
	user, password = c.Text("username"), c.Text("password")
	if user != "" || password != "" {
		switch {
		case user == "":
			return "", "", "", command.Fail("Please also specify username if password is specified.")
		case password == "":
			return "", "", "", command.Fail("Please specify both username and password in non-interactive mode.")
		}
		return server, user, password, nil
	}
	refresh, refused := exchange(c, server, value.String(found, "properties.policies.azureADAuthenticationAsArmPolicy.status") == "disabled")
	if refused == nil {
		return server, client.RegistryUser, refresh, nil
	}
	c.Warn("Unable to get AAD authorization tokens with message: %v", refused)
	if missing {
		text, _, _ := strings.Cut(err.Error(), "\n") // the mark has a line of its own
		c.Warn("Unable to get admin user credentials with message: %s", text)
	} else if value.Path(found, "properties.adminUserEnabled") == true {
		v, err := c.Send(http.MethodPost, at+"/listCredentials", version, nil)
		if err == nil {
			return server, value.String(v, "username"), value.String(v, "passwords.0.value"), nil
		}
		c.Warn("Unable to get admin user credentials with message: %v", err)
	} else {
		c.Warn("Unable to get admin user credentials with message: Admin user is disabled.")
	}
	return "", "", "", command.Fail("Unable to authenticate using AAD or admin login credentials. Please specify both username and password in non-interactive mode.")
}

// exchange trades the account's token for a refresh token of the registry.
func exchange(c *command.Call, server string, ownAudience bool) (string, error) {
	a, err := c.Account()
	if err != nil {
		return "", err
	}
	_, audience, err := c.ResourceManager()
	if err != nil {
		return "", err
	}
	if ownAudience {
		audience = acrAudience
	}
	token, err := c.Token(c.Context, audience)
	if err != nil {
		return "", err
	}
	hc, err := c.HTTP()
	if err != nil {
		return "", err
	}
	refresh, err := client.RegistryLogin(c.Context, hc, server, a.Tenant(), token)
	if isTransport(err) {
		return "", command.Fail("Could not connect to the registry login server '%s'. Please verify that the registry exists and the URL 'https://%s/v2/' is reachable from your environment.", server, server)
	}
	var status *client.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound {
		return "", command.Fail("%s An error occurred: CONNECTIVITY_CHALLENGE_ERROR\nRegistry '%s' did not issue a challenge.", stamp(c), server)
	}
	return refresh, err
}

// stamp is the time at which the registry's commands say an error occurred.
func stamp(c *command.Call) string { return c.Now().UTC().Format("2006-01-02 15:04:05.000000") }

func isTransport(err error) bool {
	var u *url.Error
	return errors.As(err, &u)
}

// open signs in for a permission on a repository, or on the catalog where
// repository is empty.
func open(c *command.Call, repository, permission string) (*plane, error) {
	server, user, password, err := signIn(c)
	if err != nil {
		return nil, err
	}
	scope := "registry:" + permission + ":*"
	if repository != "" {
		scope = "repository:" + repository + ":" + permission
	}
	form := url.Values{"service": {server}, "scope": {scope}, "grant_type": {"refresh_token"}, "refresh_token": {password}}
	if user != client.RegistryUser {
		form = url.Values{"service": {server}, "scope": {scope}, "grant_type": {"password"}, "username": {user}, "password": {password}}
	}
	res, err := c.REST().Do(c.Context, client.Request{Method: http.MethodPost, URL: "https://" + server + "/oauth2/token", Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	if err != nil {
		return nil, command.Fail("Could not connect to the registry login server '%s': it gave no access token (%v). Check that you may do this in the registry.", server, err)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(res.Body, &token); err != nil {
		return nil, err
	}
	p := &plane{Call: c, server: server, auth: "Bearer " + token.AccessToken}
	if token.AccessToken == "" {
		p.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	return p, nil
}

// ask sends a request to the registry; body is nil or goes out as JSON.
func (p *plane) ask(method, path string, body any, accept string) (*client.Response, error) {
	r := client.Request{Method: method, URL: "https://" + p.server + path, Header: http.Header{"Authorization": {p.auth}}}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	if body != nil {
		var err error
		if r.Body, err = value.Encode(body); err != nil {
			return nil, err
		}
	}
	res, err := p.REST().Do(p.Context, r)
	if err != nil {
		return nil, p.refusal(p.Command.Path, err)
	}
	return res, nil
}

// value is ask with a JSON answer.
func (p *plane) value(method, path string, body any) (any, error) {
	res, err := p.ask(method, path, body, "")
	if err != nil || len(strings.TrimSpace(string(res.Body))) == 0 {
		return nil, err
	}
	return value.Decode(res.Body)
}

// absent are the commands that end with 3 when there is no such image.
var absent = []string{"acr repository show", "acr manifest show", "acr manifest show-metadata", "acr manifest metadata show"}

// refusal words what a registry answers to a command, as the registry's commands
// do: exit code 1 but for those that show one thing.
func (p *plane) refusal(path string, err error) error {
	var e *client.StatusError
	if !errors.As(err, &e) {
		return err
	}
	if e.Status == http.StatusNotFound && slices.Contains(absent, path) {
		return command.Flatten(p.refusal("", err), 3)
	}
	v, decodeErr := value.Decode(e.Body)
	first := value.ObjectAt(v, "errors.0")
	if decodeErr == nil && first != nil && value.String(first, "message") != "" {
		text := "Error: " + value.String(first, "message")
		if detail := value.String(first, "detail"); detail != "" {
			text += " Detail: " + detail
		}
		text = strings.TrimSuffix(text, ".") + "."
		if id := e.Header.Get("x-ms-correlation-request-id"); id != "" {
			text = stamp(p.Call) + " " + text + " Correlation ID: " + id + "."
		}
		return command.Fail("%s", text)
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return command.Fail("Authentication required.")
	case http.StatusNotFound:
		return command.Fail("The requested data does not exist.")
	case http.StatusMethodNotAllowed:
		return command.Fail("This operation is not supported.")
	case http.StatusConflict:
		return command.Fail("Failed to request data due to a conflict.")
	}
	return command.Fail("Could not get the requested data: %s", e.Reason)
}

// pages reads a list that goes on by Link headers, top items at most (0: all).
func (p *plane) pages(path, member string, top int, orderBy string) ([]any, error) {
	const page = 100
	items := []any{}
	query := url.Values{}
	if orderBy != "" {
		query.Set("orderby", strings.ReplaceAll(orderBy, "_", ""))
	}
	limited := top > 0
	for {
		n := page
		if limited {
			n = min(page, top)
			top -= n
		}
		query.Set("n", strconv.Itoa(n))
		res, err := p.ask(http.MethodGet, path+"?"+query.Encode(), nil, "")
		if err != nil {
			return nil, err
		}
		v, err := value.Decode(res.Body)
		if err != nil {
			return nil, err
		}
		items = append(items, value.List(v, member)...)
		link := res.Header.Get("Link")
		begin, end := strings.Index(link, "<"), strings.Index(link, ">")
		if begin < 0 || end < begin || limited && top <= 0 {
			return items, nil
		}
		_, rest, _ := strings.Cut(link[begin+1:end], "?")
		if query, err = url.ParseQuery(rest); err != nil {
			return nil, err
		}
	}
}

func login(c *command.Call) (any, error) {
	if c.Flag("expose_token") {
		if c.Has("username") || c.Has("password") {
			return nil, command.Fail("`--expose-token` cannot be combined with `--username` or `--password`.")
		}
		server, _, password, err := signIn(c)
		if err != nil {
			return nil, err
		}
		c.Warn("Note: The token in both the accessToken and refreshToken fields is an ACR Refresh Token, not an ACR Access Token. This ACR Refresh Token cannot be used directly to authenticate with registry APIs such as pushing/pulling images and listing repositories/tags. This ACR Refresh Token must be subsequently exchanged for an ACR Access.Please see https://aka.ms/acr/auth/oauth")
		c.Warn("You can perform manual login using the provided refresh token below, for example: 'docker login loginServer -u %s -p refreshToken'", client.RegistryUser)
		return value.New("loginServer", server, "username", client.RegistryUser, "accessToken", password, "refreshToken", password), nil
	}
	docker := c.Getenv("DOCKER_COMMAND")
	if docker == "" {
		docker = "docker"
	}
	tip := "You may want to use 'az acr login -n " + c.Text("registry_name") + " --expose-token' to get a refresh token, which does not require Docker to be installed."
	if out, err := exec.CommandContext(c.Context, docker, "ps").CombinedOutput(); err != nil {
		c.Warn("%s", tip)
		return nil, command.Fail("An error occurred: DOCKER_COMMAND_ERROR\nPlease verify if Docker client is installed and running. (%v %s)", err, strings.TrimSpace(string(out)))
	}
	server, user, password, err := signIn(c)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(c.Context, docker, "login", "--username", user, "--password-stdin", server)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(password), c.Out, c.Err
	if err := cmd.Run(); err != nil {
		return nil, command.Fail("Login failed.")
	}
	return nil, nil
}
