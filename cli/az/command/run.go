package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/query"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// globals are the arguments of every command.
var globals = []Arg{
	{Name: "_debug", Flags: []string{"--debug"}, Kind: Flag, Group: "Global", Help: "Increase logging verbosity to show all debug logs."},
	{Name: "_help", Flags: []string{"--help", "-h"}, Kind: Flag, Group: "Global", Help: "Show this help message and exit."},
	{Name: "_quiet", Flags: []string{"--only-show-errors"}, Kind: Flag, Group: "Global", Help: "Only show errors, suppressing warnings."},
	{Name: "_output", Flags: []string{"--output", "-o"}, Group: "Global", Choices: output.Formats, Help: "Output format.  Allowed values: json, jsonc, none, table, tsv, yaml, yamlc.  Default: json."},
	{Name: "_query", Flags: []string{"--query"}, Group: "Global", Help: "JMESPath query string. See http://jmespath.org/ for more information and examples."},
	{Name: "_subscription", Flags: []string{"--subscription"}, Config: "subscription", Group: "Global", Help: "Name or ID of subscription. You can configure the default subscription using `az account set -s NAME_OR_ID`."},
	{Name: "_verbose", Flags: []string{"--verbose"}, Kind: Flag, Group: "Global", Help: "Increase logging verbosity. Use --debug for full debug logs."},
}

// The arguments that some commands get from the table's other columns.
var (
	yesArg = Arg{Name: "_yes", Flags: []string{"--yes", "-y"}, Kind: Flag, Help: "Do not prompt for confirmation."}
	idsArg = Arg{Name: "_ids", Flags: []string{"--ids"}, Kind: List, Group: "Resource Id",
		Help: "One or more resource IDs (space-delimited). It should be a complete resource ID containing all information of 'Resource Id' arguments. You should provide either --ids or other 'Resource Id' arguments."}
)

// Run runs one command line (without the name of the program) and returns the
// exit code: 0 done, 1 failed, 2 wrong usage, 3 what was named does not exist.
func Run(ctx context.Context, t *Table, p Process, args []string) int {
	s := newSession(p, t)
	err := s.run(ctx, s.files(args))
	if err == nil {
		return 0
	}
	message, hint, code := describe(err)
	s.say("ERROR", message)
	if hint != "" {
		_, _ = fmt.Fprintln(s.Err, hint)
	}
	return code
}

// files gives words that begin with @ the content of the file they name.
func (s *Session) files(args []string) []string {
	out := make([]string, len(args))
	for i, word := range args {
		name, v, has := strings.Cut(word, "=")
		if has {
			out[i] = name + "=" + s.file(v)
		} else {
			out[i] = s.file(word)
		}
	}
	return out
}

func (s *Session) file(word string) string {
	path, ok := strings.CutPrefix(word, "@")
	if !ok || path == "" {
		return word
	}
	var data []byte
	var err error
	if path == "-" {
		data, err = readAll(s.In)
	} else {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = s.Getenv("HOME") + "/" + rest
		}
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return word // Azure: what is no file is meant as it stands
	}
	return strings.TrimRight(strings.TrimPrefix(string(data), "\xef\xbb\xbf"), "\n")
}

func (s *Session) run(ctx context.Context, args []string) error {
	path, rest := s.Table.resolve(args)
	cmd := s.Table.find(path)
	if cmd == nil {
		return s.group(path, rest)
	}
	args, wanted := rest, slices.Contains(rest, "--help") || slices.Contains(rest, "-h")
	if wanted {
		return s.write([]byte(s.Table.commandHelp(cmd)))
	}
	if slices.Contains(args, "--only-show-errors") && (slices.Contains(args, "--debug") || slices.Contains(args, "--verbose")) {
		return Fail("--only-show-errors can't be used together with --debug or --verbose")
	}
	all := s.arguments(cmd)
	parse := parser{path: cmd.Path, args: all}
	if err := parse.parse(args); err != nil {
		return example(err, cmd)
	}
	c := &Call{Context: ctx, Command: cmd, Session: s, values: parse.values, uses: parse.uses}
	if err := s.settings(c); err != nil {
		return err
	}
	var q *query.Query
	if expression, ok := parse.values["_query"]; ok {
		var err error
		if q, err = query.Compile(expression[0]); err != nil {
			return Usage("argument --query: invalid jmespath_type value: '%s'", expression[0]).
				WithHint("To learn more about --query, please visit: 'https://learn.microsoft.com/cli/azure/query-azure-cli'")
		}
	}
	for _, text := range cmd.Warnings {
		s.note(text)
	}
	if err := c.confirm(); err != nil {
		return err
	}
	v, err := c.each()
	if err != nil {
		return err
	}
	return c.show(v, q)
}

