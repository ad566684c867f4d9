package oauth

import (
	"bytes"
	_ "embed" // page.html
	"html/template"
	"net/http"
	"net/url"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is everything a page of the token service may show.
type page struct {
	Title    string
	Message  string
	Error    string
	Form     bool   // ask for name and password
	Device   bool   // and for the code of another device
	Client   string // the name of the program that asks
	UserCode string
	Username string
	Post     *post  // hand an answer to a program by a form
	FormTo   string // origin to which the answer of the form may redirect
	Nonce    string // of the page's style and script; set by render
}

// post is a form that sends itself.
type post struct {
	Action template.URL // checked against the registered redirect URIs
	Fields url.Values
}

// renderTo writes p, or a bare error when the template fails.
func (s *Service) renderTo(w http.ResponseWriter, status int, p page) {
	if err := s.render(w, status, p); err != nil {
		http.Error(w, "The page could not be shown.", http.StatusInternalServerError)
	}
}

// render writes p as HTML that no other site can frame or feed scripts.
func (s *Service) render(w http.ResponseWriter, status int, p page) error {
	var err error
	if p.Nonce, err = s.random(16); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	formTo := "'self'"
	if p.FormTo != "" {
		formTo += " " + p.FormTo
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+p.Nonce+"'; script-src 'nonce-"+p.Nonce+"'; form-action "+formTo+"; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, err = w.Write(b.Bytes())
	return err
}

func readForm(r *httpd.Request) (url.Values, error) {
	data, err := httpd.Body(r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The body is not a URL-encoded form: %v.", err)
	}
	return form, nil
}

// showError explains an AADSTS code, the target of error_uri.
func (s *Service) showError(w http.ResponseWriter, r *httpd.Request) error {
	code := "AADSTS" + r.URL.Query().Get("code")
	kind, ok := errorWords[code]
	if !ok {
		return azure.Errorf(azure.NotFound, azure.CodePathNotFound, "No sign-in error of this cloud has the code '%s'.", code)
	}
	return s.render(w, http.StatusOK, page{Title: code, Message: "This sign-in error is of the kind " + kind + ". The message that came with it says what was wrong and what to do next."})
}
