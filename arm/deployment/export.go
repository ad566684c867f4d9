package deployment

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// hashed is a TemplateHashResult.
type hashed struct {
	MinifiedTemplate string `json:"minifiedTemplate"`
	TemplateHash     string `json:"templateHash"`
}

// templateHash serves POST calculateTemplateHash.
func (s *Service) templateHash(_ context.Context, r *arm.CallRequest, _ httpd.None) (hashed, error) {
	data, err := httpd.Body(r.Request)
	if err != nil {
		return hashed{}, err
	}
	t, err := template.Parse(data, template.Limits{})
	if err != nil {
		return hashed{}, err
	}
	return hashed{string(t.JSON()), t.Hash()}, nil
}

// exportAsks is an ExportTemplateRequest.
type exportAsks struct {
	Resources    []string `json:"resources"`
	Options      string   `json:"options"`
	OutputFormat string   `json:"outputFormat"`
}

// groupExport is a ResourceGroupExportResult.
type groupExport struct {
	Template exportedTemplate   `json:"template"`
	Error    *azure.ErrorDetail `json:"error,omitempty"`
}

type exportedTemplate struct {
	Schema         string                       `json:"$schema"`
	ContentVersion string                       `json:"contentVersion"`
	Parameters     map[string]exportedParameter `json:"parameters"`
	Variables      struct{}                     `json:"variables"`
	Resources      []exportedResource           `json:"resources"`
}

type exportedParameter struct {
	Type         string `json:"type"`
	DefaultValue string `json:"defaultValue"`
}

// exportedResource is a resource as a template declares it.
type exportedResource struct {
	Type       string          `json:"type"`
	APIVersion string          `json:"apiVersion"`
	Name       string          `json:"name"`
	Location   string          `json:"location,omitempty"`
	Tags       json.RawMessage `json:"tags,omitempty"`
	SKU        json.RawMessage `json:"sku,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	Identity   json.RawMessage `json:"identity,omitempty"`
	Zones      []string        `json:"zones,omitempty"`
	Properties map[string]any  `json:"properties,omitempty"`
}

// readOnly are properties that resources show and templates do not write.
var readOnly = map[string]bool{
	"provisioningstate": true, "instanceview": true, "loginserver": true, "creationdate": true, "vaulturi": true, "fqdn": true,
	"provisioningtimeoutinseconds": true, "privateendpointconnections": true, "hsmpoolresourceid": true,
}

// exportGroup serves POST exportTemplate of a group: a template of what is in it, as far as GET shows it. Secrets are not
// shown, so they are not in it either.
func (s *Service) exportGroup(ctx context.Context, r *arm.CallRequest, _ httpd.None) (groupExport, error) {
	var out groupExport
	var asks exportAsks
	if _, err := httpd.Decode(r.Request, &asks); err != nil {
		return out, err
	}
	if asks.OutputFormat != "" && !strings.EqualFold(asks.OutputFormat, "Json") {
		return out, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The output format '%s' is not built in this cloud. Ask for 'Json'.", asks.OutputFormat)
	}
	if !s.o.Hall.Exists(r.ID) {
		return out, azure.Errorf(azure.NotFound, azure.CodeResourceGroupNotFound, "Resource group '%s' could not be found.", r.ID.ResourceGroup)
	}
	j := &job{caller: r.Principal}
	all, err := s.resourcesOf(ctx, j, r.ID)
	if err != nil {
		return out, err
	}
	out.Template = exportedTemplate{Schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", ContentVersion: "1.0.0.0",
		Parameters: map[string]exportedParameter{}, Resources: []exportedResource{}}
	var failed []*azure.Error
	for _, item := range all {
		if !asks.wants(item.ID) {
			continue
		}
		one, err := s.exportOne(ctx, j, item.ID)
		if err != nil {
			failed = append(failed, azure.AsError(err).At(item.ID.String()))
			continue
		}
		if !strings.Contains(asks.Options, "SkipResourceNameParameterization") && !strings.Contains(asks.Options, "SkipAllParameterization") {
			name := parameterName(one.Type, one.Name)
			out.Template.Parameters[name] = exportedParameter{"String", one.Name}
			one.Name = "[parameters('" + name + "')]"
		}
		out.Template.Resources = append(out.Template.Resources, one)
	}
	if failed != nil {
		detail := azure.Errorf(azure.Conflict, azure.CodeExportCompletedWithErrors, "Export template operation completed with errors. Some resources were not exported. Please see details for more information.").WithDetails(failed...).Detail()
		out.Error = &detail
	}
	return out, nil
}

func (a exportAsks) wants(id azure.ResourceID) bool {
	for _, w := range a.Resources {
		if w == "*" || strings.EqualFold(w, id.String()) {
			return true
		}
	}
	return len(a.Resources) == 0
}

func (s *Service) exportOne(ctx context.Context, j *job, id azure.ResourceID) (exportedResource, error) {
	var one exportedResource
	version := s.versionOf(id)
	a := s.o.Hall.Do(ctx, j.caller, http.MethodGet, id.String()+"?api-version="+version, nil)
	if err := a.Err(); err != nil {
		return one, err
	}
	if err := json.Unmarshal(a.Body, &one); err != nil {
		return one, err
	}
	one.Type, one.Name, one.APIVersion = id.Type(), id.FullName(), version
	one.Properties, _ = withoutReadOnly(one.Properties).(map[string]any)
	return one, nil
}

// withoutReadOnly drops what only GET shows, and escapes what would read as an expression.
func withoutReadOnly(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !readOnly[strings.ToLower(k)] && e != nil {
				out[k] = withoutReadOnly(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutReadOnly(v[i])
		}
		return out
	case string:
		if strings.HasPrefix(v, "[") {
			return "[" + v
		}
	}
	return v
}

var notWord = regexp.MustCompile(`[^A-Za-z0-9_]`)

// parameterName is the name of the parameter for a resource's name, as Azure's export makes it.
func parameterName(typ, name string) string {
	short := typ[strings.LastIndexByte(typ, '/')+1:]
	return notWord.ReplaceAllString(short+"_"+name+"_name", "_")
}