// resolve splits the words of a command from its arguments. Flags before the
// words go with the arguments.
func (t *Table) resolve(args []string) (path string, rest []string) {
	for i, word := range args {
		if strings.HasPrefix(word, "-") {
			if path == "" && slices.Contains([]string{"--debug", "--verbose", "--only-show-errors"}, word) {
				rest = append(rest, word)
				continue
			}
			return path, append(rest, args[i:]...)
		}
		next := strings.TrimSpace(path + " " + word)
		if !t.isGroup(next) && t.find(next) == nil {
			return path, append(rest, args[i:]...)
		}
		if path = next; t.find(next) != nil && !t.isGroup(next) {
			return path, append(rest, args[i+1:]...)
		}
	}
	return path, rest
}

// group answers a command line that ends at a group.
func (s *Session) group(path string, rest []string) error {
	help := path == "" && len(rest) == 0
	for _, word := range rest {
		switch word {
		case "-h", "--help", "help":
			help = true
		case "--version", "-v":
			if path == "" {
				return s.write([]byte("azure-cli " + APIVersion + " (Lazuli " + s.Version + ")\n"))
			}
		}
	}
	if help {
		return s.write([]byte(s.Table.groupHelp(path)))
	}
	if len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return Usage("the following arguments are required: _subcommand")
	}
	e := Usage("'%s' is misspelled or not recognized by the system.", rest[0])
	if near := closest(rest[0], s.Table.below(path)); near != "" {
		return e.WithHint("Did you mean '" + near + "' ?")
	}
	return e.WithHint("This program has the commands that 'az --help' lists; the real Azure CLI has more.")
}

// arguments are all arguments of a command, with configured defaults as they are.
func (s *Session) arguments(cmd *Command) []Arg {
	all := slices.Clone(cmd.Args)
	if cmd.Confirm != "" {
		all = append(all, yesArg)
	}
	if takesIDs(cmd) {
		all = append(all, idsArg)
		for i := range all {
			all[i].Required = all[i].Required && all[i].ID == ""
		}
	}
	for _, g := range globals {
		if !slices.ContainsFunc(all, func(a Arg) bool { return slices.Contains(a.Flags, g.Flags[0]) }) {
			all = append(all, g)
		}
	}
	for i, a := range all {
		if a.Config == "" {
			continue
		}
		if v, ok := s.Store.Config("defaults", a.Config); ok {
			all[i].Default, all[i].Required = v, false
		}
	}
	return all
}

// takesIDs reports whether a command takes --ids.
func takesIDs(cmd *Command) bool {
	words := strings.Fields(cmd.Path)
	return words[len(words)-1] != "create" && slices.ContainsFunc(cmd.Args, func(a Arg) bool { return a.ID == "name" })
}

