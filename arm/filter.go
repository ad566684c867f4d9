package arm

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// filter is a parsed $filter of the resource and group lists:
//
//	term  := field ('eq'|'ne') 'text' | startswith(field,'text') | substringof('text',field)
//	expr  := term { ('and'|'or') term }      'and' binds tighter
//
// Fields: name, resourceType, resourceGroup, location, tagName, tagValue.
// Source: ARM "Resources - List". The zero filter accepts everything.
type filter struct{ any [][]term }

type term struct{ field, op, value string }

// filterSubject is what a filter looks at.
type filterSubject struct {
	name, kind, group, location string
	tags                        map[string]string
}

// parseFilter parses the text; anything it does not understand is refused,
// never ignored.
func parseFilter(text string) (filter, error) {
	var f filter
	toks, ok := filterTokens(text)
	if !ok {
		return f, badFilter(text)
	}
	all := []term(nil)
	for len(toks) > 0 {
		t, rest, ok := parseTerm(toks)
		if !ok {
			return f, badFilter(text)
		}
		all, toks = append(all, t), rest
		if len(toks) == 0 {
			break
		}
		switch strings.ToLower(toks[0]) {
		case "and":
		case "or":
			f.any, all = append(f.any, all), nil
		default:
			return f, badFilter(text)
		}
		if toks = toks[1:]; len(toks) == 0 {
			return f, badFilter(text)
		}
	}
	if all != nil {
		f.any = append(f.any, all)
	}
	return f, nil
}

func badFilter(text string) error {
	return azure.Errorf(azure.Invalid, azure.CodeInvalidFilter, "The $filter '%s' is not understood. Use terms like resourceType eq 'Microsoft.KeyVault/vaults', name eq 'x', location eq, resourceGroup eq, tagName eq 'a' and tagValue eq 'b', startswith(tagName,'x') or substringof('x',name), joined by 'and' or 'or'.", text).At("$filter")
}

// filterTokens splits into words, 'texts' (kept with the leading quote) and the
// signs ( ) ,.
func filterTokens(s string) (out []string, ok bool) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ':
			i++
		case c == '(' || c == ')' || c == ',':
			out, i = append(out, s[i:i+1]), i+1
		case c == '\'':
			var b strings.Builder
			b.WriteByte('\'')
			for i++; ; i++ {
				if i >= len(s) {
					return nil, false
				}
				if s[i] == '\'' {
					if i+1 < len(s) && s[i+1] == '\'' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(s[i])
			}
			out, i = append(out, b.String()), i+1
		default:
			j := i
			for j < len(s) && !strings.ContainsRune(" (),'", rune(s[j])) {
				j++
			}
			out, i = append(out, s[i:j]), j
		}
	}
	return out, true
}

func parseTerm(t []string) (term, []string, bool) {
	if len(t) >= 6 && t[1] == "(" && t[3] == "," && t[5] == ")" {
		switch op := strings.ToLower(t[0]); {
		case op == "startswith" && knownField(t[2]) && isText(t[4]):
			return term{strings.ToLower(t[2]), op, t[4][1:]}, t[6:], true
		case op == "substringof" && isText(t[2]) && knownField(t[4]):
			return term{strings.ToLower(t[4]), op, t[2][1:]}, t[6:], true
		}
		return term{}, nil, false
	}
	if len(t) >= 3 && knownField(t[0]) && isText(t[2]) {
		if op := strings.ToLower(t[1]); op == "eq" || op == "ne" {
			return term{strings.ToLower(t[0]), op, t[2][1:]}, t[3:], true
		}
	}
	return term{}, nil, false
}

func isText(s string) bool { return strings.HasPrefix(s, "'") }

func knownField(s string) bool {
	switch strings.ToLower(s) {
	case "name", "resourcetype", "resourcegroup", "location", "tagname", "tagvalue":
		return true
	}
	return false
}

// accepts reports whether the subject passes.
func (f filter) accepts(s filterSubject) bool {
	if len(f.any) == 0 {
		return true
	}
	for _, all := range f.any {
		if acceptsAll(all, s) {
			return true
		}
	}
	return false
}

// acceptsAll wants every term to hold; tagName and tagValue terms must hold for
// one and the same tag.
func acceptsAll(all []term, s filterSubject) bool {
	var tagTerms []term
	for _, t := range all {
		var value string
		switch t.field {
		case "name":
			value = s.name
		case "resourcetype":
			value = s.kind
		case "resourcegroup":
			value = s.group
		case "location":
			value = s.location
			t.value = strings.ReplaceAll(t.value, " ", "")
		default:
			tagTerms = append(tagTerms, t)
			continue
		}
		if !t.holds(value) {
			return false
		}
	}
	return len(tagTerms) == 0 || anyTag(tagTerms, s.tags)
}

func anyTag(terms []term, tags map[string]string) bool {
	for k, v := range tags {
		ok := true
		for _, t := range terms {
			value := k
			if t.field == "tagvalue" {
				value = v
			}
			ok = ok && t.holds(value)
		}
		if ok {
			return true
		}
	}
	return false
}

func (t term) holds(value string) bool {
	v, want := strings.ToLower(value), strings.ToLower(t.value)
	switch t.op {
	case "eq":
		return v == want
	case "ne":
		return v != want
	case "startswith":
		return strings.HasPrefix(v, want)
	}
	return strings.Contains(v, want)
}
