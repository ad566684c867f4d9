package command

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parser reads the arguments of one command as Python's argparse does: flags in
// any order, shortened while that is unambiguous, --flag=value, -nvalue, and
// values that never begin with a dash unless they are numbers or hold a blank.
type parser struct {
	path   string // of the command
	args   []Arg
	values map[string][]string
	uses   map[string][][]string // of arguments that add up, use by use
}

// token is one word of the command line; flag is nil for a value.
type token struct {
	text  string
	flag  *Arg
	value string // of --flag=value
	has   bool   // there is such a value
	odd   bool   // looks like a flag but is none
}

var negative = regexp.MustCompile(`^-\d+$|^-\d*\.\d+$`)

// parse reads words; what is missing or too much is wrong usage.
func (p *parser) parse(words []string) error {
	p.values, p.uses = map[string][]string{}, map[string][][]string{}
	tokens, err := p.tokens(words)
	if err != nil {
		return err
	}
	var loose []string
	for i := 0; i < len(tokens); {
		t := tokens[i]
		if t.flag == nil {
			loose = append(loose, t.text)
			i++
			continue
		}
		used, err := p.option(t, tokens[i+1:])
		if err != nil {
			return err
		}
		i += 1 + used
	}
	loose, err = p.positional(loose)
	if err != nil {
		return err
	}
	if err := p.missing(); err != nil {
		return err
	}
	if len(loose) > 0 {
		return Usage("unrecognized arguments: %s", strings.Join(loose, " "))
	}
	return nil
}

func (p *parser) tokens(words []string) ([]token, error) {
	var tokens []token
	for i, w := range words {
		if w == "--" {
			for _, rest := range words[i+1:] {
				tokens = append(tokens, token{text: rest})
			}
			return tokens, nil
		}
		t, err := p.token(w)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t...)
	}
	return tokens, nil
}

// token tells whether a word is a flag; -yn value makes two.
func (p *parser) token(w string) ([]token, error) {
	if len(w) < 2 || w[0] != '-' {
		return []token{{text: w}}, nil
	}
	if a := p.flag(w); a != nil {
		return []token{{text: w, flag: a}}, nil
	}
	name, v, has := strings.Cut(w, "=")
	if a := p.flag(name); a != nil && has {
		return []token{{text: w, flag: a, value: v, has: true}}, nil
	}
	if strings.HasPrefix(w, "--") {
		found, names := p.shortened(name)
		if len(names) > 1 {
			return nil, Usage("ambiguous option: %s could match %s", w, strings.Join(names, ", "))
		}
		if found != nil {
			return []token{{text: w, flag: found, value: v, has: has}}, nil
		}
	} else if a := p.flag(w[:2]); a != nil {
		if a.Kind == Flag {
			rest, err := p.token("-" + w[2:])
			return append([]token{{text: w[:2], flag: a}}, rest...), err
		}
		return []token{{text: w, flag: a, value: w[2:], has: true}}, nil
	}
	if negative.MatchString(w) || strings.Contains(w, " ") {
		return []token{{text: w}}, nil
	}
	return []token{{text: w, odd: true}}, nil
}

func (p *parser) flag(name string) *Arg {
	for i := range p.args {
		if slices.Contains(p.args[i].Flags, name) {
			return &p.args[i]
		}
	}
	return nil
}

// shortened finds the flags a long name begins.
func (p *parser) shortened(name string) (*Arg, []string) {
	var found *Arg
	var names []string
	for i := range p.args {
		for _, f := range p.args[i].Flags {
			if strings.HasPrefix(f, name) {
				found, names = &p.args[i], append(names, f)
			}
		}
	}
	return found, names
}

