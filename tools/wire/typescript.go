package main

import (
	"fmt"
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// declare writes one struct as an interface, and tells which other types of the package it is made of.
func (p *pack) declare(name string, d *declared) (text string, more []string) {
	w := &writer{pack: p}
	var b strings.Builder
	if doc := strings.Join(strings.Fields(d.doc), " "); doc != "" {
		doc = strings.Replace(doc, name+" ", exported(name)+" ", 1)
		fmt.Fprintf(&b, "/** %s */\n", strings.ReplaceAll(doc, "*/", "* /"))
	}
	s, ok := d.expr.(*ast.StructType)
	if !ok {
		fmt.Fprintf(&b, "export type %s = %s;\n", exported(name), w.typ(d.expr))
		return b.String(), w.more
	}
	fields, bases := w.fields(s, "  ")
	fmt.Fprintf(&b, "export interface %s", exported(name))
	if len(bases) > 0 {
		fmt.Fprintf(&b, " extends %s", strings.Join(bases, ", "))
	}
	fmt.Fprintf(&b, " {\n%s}\n", fields)
	return b.String(), w.more
}

// writer writes types and remembers those it met.
type writer struct {
	pack *pack
	more []string
}

// fields writes those of a struct that have a JSON name; embedded structs are bases.
func (w *writer) fields(s *ast.StructType, indent string) (text string, bases []string) {
	var b strings.Builder
	for _, f := range s.Fields.List {
		name, optional := jsonName(f)
		switch {
		case name == "-":
		case len(f.Names) == 0 && name == "":
			bases = append(bases, w.typ(f.Type))
		case name != "":
			if comment := strings.Join(strings.Fields(f.Comment.Text()), " "); comment != "" {
				fmt.Fprintf(&b, "%s/** %s */\n", indent, comment)
			}
			mark := ""
			if optional {
				mark = "?"
			}
			if strings.ContainsAny(name, "-.@$") {
				name = strconv.Quote(name)
			}
			fmt.Fprintf(&b, "%s%s%s: %s;\n", indent, name, mark, w.typ(f.Type))
		}
	}
	return b.String(), bases
}

// jsonName is the name of a field on the wire; it may be missing when the tag says so, or when it is a pointer.
func jsonName(f *ast.Field) (name string, optional bool) {
	if f.Tag == nil {
		return "", false
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", false
	}
	value, ok := reflect.StructTag(tag).Lookup("json")
	if !ok {
		return "", false
	}
	name, options, _ := strings.Cut(value, ",")
	_, pointer := f.Type.(*ast.StarExpr)
	return name, pointer || strings.Contains(options, "omit")
}

// plain are the types that JSON writes as something else than they are called.
var plain = map[string]string{
	"string": "string", "bool": "boolean", "any": "unknown", "byte": "number", "error": "string",
	"int": "number", "int32": "number", "int64": "number", "uint64": "number", "float64": "number",
	"time.Time": "string", "time.Duration": "number", "json.RawMessage": "unknown", "azure.Secret": "string", "azure.Location": "string", "azure.ResourceID": "string",
	"authz.PrincipalType": "string", "template.Value": "unknown", "authz.Permission": "Permission",
	"azure.ErrorDetail": "{ code: string; message: string; target?: string; details?: { code?: string; message?: string; target?: string }[] }",
}

// typ is a Go type as TypeScript writes it.
func (w *writer) typ(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return w.typ(t.X)
	case *ast.ArrayType:
		of := w.typ(t.Elt)
		if strings.ContainsAny(of, " |{") {
			return "(" + of + ")[]"
		}
		return of + "[]"
	case *ast.MapType:
		return "Record<string, " + w.typ(t.Value) + ">"
	case *ast.StructType:
		if t.Fields.NumFields() == 0 {
			return "object"
		}
		fields, _ := w.fields(t, "    ")
		return "{\n" + fields + "  }"
	case *ast.Ident:
		if known := plain[t.Name]; known != "" {
			return known
		}
		if d := w.pack.types[t.Name]; d != nil {
			w.more = append(w.more, t.Name)
			return exported(t.Name)
		}
	case *ast.SelectorExpr:
		if x, ok := t.X.(*ast.Ident); ok {
			if known := plain[x.Name+"."+t.Sel.Name]; known != "" {
				return known
			}
		}
	}
	return "unknown"
}
