package acr

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func manifests() map[string]command.Do {
	return map[string]command.Do{
		"acr manifest show":            {Run: showManifest},
		"acr manifest list":            {Run: listManifests, Table: rows("MediaType", "mediaType", "ArtifactType", "artifactType", "SubjectDigest", "subject.digest")},
		"acr manifest delete":          {Run: deleteManifest},
		"acr manifest list-metadata":   {Run: listMetadata},
		"acr manifest show-metadata":   {Run: showMetadata},
		"acr manifest update-metadata": {Run: updateMetadata},
		"acr manifest metadata list":   {Run: listMetadata},
		"acr manifest metadata show":   {Run: showMetadata},
		"acr manifest metadata update": {Run: updateMetadata},
		"acr manifest list-referrers":  {Run: referrers, Table: referrerRows},
	}
}

// accepted are the kinds of manifests asked for.
const accepted = "*/*, application/vnd.oci.artifact.manifest.v1+json, application/vnd.cncf.oras.artifact.manifest.v1+json, application/vnd.oci.image.manifest.v1+json, " +
	"application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json"

// qualified reads a positional name such as server/repository:tag, sets the
// registry, and returns what follows the server.
func qualified(c *command.Call, text, example string) (string, error) {
	text = strings.TrimPrefix(text, "https://")
	server, rest, ok := strings.Cut(text, "/")
	registry, suffix, dotted := strings.Cut(server, ".")
	if !ok || !dotted {
		return "", command.Fail("The positional parameter '%s", example)
	}
	cloud, err := c.Cloud()
	if err != nil {
		return "", err
	}
	if want := value.String(cloud.Suffixes, "acr_login_server_endpoint"); "."+suffix != want {
		return "", command.Fail("Provided registry suffix '.%s' does not match the configured az cli acr login server suffix '%s'. Check the 'acrLoginServerEndpoint' value when running 'az cloud show'.", suffix, want)
	}
	c.Set("registry_name", registry)
	return rest, nil
}

// manifest is what -r and -n, or the positional argument, name.
func manifest(c *command.Call) (image, error) {
	id, spec := c.Text("manifest_id"), c.Text("manifest_spec")
	if id != "" && spec != "" || id == "" && (spec == "" || c.Text("registry_name") == "") {
		return image{}, command.Fail("You must provide either a fully qualified manifest specifier such as 'myregistry.azurecr.io/hello-world:latest' as a positional parameter or provide '-r MyRegistry -n hello-world:latest' argument values.")
	}
	if id != "" {
		var err error
		if spec, err = qualified(c, id, "manifest_id' must be a fully qualified manifest specifier such as 'myregistry.azurecr.io/hello-world:latest' or 'myregistry.azurecr.io/hello-world@sha256:abc123'."); err != nil {
			return image{}, err
		}
	}
	return parseImage(spec, true, true)
}

// repositoryOf is the repository -r and -n, or the positional argument, name.
func repositoryOf(c *command.Call) (string, error) {
	id, repository := c.Text("repo_id"), c.Text("repository")
	if id != "" && repository != "" || id == "" && (repository == "" || c.Text("registry_name") == "") {
		return "", command.Fail("You must provide either a fully qualified repository specifier such as 'myregistry.azurecr.io/hello-world' as a positional parameter or provide '-r MyRegistry -n hello-world' argument values.")
	}
	if id == "" {
		return repository, nil
	}
	rest, err := qualified(c, id, "repo_id' must be a fully qualified repository specifier such as 'myregistry.azurecr.io/hello-world'.")
	if err == nil && strings.Contains(rest, ":") {
		return "", command.Fail("The positional parameter 'repo_id' should not include a tag or digest.")
	}
	return rest, err
}

func showManifest(c *command.Call) (any, error) {
	i, err := manifest(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, i.repository, "pull")
	if err != nil {
		return nil, err
	}
	res, err := p.ask(http.MethodGet, "/v2/"+i.repository+"/manifests/"+i.tag+i.digest, nil, accepted)
	if err != nil {
		return nil, err
	}
	if c.Flag("raw_output") {
		_, err := c.Out.Write(res.Body)
		return nil, err
	}
	return value.Decode(res.Body)
}

func listManifests(c *command.Call) (any, error) {
	repository, err := repositoryOf(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, repository, "pull,metadata_read")
	if err != nil {
		return nil, err
	}
	items, err := p.pages("/acr/v1/"+repository+"/_manifests", "manifests", c.Int("top"), c.Text("orderby"))
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, item := range items {
		res, err := p.ask(http.MethodGet, "/v2/"+repository+"/manifests/"+value.String(item, "digest"), nil, accepted)
		if err != nil {
			return nil, err
		}
		v, err := value.Decode(res.Body)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func listMetadata(c *command.Call) (any, error) {
	repository, err := repositoryOf(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, repository, "metadata_read")
	if err != nil {
		return nil, err
	}
	return p.pages("/acr/v1/"+repository+"/_manifests", "manifests", c.Int("top"), c.Text("orderby"))
}

func showMetadata(c *command.Call) (any, error) {
	i, err := manifest(c)
	if err != nil {
		return nil, err
	}
	return attributesOf(c, i, value.New())
}

func updateMetadata(c *command.Call) (any, error) {
	i, err := manifest(c)
	if err != nil {
		return nil, err
	}
	return attributesOf(c, i, attributeChanges(c))
}

func deleteManifest(c *command.Call) (any, error) {
	i, err := manifest(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, i.repository, "delete,metadata_read")
	if err != nil {
		return nil, err
	}
	digest, err := p.digestOf(i)
	if err != nil {
		return nil, err
	}
	if err := confirm(c, "Are you sure you want to delete the artifact '"+digest+"' and all manifests that refer to it?"); err != nil {
		return nil, err
	}
	return p.value(http.MethodDelete, "/v2/"+i.repository+"/manifests/"+digest, nil)
}

func referrers(c *command.Call) (any, error) {
	i, err := manifest(c)
	if err != nil {
		return nil, err
	}
	p, err := open(c, i.repository, "pull,metadata_read")
	if err != nil {
		return nil, err
	}
	digest, err := p.digestOf(i)
	if err != nil {
		return nil, err
	}
	found, err := p.referrersOf(i.repository, digest, c.Text("artifact_type"))
	if err != nil {
		return nil, err
	}
	for n := 0; c.Flag("recursive") && n < len(found); n++ { // the list grows as it is read
		more, err := p.referrersOf(i.repository, value.String(found[n], "digest"), "")
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return value.New("manifests", found), nil
}

func (p *plane) referrersOf(repository, digest, artifactType string) ([]any, error) {
	path := "/v2/" + repository + "/referrers/" + digest
	if artifactType != "" {
		path += "?artifactType=" + url.QueryEscape(artifactType)
	}
	v, err := p.value(http.MethodGet, path, nil)
	items := value.List(v, "manifests")
	if items == nil {
		items = []any{}
	}
	return items, err
}

func referrerRows(v any) any {
	return rows("Digest", "digest", "ArtifactType", "artifactType", "MediaType", "mediaType", "Size", "size")(value.List(v, "manifests"))
}