// settings takes the global arguments, and the defaults of the others.
func (s *Session) settings(c *Call) error {
	for _, a := range s.arguments(c.Command) {
		if _, given := c.values[a.Name]; !given && a.Default != "" && (a.ID == "" || len(c.values["_ids"]) == 0) {
			c.values[a.Name] = []string{a.Default}
			if a.Kind == List || a.Kind == Any {
				c.values[a.Name] = strings.Fields(a.Default)
			}
		}
	}
	s.quiet = c.Flag("_quiet") || s.Store.Flag("core", "only_show_errors")
	s.debug = c.Flag("_debug")
	s.verbose = s.debug || c.Flag("_verbose")
	c.noWait = c.Flag("no_wait")
	if v := c.Text("_subscription"); v != "" {
		s.subscription = v
		if _, err := s.Store.Account(v); err != nil {
			s.Warn("Subscription '%s' not recognized.", v)
		}
	}
	if len(c.values["_ids"]) > 0 || !takesIDs(c.Command) {
		return nil
	}
	var missing []string
	for _, a := range c.Command.Args {
		if _, given := c.values[a.Name]; a.ID != "" && a.Required && !given {
			missing = append(missing, a.Flags[0])
		}
	}
	if len(missing) > 0 {
		return Fail("(%s | --ids) are required", strings.Join(missing, " "))
	}
	return nil
}

// confirm asks the command's question.
func (c *Call) confirm() error {
	if c.Command.Confirm == "" || c.Flag("_yes") || c.Store.Flag("core", "disable_confirm_prompt") {
		return nil
	}
	if !c.tty() {
		c.Warn("Unable to prompt for confirmation as no tty available. Use --yes.")
		return Fail("Operation cancelled.")
	}
	return c.Ask(c.Command.Confirm)
}

func (s *Session) tty() bool { return s.Terminal != nil && s.Terminal(0) }

// Ask asks a yes-or-no question on the terminal; no is an error.
func (s *Session) Ask(question string) error {
	if !s.tty() {
		return Fail("Unable to prompt for confirmation as no tty available. Use --yes.")
	}
	in := bufio.NewReader(s.In)
	for {
		_, _ = fmt.Fprint(s.Err, question+" (y/n): ")
		answer, err := in.ReadString('\n')
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return nil
		case "n", "no":
			return Fail("Operation cancelled.")
		}
		if err != nil {
			return Fail("Operation cancelled.")
		}
	}
}

// each runs the command, once for each of --ids.
func (c *Call) each() (any, error) {
	ids := identifiers(c.values["_ids"])
	if len(ids) == 0 {
		return c.once()
	}
	results := []any{}
	for _, id := range ids {
		if err := c.take(id); err != nil {
			return nil, err
		}
		v, err := c.once()
		if err != nil {
			return nil, err
		}
		results = append(results, v)
	}
	if len(results) == 1 {
		return results[0], nil
	}
	return results, nil
}

// identifiers are the ids of --ids: words, lines of tsv, or JSON with an id.
func identifiers(words []string) []string {
	var ids []string
	for _, w := range words {
		v, err := value.Decode([]byte(w))
		if err != nil {
			ids = append(ids, strings.Fields(w)...)
			continue
		}
		items, ok := v.([]any)
		if !ok {
			items = []any{v}
		}
		for _, item := range items {
			if id := value.String(item, "id"); id != "" {
				ids = append(ids, id)
			} else if s, ok := item.(string); ok {
				ids = append(ids, s)
			}
		}
	}
	return ids
}

// take fills the arguments that are parts of an id.
func (c *Call) take(id string) error {
	parts := map[string]string{}
	words := strings.Split(strings.Trim(id, "/"), "/")
	if len(words) < 4 || !strings.EqualFold(words[0], "subscriptions") || !strings.EqualFold(words[2], "resourceGroups") || len(words)%2 != 0 {
		return Fail("invalid resource ID: %s", id)
	}
	parts["subscription"], parts["resource_group"] = words[1], words[3]
	if len(words) >= 8 {
		parts["namespace"], parts["type"], parts["name"] = words[5], words[6], words[7]
	}
	for i := 8; i+1 < len(words); i += 2 {
		parts[fmt.Sprintf("child_name_%d", i/2-3)] = words[i+1]
	}
	c.subscription = words[1]
	for _, a := range c.Command.Args {
		if a.ID == "" {
			continue
		}
		v, ok := parts[a.ID]
		if !ok {
			return Fail("Argument %s cannot be derived from ID %s. Please provide a complete resource ID containing all information of 'Resource Id' arguments. ", a.Flags[0], id)
		}
		c.values[a.Name] = []string{v}
	}
	return nil
}

