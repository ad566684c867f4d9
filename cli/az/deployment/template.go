package deployment

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// prepared is the deployment's path and what is sent to it.
func (s scope) prepared(c *command.Call) (at string, body []byte, err error) {
	file, uri, spec := c.Text("template_file"), c.Text("template_uri"), c.Text("template_spec")
	switch {
	case file != "" && uri != "":
		return "", nil, command.Fail("incorrect usage: Choose only one of --template-file FILE | --template-uri URI | --template-spec ID to pass in")
	case file == "" && uri == "" && spec == "":
		return "", nil, command.Fail("Please enter one of the following: template file, template spec, template url, or Bicep parameters file.")
	case strings.HasSuffix(file, ".bicep"):
		return "", nil, command.Fail("Bicep is not built: compile %s with 'bicep build' and deploy the JSON.", file)
	}
	if c.Text("deployment_name") == "" {
		c.Set("deployment_name", nameOf(file+uri))
	}
	properties := value.New()
	text, template, err := templateOf(c, file, uri, spec)
	if err != nil {
		return "", nil, err
	}
	parameters, err := parametersOf(c, template)
	if err != nil {
		return "", nil, err
	}
	properties.Set("parameters", parameters)
	mode := "Incremental"
	if s.mode {
		mode = c.Text("mode")
	}
	properties.Set("mode", mode)
	if c.Has("rollback_on_error") {
		roll := value.New("type", "LastSuccessful")
		if name := c.Text("rollback_on_error"); name != "" {
			roll = value.New("type", "SpecificDeployment", "deploymentName", name)
		}
		properties.Set("onErrorDeployment", roll)
	}
	if uri != "" {
		properties.Set("templateLink", value.New("uri", uri))
	} else if spec != "" {
		properties.Set("templateLink", value.New("id", spec))
	}
	if body, err = assemble(c, properties, text, uri+spec == ""); err != nil {
		return "", nil, err
	}
	at, err = s.one(c)
	return at, body, err
}

// assemble writes the request. The template goes in word for word, as az sends
// it: comments and long lines of text stay what they are.
func assemble(c *command.Call, properties *value.Object, text []byte, whole bool) ([]byte, error) {
	head, err := value.Encode(properties)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(`{"properties":`)
	b.Write(head[:len(head)-1])
	if whole {
		b.WriteString(`,"template":`)
		b.Write(text)
	}
	b.WriteString("}")
	if place := c.Text("deployment_location"); place != "" {
		b.WriteString(`,"location":` + strconv.Quote(place))
	}
	b.WriteString("}")
	return b.Bytes(), nil
}

func nameOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), "?")
	if name = strings.TrimSuffix(name, filepath.Ext(name)); name == "" || name == "." {
		return "deployment1"
	}
	return name
}

// specVersion is the api-version of template specs.
const specVersion = "2022-02-01"

// templateOf is the template that the arguments name: its text, and what it says.
func templateOf(c *command.Call, file, uri, spec string) (text []byte, template any, err error) {
	if spec != "" {
		v, err := c.Get(spec, specVersion)
		return nil, value.Path(v, "properties.mainTemplate"), err
	}
	if text, err = templateText(c, file, uri); err != nil {
		return nil, nil, err
	}
	if template, err = value.Decode(Plain(text)); err != nil {
		return nil, nil, command.Fail("Failed to parse '%s', please check whether it is a valid JSON format", file+uri)
	}
	return text, template, nil
}

func templateText(c *command.Call, file, uri string) ([]byte, error) {
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, command.Fail("[Errno 2] No such file or directory: '%s'", file)
		}
		return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
	}
	res, err := c.REST().Do(c.Context, client.Request{Method: http.MethodGet, URL: uri})
	if err != nil {
		return nil, command.Fail("Unable to retrieve url %s: %v", uri, err)
	}
	return res.Body, nil
}

// Plain is JSON without comments and without line ends inside text.
func Plain(text []byte) []byte {
	var out bytes.Buffer
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			i = quoted(&out, text, i)
		case c == '/' && i+1 < len(text) && text[i+1] == '/':
			for i < len(text) && text[i] != '\n' {
				i++
			}
			out.WriteByte('\n')
		case c == '/' && i+1 < len(text) && text[i+1] == '*':
			end := bytes.Index(text[i+2:], []byte("*/"))
			if end < 0 {
				return out.Bytes()
			}
			i += end + 3
		default:
			out.WriteByte(c)
		}
	}
	return out.Bytes()
}

// quoted copies a text that begins at i and returns where it ends.
func quoted(out *bytes.Buffer, text []byte, i int) int {
	out.WriteByte('"')
	for i++; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			out.WriteByte(c)
			if i++; i < len(text) {
				out.WriteByte(text[i])
			}
		case '\n':
			out.WriteString(`\n`)
		case '\r':
			out.WriteString(`\r`)
		case '\t':
			out.WriteString(`\t`)
		default:
			out.WriteByte(c)
			if c == '"' {
				return i
			}
		}
	}
	return i
}

// parametersOf reads --parameters: files, JSON, and NAME=VALUE with the type the
// template gives the parameter.
func parametersOf(c *command.Call, template any) (*value.Object, error) {
	out := value.New()
	declared := value.ObjectAt(template, "parameters")
	for _, use := range c.Uses("parameters") {
		for _, word := range use {
			if err := parameter(out, declared, word); err != nil {
				return nil, err
			}
		}
	}
	var missing []string
	if declared != nil {
		for _, name := range declared.Keys() {
			d := value.ObjectAt(declared, name)
			if d != nil && !d.Has("defaultValue") && !slices.ContainsFunc(out.Keys(), func(k string) bool { return strings.EqualFold(k, name) }) {
				missing = append(missing, name)
			}
		}
	}
	if skip, _ := c.Switch("no_prompt"); len(missing) > 0 && !skip {
		return nil, command.Fail("Missing input parameters: %s", strings.Join(missing, ", "))
	}
	return out, nil
}

func parameter(out, declared *value.Object, word string) error {
	text := []byte(word)
	if data, err := os.ReadFile(word); err == nil {
		text = data
	}
	if v, err := value.Decode(Plain(text)); err == nil {
		o, ok := v.(*value.Object)
		if !ok {
			return command.Fail("Unable to parse parameter: %s", word)
		}
		if inner := value.ObjectAt(o, "parameters"); inner != nil {
			o = inner
		}
		for _, k := range o.Keys() {
			out.Set(k, o.Get(k))
		}
		return nil
	}
	name, v, ok := strings.Cut(word, "=")
	if !ok {
		return command.Fail("Unable to parse parameter: %s", word)
	}
	d := value.ObjectAt(declared, name)
	if d == nil {
		return command.Fail("unrecognized template parameter '%s'. Allowed parameters: %s", name, strings.Join(keysOf(declared), ", "))
	}
	typed, err := literal(strings.ToLower(value.String(d, "type")), v)
	if err != nil {
		return command.Fail("Unable to parse parameter: %s", word)
	}
	out.Set(name, value.New("value", typed))
	return nil
}

func keysOf(o *value.Object) []string {
	if o == nil {
		return nil
	}
	return o.Sorted()
}

// literal reads the value of a parameter of a type.
func literal(kind, text string) (any, error) {
	switch kind {
	case "int":
		if _, err := strconv.Atoi(text); err != nil {
			return nil, err
		}
		return json.Number(text), nil
	case "bool":
		return strconv.ParseBool(strings.ToLower(text))
	case "object", "array", "secureobject":
		return value.Decode(Plain([]byte(text)))
	}
	return text, nil
}
