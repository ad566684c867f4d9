package keyvault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

func secrets() map[string]command.Do {
	return map[string]command.Do{
		"keyvault secret set":            {Run: setSecret},
		"keyvault secret show":           {Run: showSecret},
		"keyvault secret list":           {Run: listSecrets, Table: secretRows},
		"keyvault secret list-versions":  {Run: listVersions},
		"keyvault secret list-deleted":   {Run: listDeletedSecrets},
		"keyvault secret set-attributes": {Run: setAttributes},
		"keyvault secret show-deleted":   {Run: showDeletedSecret},
		"keyvault secret delete":         {Run: deleteSecret},
		"keyvault secret purge":          {Run: purgeSecret},
		"keyvault secret recover":        {Run: recoverSecret},
		"keyvault secret download":       {Run: download},
		"keyvault secret backup":         {Run: backup},
		"keyvault secret restore":        {Run: restore},
	}
}

// dataVersion is the api-version of the vault's own address.
const dataVersion = "7.5"

func secretRows(v any) any {
	rows := output.Columns("Name", "name", "Id", "id", "ContentType", "contentType", "Enabled", "attributes.enabled", "Expires", "attributes.expires")(v)
	items, _ := rows.([]any)
	for _, item := range items {
		row := item.(*value.Object)
		for _, k := range row.Keys() {
			if x := row.Get(k); x == nil || x == "" || x == false {
				row.Set(k, " ") // Azure: what is empty or false shows as a blank
			}
		}
	}
	return rows
}

// secret is what --id, or --vault-name with --name, names.
type secret struct {
	*command.Call
	vault, name, version string
	collection           string // secrets or deletedsecrets
}

// find reads the arguments that name a vault, and a secret where named says so.
func find(c *command.Call, collection string, named bool) (secret, error) {
	s := secret{Call: c, collection: collection, name: c.Text("name"), version: c.Text("version")}
	if id := c.Text("identifier"); id != "" {
		u, err := url.Parse(id)
		if err != nil || u.Host == "" {
			return s, command.Fail("'%s' is no id of a vault or a secret.", id)
		}
		s.vault = u.Scheme + "://" + u.Host
		if parts := strings.Split(strings.Trim(u.Path, "/"), "/"); len(parts) > 1 {
			s.name = parts[1]
			if len(parts) > 2 && s.version == "" {
				s.version = parts[2]
			}
		} else if named {
			return s, command.Fail("'%s' is no id of a secret.", id)
		}
		return s, nil
	}
	vault := c.Text("vault_base_url")
	switch {
	case vault == "" && !named:
		return s, command.Fail("Please specify --vault-name or --hsm-name.")
	case vault == "" || named && s.name == "":
		return s, command.Fail("incorrect usage: --id ID | --vault-name/--hsm-name VAULT/HSM --name/-n NAME [--version VERSION]")
	}
	cloud, err := c.Cloud()
	if err != nil {
		return s, err
	}
	suffix, err := cloud.Suffix("keyvault_dns")
	s.vault = "https://" + vault + suffix
	if strings.Contains(vault, ".") {
		s.vault = "https://" + strings.TrimPrefix(vault, "https://")
	}
	return s, err
}

// resourceIn finds for whom the vault wants tokens, in its challenge.
var resourceIn = regexp.MustCompile(`(?:resource|scope)="([^"]+)"`)

// send calls the vault with a token for the audience its suffix suggests; where
// the vault challenges that, with one for the audience it names.
func (s secret) send(method, path string, body any) (any, error) {
	_, suffix, _ := strings.Cut(strings.TrimPrefix(s.vault, "https://"), ".")
	r := client.Request{Method: method, URL: s.vault + path, Resource: "https://" + suffix}
	if strings.Contains(path, "?") {
		r.URL += "&api-version=" + dataVersion
	} else {
		r.URL += "?api-version=" + dataVersion
	}
	if body != nil {
		var err error
		if r.Body, err = value.Encode(body); err != nil {
			return nil, err
		}
	}
	res, err := s.REST().Do(s.Context, r)
	var refused *client.StatusError
	if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
		if m := resourceIn.FindStringSubmatch(refused.Header.Get("WWW-Authenticate")); m != nil {
			if resource := strings.TrimSuffix(m[1], "/.default"); resource != r.Resource {
				r.Resource = resource
				res, err = s.REST().Do(s.Context, r)
			}
		}
	}
	if err != nil && strings.HasSuffix(s.Command.Path, " show") {
		return nil, reach(err, s.vault)
	}
	if err != nil {
		return nil, command.Flatten(reach(err, s.vault), 1)
	}
	if len(bytes.TrimSpace(res.Body)) == 0 {
		return nil, nil
	}
	return value.Decode(res.Body)
}

