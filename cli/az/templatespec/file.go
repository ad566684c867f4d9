package templatespec

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/deployment"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// files are what --template-file and --ui-form-definition hold.
type files struct {
	template, form any
	linked         []any
}

// contents reads the files of the arguments, and the templates beside the
// template that it links by relativePath.
func contents(c *command.Call) (*files, error) {
	read := &files{}
	var err error
	if path := c.Text("template_file"); path != "" {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			return nil, command.Fail("Please enter a valid file path")
		}
		if strings.HasSuffix(path, ".bicep") {
			return nil, command.Fail("Bicep is not built: compile %s with 'bicep build' and give the JSON.", path)
		}
		if read.template, err = readJSON(path); err != nil {
			return nil, err
		}
		read.linked = []any{}
		if err := read.link(read.template, filepath.Dir(path), filepath.Dir(path), map[string]bool{}); err != nil {
			return nil, err
		}
	}
	if path := c.Text("ui_form_definition_file"); path != "" {
		if read.form, err = readJSON(path); err != nil {
			return nil, err
		}
	}
	return read, nil
}

func readJSON(path string) (any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, command.Fail("[Errno 2] No such file or directory: '%s'", path)
	}
	v, err := value.Decode(deployment.Plain(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	if err != nil {
		return nil, command.Fail("Failed to parse '%s', please check whether it is a valid JSON format", path)
	}
	return v, nil
}

// link adds the templates that the deployments of a template link by
// relativePath, and those they link.
func (f *files) link(template any, dir, root string, seen map[string]bool) error {
	for _, r := range value.List(template, "resources") {
		if !strings.EqualFold(value.String(r, "type"), "Microsoft.Resources/deployments") {
			continue
		}
		relative := value.String(r, "properties.templateLink.relativePath")
		if relative == "" {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(relative))
		within, err := filepath.Rel(root, path)
		if err != nil || strings.HasPrefix(within, "..") {
			return command.Fail("Unable to handle the reference to file %s from %s because it exists outside of the root template directory of %s", relative, dir, root)
		}
		if seen[within] {
			continue
		}
		seen[within] = true
		linked, err := readJSON(path)
		if err != nil {
			return err
		}
		if err := f.link(linked, filepath.Dir(path), root, seen); err != nil {
			return err
		}
		f.linked = append(f.linked, value.New("path", filepath.ToSlash(within), "template", linked))
	}
	return nil
}

// set adds what was read to the properties of a version.
func (f *files) set(properties *value.Object) *value.Object {
	if f.linked != nil {
		properties.Set("linkedTemplates", f.linked)
	}
	if f.template != nil {
		properties.Set("mainTemplate", f.template)
	}
	if f.form != nil {
		properties.Set("uiFormDefinition", f.form)
	}
	return properties
}

// export writes a version's template, and what it links, into --output-folder.
func export(c *command.Call) (any, error) {
	if err := take(c, true); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(c.Text("output_folder"))
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, command.Fail("Please enter a valid output folder")
	}
	_, one, err := spec(c)
	if err != nil {
		return nil, err
	}
	if one == "" {
		return nil, command.Fail("Please specify the template spec version for export")
	}
	v, err := c.Get(one, version)
	if err != nil {
		return nil, err
	}
	for _, linked := range value.List(v, "properties.linkedTemplates") {
		path := filepath.FromSlash(strings.ReplaceAll(value.String(linked, "path"), `\`, "/"))
		if !filepath.IsLocal(path) {
			return nil, command.Fail("Unable to unpack linked template %s because it would create a file outside of the target directory hierarchy of %s", path, dir)
		}
		if err := write(filepath.Join(dir, path), value.Path(linked, "template")); err != nil {
			return nil, err
		}
	}
	return dir, write(filepath.Join(dir, c.Text("name")+".JSON"), value.Path(v, "properties.mainTemplate"))
}

func write(path string, template any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text, err := value.Encode(template)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
