package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// Bounds of a linked template: its size, and how long it may take.
const (
	maxPage    = 4 << 20
	fetchLimit = 30 * time.Second
)

// fetchTemplate reads a linked template: from one of the cloud's own host names, such as a container group's, or from a host
// that the configuration allows. The cloud asks nobody else on a template's word.
func (c *Cloud) fetchTemplate(ctx context.Context, uri string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, err
	}
	if host := httpd.HostnameOf(r); host == c.config.Domain || strings.HasSuffix(host, "."+c.config.Domain) {
		out := &httpd.Recorder{Limit: maxPage}
		c.rooms.hosts.ServeHTTP(out, r)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("it took longer than %v", fetchLimit)
		}
		return page(out.Status, out.Body.Bytes())
	}
	if err := c.allowedHost(r.URL); err != nil {
		return nil, err
	}
	return c.fetchOutside(r)
}

// allowedHost refuses addresses that the configuration does not name.
func (c *Cloud) allowedHost(u *url.URL) error {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	fits := func(allowed string) bool {
		below, wild := strings.CutPrefix(allowed, "*")
		return allowed == host || wild && strings.HasSuffix(host, below)
	}
	if u.Scheme != "https" && u.Scheme != "http" || !slices.ContainsFunc(c.config.TemplateHosts, fits) {
		return fmt.Errorf("the host '%s' is not one of this cloud, nor does its configuration allow it; put the file in a container group of this cloud, send the template itself, "+
			"or have the cloud's operator add the host to 'templateHosts'", host)
	}
	return nil
}

// fetchOutside asks another host. Redirects stay among those that are allowed.
func (c *Cloud) fetchOutside(r *http.Request) ([]byte, error) {
	transport := c.outbound()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return errors.New("it redirects more than five times")
		}
		return c.allowedHost(next.URL)
	}}
	res, err := client.Do(r)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the address, which may hold a key
		}
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxPage+1))
	if err != nil {
		return nil, err
	}
	return page(res.StatusCode, data)
}

// page is the content of an answer.
func page(status int, data []byte) ([]byte, error) {
	switch {
	case status != http.StatusOK:
		return nil, fmt.Errorf("the answer is %d %s", status, http.StatusText(status))
	case len(data) > maxPage:
		return nil, errors.New("the answer is longer than 4 MiB")
	}
	return data, nil
}
