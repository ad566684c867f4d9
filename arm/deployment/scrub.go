package deployment

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
)

// hidden stands where a secret was.
const hidden = "*******"

// shortest is the length from which a value is looked for: shorter ones would hit words of the texts themselves.
const shortest = 4

// scrub takes the job's secrets out of an error's texts: rooms may quote what they refuse.
func (j *job) scrub(err error) error {
	if err == nil {
		return nil
	}
	e := azure.AsError(err)
	if e.Kind == azure.Internal {
		return err // its text is fixed; the cause goes to the log of whoever reports it
	}
	return j.scrubbed(e)
}

func (j *job) scrubbed(e *azure.Error) *azure.Error {
	var pairs []string
	for _, s := range j.secrets {
		if len(s) >= shortest {
			pairs = append(pairs, s, hidden)
		}
	}
	if pairs == nil {
		return e
	}
	return scrubWith(strings.NewReplacer(pairs...), e)
}

func scrubWith(r *strings.Replacer, e *azure.Error) *azure.Error {
	out := azure.Errorf(e.Kind, e.Code, "%s", r.Replace(e.Message))
	out.Target, out.Additional, out.Inner, out.RetryAfter = e.Target, e.Additional, e.Inner, e.RetryAfter
	for _, d := range e.Details {
		out.Details = append(out.Details, scrubWith(r, d))
	}
	return out
}

// tells reports a text that holds a secret of the job.
func (j *job) tells(text string) bool {
	return slices.ContainsFunc(j.secrets, func(secret string) bool {
		return secret != "" && (text == secret || len(secret) >= shortest && strings.Contains(text, secret))
	})
}

// withheld is a JSON value with null in place of texts that hold a secret. In a nested template of outer scope such texts
// stand as if they were none. changed tells whether there were any.
func (j *job) withheld(v any) (out any, changed bool) {
	switch v := v.(type) {
	case string:
		if j.tells(v) {
			return nil, true
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var c bool
			list[i], c = j.withheld(v[i])
			changed = changed || c
		}
		return list, changed
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, e := range v {
			var c bool
			object[key], c = j.withheld(e)
			changed = changed || c
		}
		return object, changed
	}
	return v, false
}

// withheldJSON is withheld on text, which stays as it is when it tells nothing.
func (j *job) withheldJSON(data json.RawMessage) json.RawMessage {
	var v any
	if len(j.secrets) == 0 || json.Unmarshal(data, &v) != nil {
		return data
	}
	out, changed := j.withheld(v)
	if !changed {
		return data
	}
	text, err := json.Marshal(out)
	if err != nil { // impossible: it was JSON
		return nil
	}
	return text
}

// withheldChanges is withheld on property changes.
func (j *job) withheldChanges(list []propertyChange) []propertyChange {
	for i := range list {
		list[i].Before, _ = j.withheld(list[i].Before)
		list[i].After, _ = j.withheld(list[i].After)
		list[i].Children = j.withheldChanges(list[i].Children)
	}
	return list
}

// reveal is the texts of secrets.
func reveal(secrets []azure.Secret) (out []string) {
	for _, s := range secrets {
		out = append(out, s.Reveal())
	}
	return out
}
