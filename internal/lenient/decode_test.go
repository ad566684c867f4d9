package lenient_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

type named struct {
	Name string `json:"name"`
}

type port struct {
	Port     int    `json:"port"`
	Protocol string `json:"protocol,omitempty"`
}

// upper decides for itself what its JSON means.
type upper string

func (u *upper) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errors.New("want an upper-case word")
	}
	*u = upper(strings.ToUpper(s))
	return nil
}

type group struct {
	named
	Location string             `json:"location,omitempty"`
	Tags     map[string]string  `json:"tags,omitempty"`
	CPU      float64            `json:"cpu,omitempty"`
	Limit    *int32             `json:"limit,omitempty"`
	Public   bool               `json:"public,omitempty"`
	Ports    []port             `json:"ports,omitempty"`
	ByRegion map[string]*port   `json:"byRegion,omitempty"`
	Raw      json.RawMessage    `json:"raw,omitempty"`
	Extra    map[string]any     `json:"extra,omitempty"`
	Created  *time.Time         `json:"created,omitempty"`
	Address  netip.Addr         `json:"address,omitzero"`
	Word     upper              `json:"word,omitempty"`
	Blob     []byte             `json:"blob,omitempty"`
	Dashed   string             `json:"-"`
	Deep     *struct{ P *port } `json:"deep,omitempty"`
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"keys in any case", `{"NAME":"a","Location":"eastus","BYREGION":{"EastUS":{"PORT":1}}}`,
			`{"name":"a","location":"eastus","byRegion":{"EastUS":{"port":1}}}`},
		{"the exact spelling wins, first or last", `{"name":"a","Name":"b","LOCATION":"x","location":"y"}`, `{"name":"a","location":"y"}`},
		{"numeric strings", `{"name":"a","cpu":"1.0","limit":" 443 ","ports":[{"port":"80"},{"port":81.0}]}`,
			`{"name":"a","cpu":1,"limit":443,"ports":[{"port":80},{"port":81}]}`},
		{"bool strings", `{"name":"a","public":"True"}`, `{"name":"a","public":true}`},
		{"comments, unquoted keys, last comma", "{ // line\n name: /* in\nbetween */ \"a\", /**/ location:\"x\",\n}//end", `{"name":"a","location":"x"}`},
		{"a raw line break stays", "{\"name\":\"[concat(\n\t'a')]\"}", `{"name":"[concat(\n\t'a')]"}`},
		{"comment signs in strings are text", `{"name":"http://x/*y*/"}`, `{"name":"http://x/*y*/"}`},
		{"byte order mark", "\xef\xbb\xbf{\"name\":\"a\"}", `{"name":"a"}`},
		{"the last of two equal keys wins whole", `{"name":"a","extra":{"x":1},"extra":{"y":2}}`, `{"name":"a","extra":{"y":2}}`},
		{"types of their own", `{name:"a",created:"2026-01-02T03:04:05Z",address:"127.0.0.1",word:"abc",blob:"aGk=",raw:{ b: [1, "x\u00e9\ud83d\ude00"] }}`,
			`{"name":"a","raw":{"b":[1,"xé😀"]},"created":"2026-01-02T03:04:05Z","address":"127.0.0.1","word":"ABC","blob":"aGk="}`},
		{"numbers stay exact", `{"name":"a","extra":{"n":12345678901234567890.10,"l":[null,true]}}`, `{"name":"a","extra":{"l":[null,true],"n":12345678901234567890.10}}`},
		{"null clears", `{"name":"a","tags":null,"limit":null,"ports":null,"location":null}`, `{"name":"a"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g group
			unknown, err := lenient.Decode([]byte(c.body), &g)
			if err != nil || unknown != nil {
				t.Fatalf("Decode: %v, unclaimed %v", err, unknown)
			}
			got, err := json.Marshal(g)
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, body   string
		line, column int
		path, msg    string
	}{
		{"nothing", " \n ", 2, 2, "", "empty"},
		{"an open object", "{\n\"name\":\"a\"", 2, 11, "", "',' or '}'"},
		{"an open string", `{"name":"a`, 1, 9, "name", "never closed"},
		{"an open comment", `{/* "name":"a"}`, 1, 2, "", "never closed"},
		{"data after the end", `{"name":"a"} {`, 1, 14, "", "after the end"},
		{"single quotes", `{"name":'a'}`, 1, 9, "name", "double quotes"},
		{"a bare word", `{"name":yes}`, 1, 9, "name", `"yes" where a value`},
		{"a leading zero", `{"cpu":01}`, 1, 8, "cpu", "not a number"},
		{"a control character", "{\"name\":\"a\x00\"}", 1, 11, "name", "control character"},
		{"a number for a string", `{"name":5}`, 1, 9, "name", "found 5 where a string is expected"},
		{"a word for a number", "{\n  \"é\": 1, \"ports\":[{\"port\":1},{\"PORT\":\"http\"}]}", 2, 39, "ports[1].port", `found the string "http" where an integer`},
		{"a fraction for an integer", `{"limit":1.5}`, 1, 10, "limit", "integer"},
		{"out of range", `{"limit":"4294967296"}`, 1, 10, "limit", "32 bits"},
		{"a hexadecimal string", `{"cpu":"0x1p4"}`, 1, 8, "cpu", "a number"},
		{"an infinite string", `{"cpu":"inf"}`, 1, 8, "cpu", "a number"},
		{"an object for an array", `{"ports":{}}`, 1, 10, "ports", "an array"},
		{"a number in tags", `{"tags":{"a b":1}}`, 1, 16, `tags["a b"]`, "a string"},
		{"a type's own error", `{"word":[]}`, 1, 9, "word", "upper-case word"},
		{"a bad address", `{"address":"127.0.0"}`, 1, 12, "address", "ParseAddr"},
		{"too deep", strings.Repeat("[", 600), 1, 513, strings.Repeat("[0]", 512), "deeper than 512"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g group
			_, err := lenient.Decode([]byte(c.body), &g)
			var se *lenient.SyntaxError
			if !errors.As(err, &se) {
				t.Fatalf("got %v, want a *SyntaxError", err)
			}
			if se.Line != c.line || se.Column != c.column || se.Path != c.path || !strings.Contains(se.Msg, c.msg) {
				t.Errorf("got  %v\nwant line %d, column %d, at %s: ...%s...", se, c.line, c.column, c.path, c.msg)
			}
		})
	}
	if _, err := lenient.Decode([]byte(`{}`), group{}); err == nil {
		t.Error("decoding into a value that is no pointer was accepted")
	}
}

