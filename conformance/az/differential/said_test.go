package differential

import (
	"regexp"
	"strings"
)

// said is what a program says on stderr without what is no message of its own:
// the examples after an error of usage, of which either shows those it has, and
// modules that this machine's Python cannot load.
func said(text string) string {
	text, _, _ = strings.Cut(text, "\nExamples from AI knowledge base:")
	text, _, _ = strings.Cut(text, "\nExample:\n")
	text = unloaded.ReplaceAllString(text, "")
	return actions.ReplaceAllString(strings.TrimRight(text, "\n"), "Valid actions are <in any order>")
}

var (
	unloaded = regexp.MustCompile(`ERROR: Error loading command module .*\n`)
	actions  = regexp.MustCompile(`Valid actions are \{.*\}`)
)

// tolerances are the only messages that may differ: what the real az says, what
// ours does, and why that is as it should be.
var tolerances = []struct{ real, ours, why string }{
	{`The command failed with an unexpected error`, `^ERROR: `, "the real az dies of a bug and shows where"},
	{`The content for this response was already consumed`, `^ERROR: \(`, "the real az cannot read the error of the service, for a bug"},
	{`invalid literal for int\(\) with base 10`, `Unable to parse parameter`, "the words are Python's"},
	{`Readonly attribute type will be ignored in class <class`, ``, "a warning about the real az's own classes"},
	{`^--only-show-errors can't be used together`, `^ERROR: --only-show-errors`, "the real az says it before its messages have a form"},
	{`The HSM 'None' not found`, `Please specify --vault-name or --hsm-name`, "the real az looks for a vault without a name"},
}

// tolerated reports whether two different messages are ones of those.
func tolerated(want, have string) bool {
	for _, t := range tolerances {
		if regexp.MustCompile(t.real).MatchString(want) && regexp.MustCompile(t.ours).MatchString(have) {
			return true
		}
	}
	return false
}