// option takes the values of a flag from what follows and says how many.
func (p *parser) option(t token, rest []token) (int, error) {
	a := t.flag
	var vals []string
	used := 0
	if t.has {
		vals = []string{t.value}
	} else {
		for used < len(rest) && rest[used].flag == nil && !rest[used].odd && (a.Kind == List || a.Kind == Any || used == 0 && a.Kind != Flag) {
			vals = append(vals, rest[used].text)
			used++
		}
	}
	switch {
	case a.Kind == Flag && t.has:
		return 0, Usage("argument %s: ignored explicit argument '%s'", strings.Join(a.Flags, "/"), t.value)
	case len(vals) == 0 && a.Kind == List:
		return 0, Usage("argument %s: expected at least one argument", strings.Join(a.Flags, "/"))
	case len(vals) == 0 && (a.Kind == Text || a.Kind == Int || a.Kind == Float):
		return 0, Usage("argument %s: expected one argument", strings.Join(a.Flags, "/"))
	case len(vals) == 0 && a.Kind == Switch:
		vals = []string{"true"}
	}
	return used, p.keep(a, vals)
}

// keep checks values and remembers them.
func (p *parser) keep(a *Arg, vals []string) error {
	for i, v := range vals {
		switch a.Kind {
		case Int:
			if _, err := strconv.Atoi(v); err != nil {
				return Usage("argument %s: invalid int value: '%s'", strings.Join(a.Flags, "/"), v)
			}
		case Float:
			if _, err := strconv.ParseFloat(v, 64); err != nil {
				return Usage("argument %s: invalid float value: '%s'", strings.Join(a.Flags, "/"), v)
			}
		case Switch:
			if !slices.Contains(switchWords, strings.ToLower(v)) {
				return p.invalid(*a, v, switchChoices)
			}
		}
		if len(a.Choices) == 0 {
			continue
		}
		at := slices.IndexFunc(a.Choices, func(c string) bool { return strings.EqualFold(c, v) })
		if at < 0 {
			return p.invalid(*a, v, a.Choices)
		}
		vals[i] = a.Choices[at]
	}
	if a.Append {
		p.uses[a.Name] = append(p.uses[a.Name], vals)
		vals = append(p.values[a.Name], vals...)
	}
	if vals == nil {
		vals = []string{}
	}
	p.values[a.Name] = vals
	return nil
}

// switchWords are what a Switch takes.
var (
	switchWords   = []string{"true", "t", "yes", "y", "1", "on", "false", "f", "no", "n", "0", "off"}
	switchChoices = []string{"false", "true"}
)

func (p *parser) invalid(a Arg, v string, choices []string) error {
	return Usage("az %s: '%s' is not a valid value for '%s'. Allowed values: %s.", p.path, v, a.Flags[0], strings.Join(choices, ", "))
}

// positional gives loose words to the arguments without flags.
func (p *parser) positional(loose []string) ([]string, error) {
	for i := range p.args {
		a := &p.args[i]
		if len(a.Flags) > 0 || len(loose) == 0 {
			continue
		}
		n := 1
		if a.Kind == List || a.Kind == Any {
			n = len(loose)
		}
		if err := p.keep(a, slices.Clone(loose[:n])); err != nil {
			return nil, err
		}
		loose = loose[n:]
	}
	return loose, nil
}

func (p *parser) missing() error {
	var names []string
	for _, a := range p.args {
		if _, given := p.values[a.Name]; a.Required && !given {
			names = append(names, a.shown())
		}
	}
	if len(names) == 0 {
		return nil
	}
	return Usage("the following arguments are required: %s", strings.Join(names, ", "))
}

// Error is how a command ends that could not do its work.
type Error struct {
	Message string
	Hint    string // shown after the message, on a line of its own
	Exit    int    // 1 failed, 2 wrong usage, 3 not found
	cause   error
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Fail is an ordinary failure: exit code 1.
func Fail(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Exit: 1}
}

// Usage is wrong usage that the parser finds: exit code 2.
func Usage(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Exit: 2}
}

// Missing says that what was named does not exist: exit code 3.
func Missing(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Exit: 3}
}

// WithHint returns a copy of e with a next step.
func (e *Error) WithHint(hint string) *Error {
	c := *e
	c.Hint = hint
	return &c
}
