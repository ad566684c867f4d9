package deployment

import (
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
