package template

import (
	"errors"
	"fmt"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/lenient"
)

// violation is the info of an additionalInfo of type TemplateViolation.
type violation struct {
	LineNumber   int    `json:"lineNumber"`
	LinePosition int    `json:"linePosition"`
	Path         string `json:"path"`
}

// invalid says that the template is wrong at off. path is the place as properties.template.…; it may be empty.
func (s *source) invalid(off int, path, format string, args ...any) *azure.Error {
	e := azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate, "Deployment template validation failed: '%s'.", fmt.Sprintf(format, args...))
	return s.at(e, off, path)
}

func (s *source) at(e *azure.Error, off int, path string) *azure.Error {
	line, column := s.position(off)
	e.Additional = []azure.AdditionalInfo{{Type: "TemplateViolation", Info: violation{line, column, path}}}
	return e
}

// unprocessed says that an expression of the resource fails.
func (s *source) unprocessed(off int, resource string, err error) *azure.Error {
	line, column := s.position(off)
	return s.at(azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate,
		"Unable to process template language expressions for resource '%s' at line '%d' and column '%d'. '%v'", resource, line, column, err), off, "")
}

// misplaced says that what, as in "template variable 'x'", is wrong.
func (s *source) misplaced(off int, what string, err error) *azure.Error {
	line, column := s.position(off)
	return s.invalid(off, "", "The %s at line '%d' and column '%d' is not valid: %v", what, line, column, err)
}

// outside gives the error of the caller's Runtime within err, or nil.
func outside(err error) error {
	var own *expr.Error
	if errors.As(err, &own) && own.Cause != nil {
		return own.Cause
	}
	return nil
}

// unreadable makes the error of a document that is no JSON.
func unreadable(err error) error {
	var syntax *lenient.SyntaxError
	if errors.As(err, &syntax) {
		e := azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate, "Deployment template parse failed: '%v'.", syntax)
		e.Additional = []azure.AdditionalInfo{{Type: "TemplateViolation", Info: violation{syntax.Line, syntax.Column, syntax.Path}}}
		return e
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidTemplate, "Deployment template parse failed: '%v'.", err)
}