// reach words a failure to connect: most often the vault's name is wrong.
func reach(err error, vault string) error {
	var u *url.Error
	if errors.As(err, &u) {
		return command.Fail("%v\nCheck the name of the vault: %s cannot be reached.", err, vault)
	}
	return err
}

// pages reads a list of the vault, at most as many as --maxresults.
func (s secret) pages(path string) ([]any, error) {
	items, most := []any{}, s.Int("max_page_size")
	if most > 0 {
		path += "?maxresults=" + s.Text("max_page_size")
	}
	for {
		v, err := s.send(http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		items = append(items, value.List(v, "value")...)
		next := value.String(v, "nextLink")
		if most > 0 && len(items) >= most {
			return items[:most], nil
		}
		if next == "" {
			return items, nil
		}
		u, err := url.Parse(next)
		if err != nil {
			return nil, err
		}
		query := u.Query()
		query.Del("api-version")
		path = u.Path + "?" + query.Encode()
	}
}

func (s secret) path() string { return "/" + s.collection + "/" + url.PathEscape(s.name) }

// base is what every form of a secret begins with.
func base(v any) *value.Object {
	id := value.String(v, "id")
	var name any
	if parts := strings.Split(id, "/"); len(parts) > 4 {
		name = parts[4]
	}
	// Azure: the attributes stand as the vault gives them; that is how the SDK of
	// az 2.74 in Debian prints them.
	return value.New("attributes", value.Path(v, "attributes"), "contentType", value.Path(v, "contentType"), "id", value.Path(v, "id"), "managed", value.Path(v, "managed"),
		"name", name, "tags", value.Path(v, "tags"))
}

// whole is a secret with its value.
func whole(v any) *value.Object {
	return base(v).Set("kid", value.Path(v, "kid")).Set("value", value.Path(v, "value"))
}

// valueless is a secret as commands show it that may not tell its value.
func valueless(v any) *value.Object {
	return base(v).Set("kid", value.Path(v, "kid")).Set("value", nil)
}

// removed adds when a deleted secret went and will go.
func removed(o *value.Object, v any) *value.Object {
	return o.Set("deletedDate", shape.Unix(value.Path(v, "deletedDate"))).Set("recoveryId", value.Path(v, "recoveryId")).
		Set("scheduledPurgeDate", shape.Unix(value.Path(v, "scheduledPurgeDate")))
}

func setSecret(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	text, encoding := c.Text("value"), c.Text("encoding")
	if (text == "") == (c.Text("file_path") == "") {
		return nil, command.Fail("incorrect usage: [Required] --value VALUE | --file PATH")
	}
	if path := c.Text("file_path"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, command.Usage("[Errno 2] No such file or directory: '%s'", path)
		}
		if text, err = encode(data, encoding, path); err != nil {
			return nil, err
		}
	}
	tags := c.Tags("tags")
	if tags == nil {
		tags = value.New()
	}
	tags.Set("file-encoding", encoding)
	body := value.New("value", text, "tags", tags)
	attributes, err := lifetime(c)
	if err != nil {
		return nil, err
	}
	if off, given := c.Switch("disabled"); given {
		attributes.Set("enabled", !off)
	}
	if attributes.Len() > 0 {
		body.Set("attributes", attributes)
	}
	if v := c.Value("content_type"); v != nil {
		body.Set("contentType", v)
	}
	v, err := s.send(http.MethodPut, s.path(), body)
	if err != nil {
		return nil, err
	}
	return whole(v), nil
}

// encode writes a file's content as text.
func encode(data []byte, encoding, path string) (string, error) {
	switch encoding {
	case "base64":
		var b strings.Builder
		text := base64.StdEncoding.EncodeToString(data)
		for len(text) > 76 { // Azure: lines as MIME has them
			b.WriteString(text[:76] + "\n")
			text = text[76:]
		}
		if text != "" {
			b.WriteString(text + "\n")
		}
		return b.String(), nil
	case "hex":
		return hex.EncodeToString(data), nil
	}
	if !utf8.Valid(data) {
		return "", command.Fail("Unable to decode file '%s' with '%s' encoding.", path, encoding)
	}
	return string(data), nil
}

// lifetime is --not-before and --expires.
func lifetime(c *command.Call) (*value.Object, error) {
	o := value.New()
	for to, from := range map[string]string{"nbf": "not_before", "exp": "expires_on"} {
		text := c.Text(from)
		if text == "" {
			continue
		}
		t, err := time.Parse("2006-01-02T15:04:05Z", text)
		if err != nil {
			return nil, command.Usage("argument --%s: invalid datetime_type value: '%s'", strings.ReplaceAll(strings.TrimSuffix(from, "_on"), "_", "-"), text)
		}
		o.Set(to, value.Int(int(t.Unix())))
	}
	return o, nil
}

func showSecret(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	v, err := s.send(http.MethodGet, s.path()+"/"+s.version, nil)
	if err != nil {
		return nil, err
	}
	return whole(v), nil
}

