// Package command is the frame in which commands of az stand: a table of them,
// the parser of their arguments, the session they work in, and the printing of
// what they return. A group of commands is a package beside this one.
//
// # How a command group is added
//
// Make a package below cli/az named by its noun, with a doc.go, and one function
//
//	func Commands() ([]command.Group, []command.Command)
//
// that returns its rows; add it to the list in cli/az/table.go. What the commands
// take stands in commands.txt, embedded, in the form of [Rows]; what they do in a
// map:
//
//	//go:embed commands.txt
//	var table string
//
//	func Commands() ([]command.Group, []command.Command) {
//		return command.Rows(table, map[string]command.Do{"group show": {Run: show}})
//	}
//
//	func show(c *command.Call) (any, error) {
//		path, err := c.GroupPath()
//		if err != nil {
//			return nil, err
//		}
//		v, err := c.Get(path, command.ResourcesVersion)
//		return as("ResourceGroup", v), err
//	}
//
// The scripts in conformance/az/tables print both tables from the real az.
//
// Names, short forms, choices and defaults are those of az 2.74; so is the shape
// of what is returned. az prints the models of its Python SDK, which package
// shape imitates: a package keeps the models it prints in models.txt, embedded,
// one line a model. Answers of Microsoft Graph are printed as they are. The frame
// adds resourceGroup, --ids (for commands with an argument of id=name), --yes (for
// those with a question), --query, -o, --subscription, configured defaults and
// @file values. [Call.Send] waits for long work unless --no-wait was given. A
// result of nil prints nothing.
//
// Tables: Table is nil, or a func from the result to rows; output.Columns makes
// the usual ones.
//
// Errors: [Fail] exits with 1, [Usage] with 2, [Missing] with 3; errors of
// services pass through as they are and exit with 3 for a 404, else with 1.
// Say what az says.
//
// Then add rows to conformance/az/differential: each command at least two, one of
// them an error; they run through the real az and through this one and must print
// the same.
//
// It does not know: any command.
package command
