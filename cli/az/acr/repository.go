package acr

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func repositories() map[string]command.Do {
	return map[string]command.Do{
		"acr repository list":           {Run: catalog},
		"acr repository show":           {Run: showAttributes},
		"acr repository show-tags":      {Run: showTags},
		"acr repository show-manifests": {Run: showManifests},
		"acr repository update":         {Run: updateAttributes},
		"acr repository untag":          {Run: untag},
		"acr repository delete":         {Run: deleteRepository},
	}
}

// image is a name with a tag or a digest.
type image struct{ repository, tag, digest string }

// parseImage reads name, name:tag or name@digest.
func parseImage(text string, digest, latest bool) (image, error) {
	if name, hash, ok := strings.Cut(text, "@"); ok && digest && !strings.Contains(hash, "@") {
		return image{repository: name, digest: hash}, nil
	}
	if name, tag, ok := strings.Cut(text, ":"); ok && !strings.ContainsAny(tag, ":@") && !strings.Contains(name, "@") {
		return image{repository: name, tag: tag}, nil
	}
	switch {
	case !strings.ContainsAny(text, ":@") && latest:
		return image{repository: text, tag: "latest"}, nil
	case !strings.ContainsAny(text, ":@"):
		return image{repository: text}, nil
	case digest:
		return image{}, command.Fail("The name of the image may include a tag in the format 'name:tag' or digest in the format 'name@digest'.")
	}
	return image{}, command.Fail("The name of the image may include a tag in the format 'name:tag'.")
}

func catalog(c *command.Call) (any, error) {
	p, err := open(c, "", "catalog")
	if err != nil {
		return nil, err
	}
	return p.pages("/v2/_catalog", "repositories", c.Int("top"), "")
}

func showTags(c *command.Call) (any, error) {
	p, err := open(c, c.Text("repository"), "metadata_read")
	if err != nil {
		return nil, err
	}
	items, err := p.pages("/acr/v1/"+c.Text("repository")+"/_tags", "tags", c.Int("top"), c.Text("orderby"))
	if err != nil || c.Flag("detail") {
		return items, err
	}
	names := []any{}
	for _, item := range items {
		names = append(names, value.Path(item, "name"))
	}
	return names, nil
}

func showManifests(c *command.Call) (any, error) {
	p, err := open(c, c.Text("repository"), "metadata_read")
	if err != nil {
		return nil, err
	}
	items, err := p.pages("/acr/v1/"+c.Text("repository")+"/_manifests", "manifests", c.Int("top"), c.Text("orderby"))
	if err != nil || c.Flag("detail") {
		return items, err
	}
	old := []any{}
	for _, item := range items {
		tags := value.List(item, "tags")
		if tags == nil {
			tags = []any{}
		}
		old = append(old, value.New("digest", value.String(item, "digest"), "tags", tags, "timestamp", value.String(item, "lastUpdateTime")))
	}
	return old, nil
}

// target is what --repository or --image names.
func target(c *command.Call) (image, error) {
	repository, name := c.Text("repository"), c.Text("image")
	if (repository == "") == (name == "") {
		return image{}, command.Fail("Usage error: You need to provide either --image IMAGE | --repository REPOSITORY, but not both")
	}
	if name != "" {
		return parseImage(name, true, true)
	}
	return image{repository: repository}, nil
}

// attributes is the address of an image's attributes, and the member of the
// answer that holds them.
func (i image) attributes() (path, member string) {
	switch {
	case i.tag != "":
		return "/acr/v1/" + i.repository + "/_tags/" + i.tag, "tag"
	case i.digest != "":
		return "/acr/v1/" + i.repository + "/_manifests/" + i.digest, "manifest"
	}
	return "/acr/v1/" + i.repository, ""
}

func showAttributes(c *command.Call) (any, error) {
	i, err := target(c)
	if err != nil {
		return nil, err
	}
	return attributesOf(c, i, value.New())
}

func updateAttributes(c *command.Call) (any, error) {
	i, err := target(c)
	if err != nil {
		return nil, err
	}
	return attributesOf(c, i, attributeChanges(c))
}

func attributeChanges(c *command.Call) *value.Object {
	o := value.New()
	for _, pair := range [][2]string{{"deleteEnabled", "delete_enabled"}, {"listEnabled", "list_enabled"}, {"readEnabled", "read_enabled"}, {"writeEnabled", "write_enabled"}} {
		if v := c.Value(pair[1]); v != nil {
			o.Set(pair[0], v)
		}
	}
	return o
}

// attributesOf changes attributes, where there are changes, and reads them.
func attributesOf(c *command.Call, i image, changes *value.Object) (any, error) {
	method, permission, body := http.MethodGet, "metadata_read", any(nil)
	if changes.Len() > 0 {
		method, permission, body = http.MethodPatch, "metadata_write,metadata_read", changes
	}
	p, err := open(c, i.repository, permission)
	if err != nil {
		return nil, err
	}
	path, member := i.attributes()
	v, err := p.value(method, path, body)
	if err != nil || member == "" || v == nil {
		return v, err
	}
	return value.Path(v, member), nil
}

func untag(c *command.Call) (any, error) {
	i, err := parseImage(c.Text("image"), false, true)
	if err != nil {
		return nil, err
	}
	p, err := open(c, i.repository, "delete")
	if err != nil {
		return nil, err
	}
	path, _ := i.attributes()
	return p.value(http.MethodDelete, path, nil)
}

func deleteRepository(c *command.Call) (any, error) {
	i, err := target(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, i.repository, "delete,metadata_read")
	if err != nil {
		return nil, err
	}
	if i.tag == "" && i.digest == "" {
		if err := confirm(c, "Are you sure you want to delete the repository '"+i.repository+"' and all images under it?"); err != nil {
			return nil, err
		}
		return p.value(http.MethodDelete, "/acr/v1/"+i.repository, nil)
	}
	return p.deleteManifest(i)
}

// digestOf finds the digest of a tag.
func (p *plane) digestOf(i image) (string, error) {
	if i.digest != "" {
		return i.digest, nil
	}
	v, err := p.value(http.MethodGet, "/acr/v1/"+i.repository+"/_tags/"+i.tag, nil)
	if err != nil {
		return "", err
	}
	if d := value.String(v, "tag.digest"); d != "" {
		return d, nil
	}
	return "", command.Fail("Could not get the manifest digest for image '%s:%s'.", i.repository, i.tag)
}

// deleteManifest deletes a manifest with all its tags, after a question that names
// them.
func (p *plane) deleteManifest(i image) (any, error) {
	digest, err := p.digestOf(i)
	if err != nil {
		return nil, err
	}
	tags, err := p.pages("/acr/v1/"+i.repository+"/_tags", "tags", 0, "")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range tags {
		if value.String(t, "digest") == digest {
			names = append(names, "'"+i.repository+":"+value.String(t, "name")+"'")
		}
	}
	message := "This operation will delete the manifest '" + digest + "'"
	if len(names) > 0 {
		message += " and all the following images: " + strings.Join(names, ", ")
	}
	if p.Flag("yes") {
		p.Warn("%s", message)
	} else if err := p.Ask(message + ".\nAre you sure you want to continue?"); err != nil {
		return nil, err
	}
	return p.value(http.MethodDelete, "/v2/"+i.repository+"/manifests/"+digest, nil)
}