func listOf(c *command.Call, collection, below string, named bool, form func(any) *value.Object) (any, error) {
	s, err := find(c, collection, named)
	if err != nil {
		return nil, err
	}
	path := "/" + collection
	if named {
		path = s.path() + below
	}
	items, err := s.pages(path)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, item := range items {
		if managed, _ := c.Switch("include_managed"); managed || value.Path(item, "managed") != true {
			out = append(out, form(item))
		}
	}
	return out, nil
}

func listSecrets(c *command.Call) (any, error) { return listOf(c, "secrets", "", false, base) }

func listVersions(c *command.Call) (any, error) {
	return listOf(c, "secrets", "/versions", true, base)
}

func listDeletedSecrets(c *command.Call) (any, error) {
	return listOf(c, "deletedsecrets", "", false, func(v any) *value.Object { return removed(base(v), v) })
}

func setAttributes(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	attributes, err := lifetime(c)
	if err != nil {
		return nil, err
	}
	if v := c.Value("enabled"); v != nil {
		attributes.Set("enabled", v)
	}
	body := value.New()
	if attributes.Len() > 0 {
		body.Set("attributes", attributes)
	}
	if v := c.Value("content_type"); v != nil {
		body.Set("contentType", v)
	}
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := s.send(http.MethodPatch, s.path()+"/"+s.version, body)
	if err != nil {
		return nil, err
	}
	return valueless(v), nil
}

func showDeletedSecret(c *command.Call) (any, error) {
	s, err := find(c, "deletedsecrets", true)
	if err != nil {
		return nil, err
	}
	v, err := s.send(http.MethodGet, s.path(), nil)
	if err != nil {
		return nil, err
	}
	return removed(valueless(v), v), nil
}

func deleteSecret(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	c.Warn("Warning! If you have soft-delete protection enabled on this key vault, this secret will be moved to the soft deleted state. You will not be able to create a secret with the same name within this key vault until the secret has been purged from the soft-deleted state. Please see the following documentation for additional guidance.\nhttps://learn.microsoft.com/azure/key-vault/general/soft-delete-overview")
	v, err := s.send(http.MethodDelete, s.path(), nil)
	if err != nil {
		return nil, err
	}
	s.collection = "deletedsecrets"
	s.settle(s.path())
	return removed(valueless(v), v), nil
}

// settle waits until what was asked for can be read, half a minute at most.
func (s secret) settle(path string) {
	for range 60 {
		_, err := s.send(http.MethodGet, path, nil)
		if err == nil || !client.IsStatus(err, http.StatusNotFound) {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func purgeSecret(c *command.Call) (any, error) {
	s, err := find(c, "deletedsecrets", true)
	if err != nil {
		return nil, err
	}
	_, err = s.send(http.MethodDelete, s.path(), nil)
	return nil, err
}

func recoverSecret(c *command.Call) (any, error) {
	s, err := find(c, "deletedsecrets", true)
	if err != nil {
		return nil, err
	}
	v, err := s.send(http.MethodPost, s.path()+"/recover", nil)
	if err != nil {
		return nil, err
	}
	s.collection = "secrets"
	s.settle(s.path() + "/")
	return valueless(v), nil
}

func download(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	path := c.Text("file_path")
	if _, err := os.Stat(path); err == nil {
		return nil, command.Fail("File or directory named '%s' already exists.", path)
	}
	v, err := s.send(http.MethodGet, s.path()+"/"+s.version, nil)
	if err != nil {
		return nil, err
	}
	encoding := c.Text("encoding")
	if encoding == "" {
		encoding = value.String(v, "tags.file-encoding")
	}
	data := []byte(value.String(v, "value"))
	switch encoding {
	case "base64":
		data, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data)))
	case "hex":
		data, err = hex.DecodeString(string(data))
	}
	if err != nil {
		return nil, err
	}
	return nil, os.WriteFile(path, data, 0o600)
}

func backup(c *command.Call) (any, error) {
	s, err := find(c, "secrets", true)
	if err != nil {
		return nil, err
	}
	v, err := s.send(http.MethodPost, s.path()+"/backup", nil)
	if err != nil {
		return nil, err
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value.String(v, "value"), "="))
	if err != nil {
		return nil, err
	}
	return nil, os.WriteFile(c.Text("file_path"), data, 0o600)
}

func restore(c *command.Call) (any, error) {
	s, err := find(c, "secrets", false)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(c.Text("file_path"))
	if err != nil {
		return nil, command.Fail("[Errno 2] No such file or directory: '%s'", c.Text("file_path"))
	}
	v, err := s.send(http.MethodPost, "/secrets/restore", value.New("value", json.RawMessage(`"`+base64.RawURLEncoding.EncodeToString(data)+`"`)))
	if err != nil {
		return nil, err
	}
	return valueless(v), nil
}
