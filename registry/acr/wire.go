package acr

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// stamp is how the service writes times: RFC 3339 with seven decimals.
const stamp = "2006-01-02T15:04:05.0000000Z"

// attributes is ChangeableAttributes.
type attributes struct {
	DeleteEnabled bool `json:"deleteEnabled"`
	WriteEnabled  bool `json:"writeEnabled"`
	ReadEnabled   bool `json:"readEnabled"`
	ListEnabled   bool `json:"listEnabled"`
}

func showLocks(l repository.Locks) attributes {
	return attributes{!l.NoDelete, !l.NoWrite, !l.NoRead, !l.NoList}
}

// changedAttributes are those that a PATCH names.
type changedAttributes struct {
	DeleteEnabled *bool `json:"deleteEnabled"`
	WriteEnabled  *bool `json:"writeEnabled"`
	ReadEnabled   *bool `json:"readEnabled"`
	ListEnabled   *bool `json:"listEnabled"`
}

// maxAttributes bounds the body of a PATCH, in bytes.
const maxAttributes = 64 << 10

func readAttributes(r *httpd.Request) (a changedAttributes, err error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxAttributes))
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	if err != nil {
		return a, azure.Errorf(azure.Invalid, azure.CodeOCIUnsupported, "The attributes cannot be read: %v. Send a JSON object with any of deleteEnabled, writeEnabled, readEnabled and listEnabled, true or false.", err)
	}
	return a, nil
}

func (a changedAttributes) apply(l *repository.Locks) {
	for _, x := range []struct {
		enabled *bool
		locked  *bool
	}{{a.DeleteEnabled, &l.NoDelete}, {a.WriteEnabled, &l.NoWrite}, {a.ReadEnabled, &l.NoRead}, {a.ListEnabled, &l.NoList}} {
		if x.enabled != nil {
			*x.locked = !*x.enabled
		}
	}
}

// repositoryProperties is ContainerRepositoryProperties.
type repositoryProperties struct {
	Registry             string     `json:"registry"`
	ImageName            string     `json:"imageName"`
	CreatedTime          string     `json:"createdTime"`
	LastUpdateTime       string     `json:"lastUpdateTime"`
	ManifestCount        int        `json:"manifestCount"`
	TagCount             int        `json:"tagCount"`
	ChangeableAttributes attributes `json:"changeableAttributes"`
}

// tagAttributes is TagAttributesBase.
type tagAttributes struct {
	Name                 string     `json:"name"`
	Digest               string     `json:"digest"`
	CreatedTime          string     `json:"createdTime"`
	LastUpdateTime       string     `json:"lastUpdateTime"`
	Signed               bool       `json:"signed"`
	ChangeableAttributes attributes `json:"changeableAttributes"`
}

type tagList struct {
	Registry  string          `json:"registry"`
	ImageName string          `json:"imageName"`
	Tags      []tagAttributes `json:"tags"`
}

type tagProperties struct {
	Registry  string        `json:"registry"`
	ImageName string        `json:"imageName"`
	Tag       tagAttributes `json:"tag"`
}

// manifestAttributes is ManifestAttributesBase.
type manifestAttributes struct {
	Digest               string            `json:"digest"`
	ImageSize            int64             `json:"imageSize"`
	CreatedTime          string            `json:"createdTime"`
	LastUpdateTime       string            `json:"lastUpdateTime"`
	Architecture         string            `json:"architecture,omitempty"`
	OS                   string            `json:"os,omitempty"`
	MediaType            string            `json:"mediaType"`
	ConfigMediaType      string            `json:"configMediaType,omitempty"`
	Tags                 []string          `json:"tags"`
	ChangeableAttributes attributes        `json:"changeableAttributes"`
	References           []childAttributes `json:"references,omitempty"`
	UnpackState          string            `json:"unpackState,omitempty"` // ours: how far it is on its way to a ready snapshot
}

// childAttributes is ArtifactManifestPlatform.
type childAttributes struct {
	Digest       string `json:"digest"`
	Architecture string `json:"architecture,omitempty"`
	OS           string `json:"os,omitempty"`
}

type manifestList struct {
	Registry  string               `json:"registry"`
	ImageName string               `json:"imageName"`
	Manifests []manifestAttributes `json:"manifests"`
}

type manifestProperties struct {
	Registry  string             `json:"registry"`
	ImageName string             `json:"imageName"`
	Manifest  manifestAttributes `json:"manifest"`
}

// deleted is DeleteRepositoryResult.
type deleted struct {
	ManifestsDeleted []string `json:"manifestsDeleted"`
	TagsDeleted      []string `json:"tagsDeleted"`
}

func showTag(t repository.Named[repository.Tag]) tagAttributes {
	return tagAttributes{Name: t.Name, Digest: t.Value.Digest.String(), CreatedTime: t.Value.Created.Format(stamp), LastUpdateTime: t.Value.Updated.Format(stamp),
		ChangeableAttributes: showLocks(t.Value.Locks)}
}

func (h *Handler) showManifest(x *dataRequest, m repository.Named[repository.Manifest]) manifestAttributes {
	n, v := x.name, m.Value
	out := manifestAttributes{Digest: m.Name, ImageSize: v.ImageSize, CreatedTime: v.Created.Format(stamp), LastUpdateTime: v.Updated.Format(stamp),
		Architecture: v.Architecture, OS: v.OS, MediaType: v.MediaType, ConfigMediaType: v.ConfigMediaType,
		Tags: h.Content.TagsOf(n, digest.Digest(m.Name)), ChangeableAttributes: showLocks(v.Locks)}
	for _, c := range v.Manifests {
		out.References = append(out.References, childAttributes{c.Digest.String(), c.Architecture, c.OS})
	}
	if h.UnpackState != nil {
		out.UnpackState = h.UnpackState(x.r.Context(), x.registry.LoginServer+"/"+n.Repository+"@"+m.Name)
	}
	return out
}

// page cuts sorted rows to those after last and to n of them, and sets Link.
func page[T any](w http.ResponseWriter, r *http.Request, p oci.Page, rows []T, name func(T) string) []T {
	if p.Last != "" {
		after := slices.IndexFunc(rows, func(row T) bool { return name(row) == p.Last })
		if after < 0 { // deleted meanwhile: go on with the names behind it
			rows = slices.DeleteFunc(rows, func(row T) bool { return name(row) <= p.Last })
		} else {
			rows = rows[after+1:]
		}
	}
	keep, more := p.Cut(len(rows))
	if more {
		q := r.URL.Query()
		q.Del("last")
		q.Del("n")
		w.Header().Set("Link", oci.Next(r.URL.Path, name(rows[keep-1]), p, q))
	}
	return rows[:keep]
}

// byTime orders rows by their last update when asked to: timeasc or timedesc.
func byTime(orderBy string, a, b time.Time) int {
	switch {
	case strings.EqualFold(orderBy, "timeasc"):
		return a.Compare(b)
	case strings.EqualFold(orderBy, "timedesc"):
		return b.Compare(a)
	}
	return 0
}