func TestUnclaimedKeys(t *testing.T) {
	var g group
	unknown, err := lenient.Decode([]byte(`{"name":"a","zone":1,"Ports":[{"port":1},{"port":2,"host":{"x":[1]}}],
		"byRegion":{"eu":{"port":3,"w":true}},"deep":{"p":{"port":1,"q":null}},"extra":{"free":1}}`), &g)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"zone":     json.Number("1"),
		"ports":    map[string]any{"[1]": map[string]any{"host": map[string]any{"x": []any{json.Number("1")}}}},
		"byRegion": map[string]any{"eu": map[string]any{"w": true}},
		"deep":     map[string]any{"P": map[string]any{"q": nil}},
	}
	if !reflect.DeepEqual(unknown, want) {
		t.Errorf("got  %v\nwant %v", unknown, want)
	}
}

func TestMerge(t *testing.T) {
	body := `{"name":"a","ports":[{"port":1},{"port":2,"host":"h"}],"zone":{"b":1,"a":2}}`
	for _, c := range []struct {
		name   string
		change func(*group)
		want   string
	}{
		{"nothing changed", func(*group) {}, `{"name":"a","ports":[{"port":1},{"port":2,"host":"h"}],"zone":{"a":2,"b":1}}`},
		{"known values win", func(g *group) { g.Ports[1].Port = 9; g.Name = "b" },
			`{"name":"b","ports":[{"port":1},{"port":9,"host":"h"}],"zone":{"a":2,"b":1}}`},
		{"an element is gone", func(g *group) { g.Ports = g.Ports[:1] }, `{"name":"a","ports":[{"port":1}],"zone":{"a":2,"b":1}}`},
		{"the array is gone", func(g *group) { g.Ports = nil }, `{"name":"a","zone":{"a":2,"b":1}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g group
			unknown, err := lenient.Decode([]byte(body), &g)
			if err != nil {
				t.Fatal(err)
			}
			c.change(&g)
			stored, err := json.Marshal(unknown)
			if err != nil {
				t.Fatal(err)
			}
			var loaded map[string]any
			if err := json.Unmarshal(stored, &loaded); err != nil {
				t.Fatal(err)
			}
			got, err := lenient.Merge(g, loaded)
			if err != nil || string(got) != c.want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, c.want)
			}
		})
	}
	if _, err := lenient.Merge("text", map[string]any{"a": 1}); err == nil {
		t.Error("merging keys into a string was accepted")
	}
}

// TestTemplateBody reads a deployment as az sends it: the file's own text behind an unquoted key.
func TestTemplateBody(t *testing.T) {
	body := "{\"properties\": {\"mode\": \"Incremental\", template:{\n  // the file\n  \"resources\": [ /* none */ ],\n}\n}}"
	got, err := lenient.Parse([]byte(body))
	want := map[string]any{"properties": map[string]any{"mode": "Incremental", "template": map[string]any{"resources": []any{}}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// FuzzParse holds two promises: what encoding/json reads we read the same, and what we read prints to
// standard JSON of the same meaning.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,"x\u00e9\ud800"],"a":null}`, "{a:1,/*c*/\"b\":\"\n\",}// e", "\xef\xbb\xbf[true,false]",
		`"\ud83d\ude00\/\b"`, `[[[]]]`, `{"":0}`, "\"\xff\"", `1e999`, `{"a":1}}`, `tru`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := lenient.Parse(data)
		dec := json.NewDecoder(strings.NewReader(string(data)))
		dec.UseNumber()
		var std any
		if json.Valid(data) && dec.Decode(&std) == nil {
			if err != nil && !strings.Contains(err.Error(), "deeper") {
				t.Fatalf("standard JSON %q refused: %v", data, err)
			}
			if err == nil && !reflect.DeepEqual(got, std) {
				t.Fatalf("%q: got %#v, encoding/json %#v", data, got, std)
			}
		}
		if err != nil {
			return
		}
		printed, err := lenient.Merge(map[string]any{"known": got}, map[string]any{"more": got})
		if err != nil {
			if strings.Contains(err.Error(), "deeper") {
				return // one level was added
			}
			t.Fatal(err)
		}
		var again map[string]any
		dec = json.NewDecoder(strings.NewReader(string(printed)))
		dec.UseNumber()
		if err := dec.Decode(&again); err != nil || !reflect.DeepEqual(got, again["known"]) || !reflect.DeepEqual(got, again["more"]) {
			t.Fatalf("%q printed as %s reads as %#v, %v", data, printed, again, err)
		}
	})
}

// FuzzDecode: nothing a caller sends may panic, and what was claimed and unclaimed merges back to a
// document that decodes to the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"a","ports":[{"port":"1","q":[{}]}],"x":{"[0]":{}},"deep":{"p":{"z":1}},"extra":{"y":0}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var g group
		unknown, err := lenient.Decode(data, &g)
		if err != nil {
			return
		}
		merged, err := lenient.Merge(g, unknown)
		if err != nil {
			return // a year beyond 9999 has no JSON form
		}
		var again group
		if _, err := lenient.Decode(merged, &again); err != nil {
			t.Fatalf("%q merged to %s: %v", data, merged, err)
		}
		a, _ := json.Marshal(g)
		b, _ := json.Marshal(again)
		if string(a) != string(b) {
			t.Fatalf("%q: %s became %s", data, a, b)
		}
	})
}