func (c *Call) once() (any, error) {
	v, err := c.Command.Run(c)
	if err != nil {
		return nil, err
	}
	if v, err = value.Of(v); err != nil {
		return nil, err
	}
	addGroups(v)
	return v, nil
}

// addGroups gives each object with the id of a resource its resourceGroup.
func addGroups(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			addGroups(item)
		}
	case *value.Object:
		has := slices.ContainsFunc(v.Keys(), func(k string) bool { return strings.EqualFold(k, "resourceGroup") })
		if parts := strings.Split(value.String(v, "id"), "/"); !has && len(parts) > 8 && strings.EqualFold(parts[3], "resourceGroups") {
			v.Set("resourceGroup", parts[4])
		}
		for _, k := range v.Keys() {
			if k != "sourceVault" {
				addGroups(v.Get(k))
			}
		}
	}
}

func (c *Call) show(v any, q *query.Query) error {
	format := c.Text("_output")
	if format == "" {
		if format, _ = c.Store.Config("core", "output"); format == "" {
			format = "json"
		}
	}
	if q != nil {
		var err error
		if v, err = q.Search(v); err != nil {
			return Fail("Invalid jmespath query supplied for `--query`: %v", err).
				WithHint("To learn more about --query, please visit: 'https://learn.microsoft.com/cli/azure/query-azure-cli'")
		}
	}
	if v == nil {
		return nil
	}
	text, err := output.Print(output.Result{Value: v, Queried: q != nil, Table: c.Command.Table}, format, c.Colour())
	if err != nil {
		return err
	}
	return c.write(text)
}

func (s *Session) write(text []byte) error {
	_, err := s.Out.Write(text)
	return err
}

// describe words an error as az does and says how the program ends.
func describe(err error) (message, hint string, code int) {
	var e *Error
	var status *client.StatusError
	switch {
	case errors.As(err, &e):
		return e.Message, e.Hint, e.Exit
	case errors.As(err, &status):
		code = 1
		if status.Status == http.StatusNotFound {
			code = 3
		}
		if status.Azure == nil {
			return status.Error(), "", code
		}
		return Words(status.Azure), "", code
	}
	var refused *client.OAuthError
	if errors.As(err, &refused) {
		return refused.Error(), loginHint(refused), 1
	}
	if errors.Is(err, context.Canceled) {
		return "Keyboard interrupt is captured.", "", 1
	}
	return err.Error(), "", 1
}

// loginHint is what to do about a refused sign-in.
func loginHint(e *client.OAuthError) string {
	if strings.HasPrefix(e.Description, "AADSTS7000215") {
		return "The error may be caused by passing a service principal certificate with --password. Please note that --password no longer accepts a service principal certificate. To pass a service principal certificate, use --certificate instead."
	}
	return "Interactive authentication is needed. Please run:\naz login"
}

// Flatten gives err the exit code a command has where az finds it while it checks
// arguments (2), or words it anew (1).
func Flatten(err error, exit int) error {
	if err == nil {
		return nil
	}
	message, hint, _ := describe(err)
	return &Error{Message: message, Hint: hint, Exit: exit, cause: err}
}

// Words are an error of a service as az prints it, with all it holds.
func Words(e *azure.Error) string {
	text := fmt.Sprintf("(%s) %s\nCode: %s\nMessage: %s", e.Code, e.Message, e.Code, e.Message)
	if e.Target != "" {
		text += "\nTarget: " + e.Target
	}
	if len(e.Details) > 0 {
		text += "\nException Details:"
		for _, d := range e.Details {
			text += "\t" + strings.ReplaceAll(Words(d), "\n", "\n\t")
		}
	}
	if e.Inner != "" {
		text += fmt.Sprintf("\nInner error: {\n    \"code\": %q\n}", e.Inner)
	}
	return text
}

// example adds an example of the command to an error of usage.
func example(err error, cmd *Command) error {
	var e *Error
	if !errors.As(err, &e) || len(cmd.Examples) == 0 {
		return err
	}
	first := cmd.Examples[0]
	return e.WithHint("\nExample:\n" + first.Line + "\n" + first.What + "")
}
