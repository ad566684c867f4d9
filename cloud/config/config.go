package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/container/limit"
)

// Config is the configuration of a cloud. The zero value of each field means
// what its comment says; [Config.Complete] fills it in.
type Config struct {
	// Data is the directory that holds everything. Default: ~/.lazuli.
	Data string `json:"data"`
	// Domain is D, the suffix of every host name. Default: lazuli.localhost.
	Domain string `json:"domain"`
	// Listen is the HTTPS address. Default: 127.0.0.1:443 where this process may
	// bind it, else 127.0.0.1:8443; then every URL carries the port.
	Listen string `json:"listen"`
	// HTTP is the address for plain HTTP to container groups. Default:
	// 127.0.0.1:80, or 127.0.0.1:8080 where Listen is not on port 443. "off" for none.
	HTTP string `json:"http"`
	// Proxy is the address of the CONNECT and HTTP proxy. Default:
	// 127.0.0.1:8480. "off" for none.
	Proxy string `json:"proxy"`
	// DNS is the address of the name server. Default: 127.0.0.1:8453. "off" for none.
	DNS string `json:"dns"`
	// Pool is the prefix that public addresses of container groups come from.
	// Default: 127.77.0.0/16, loopback addresses of this machine.
	Pool string `json:"pool"`
	// PodSubnet is the prefix of the groups' own network behind the bridge.
	// Default: 10.77.0.0/16.
	PodSubnet string `json:"podSubnet"`
	// Bridge is the name of the groups' bridge. Default: lazuli0.
	Bridge string `json:"bridge"`
	// RuntimePath is a runc or crun to use. Default: the built-in runc.
	RuntimePath string `json:"runtimePath,omitempty"`
	GroupRules
	Outside
	// PortalDir is a folder with a built bundle of the portal to serve instead of
	// the one in the binary; for work on the portal. Default: the binary's own.
	PortalDir string `json:"portalDir,omitempty"`
	// LogLevel is debug, info, warn or error. Default: info.
	LogLevel string `json:"logLevel"`
	Storage
}

// Storage is where a cloud keeps its state; in the file these are keys like the
// others.
type Storage struct {
	// Etcd are the endpoints of an etcd cluster. Default: none, etcd runs inside.
	Etcd []string `json:"etcd,omitempty"`
	// Bucket keeps what registries hold in an S3-compatible bucket. Default: none,
	// it lies in the data directory.
	Bucket *Bucket `json:"bucket,omitempty"`
}

// Bucket is a bucket of S3 or of a store that speaks its protocol.
type Bucket struct {
	// Endpoint is https://HOST[:PORT], or http:// within one machine. Required.
	Endpoint string `json:"endpoint"`
	// Name is the bucket's. It must exist. Required.
	Name string `json:"name"`
	// Region is the bucket's. Default: it is asked.
	Region string `json:"region,omitempty"`
	// Prefix is put before the names of all objects. Default: none.
	Prefix string `json:"prefix,omitempty"`
	// Credentials is the absolute path of a file like ~/.aws/credentials, whose
	// profile "default" is used. Only its owner may read it. Required.
	Credentials string `json:"credentials"`
}

// GroupRules say what users may make their container groups and Cloud Shells; they
// are in the file beside the other fields of [Config].
type GroupRules struct {
	CloudShell
	// AllowPrivileged lets users run privileged containers, which have the whole
	// machine. Default: false; they are refused.
	AllowPrivileged bool `json:"allowPrivileged,omitempty"`
	// Limits bound container groups; only the file has them. Zero fields: the values
	// of Azure Container Instances, which the fields of [limit.Limits] name; negative
	// ones: no limit.
	Limits limit.Limits `json:"limits,omitzero"`
}

// CloudShell says what Cloud Shell is; in the file these are keys like the others.
type CloudShell struct {
	// CloudShellImage is an image with bash and az to use. Default: one made of this
	// machine's bash and its usual tools. "off" for no Cloud Shell.
	CloudShellImage string `json:"cloudShellImage,omitempty"`
	// CloudShellIdle is how long a Cloud Shell lives without anything being typed,
	// such as "20m". Default: 20 minutes.
	CloudShellIdle Duration `json:"cloudShellIdle,omitzero"`
}

// Duration is a time.Duration that JSON has as text, such as "20m".
type Duration time.Duration

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It refuses what is not
// above zero.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v <= 0 {
		return fmt.Errorf("%q is no time span above zero, such as 20m or 1h30m", text)
	}
	*d = Duration(v)
	return nil
}

// Outside says what the cloud asks of others when a user names them; in the file
// these are keys like the others.
type Outside struct {
	// LocalTargets lets webhooks, imports of registries and links of templates reach
	// loopback and link-local addresses: on a machine with one user, or in tests.
	// Default: no.
	LocalTargets bool `json:"localTargets,omitempty"`
	// TemplateHosts are the host names, beside the cloud's own, from which linked
	// templates are read: "templates.example.com", "*.example.com" for all below it,
	// or "*" for any. Default: none.
	TemplateHosts []string `json:"templateHosts,omitempty"`
}

// Off turns a listener off.
const Off = "off"

// FileName is the configuration file in the data directory.
const FileName = "config.json"

// Load reads DATA/config.json when it is there and lays flags (non-zero fields)
// over it. The error names the file and the wrong key.
func Load(flags Config) (Config, error) {
	if flags.Data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return flags, fmt.Errorf("cannot find the home directory for the default data directory, give --data: %w", err)
		}
		flags.Data = filepath.Join(home, ".lazuli")
	}
	abs, err := filepath.Abs(flags.Data)
	if err != nil {
		return flags, err
	}
	flags.Data = abs
	var c Config
	path := filepath.Join(abs, FileName)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return flags, err
	default:
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&c); err != nil {
			return flags, fmt.Errorf("cannot read %s: %w", path, err)
		}
	}
	return overlay(c, flags), nil
}

// overlay lays the non-zero fields of flags over c.
func overlay(c, flags Config) Config {
	for _, f := range []struct{ to, from *string }{
		{&c.Data, &flags.Data}, {&c.Domain, &flags.Domain}, {&c.Listen, &flags.Listen}, {&c.HTTP, &flags.HTTP}, {&c.Proxy, &flags.Proxy},
		{&c.DNS, &flags.DNS}, {&c.Pool, &flags.Pool}, {&c.PodSubnet, &flags.PodSubnet}, {&c.Bridge, &flags.Bridge},
		{&c.RuntimePath, &flags.RuntimePath}, {&c.PortalDir, &flags.PortalDir}, {&c.LogLevel, &flags.LogLevel}} {
		if *f.from != "" {
			*f.to = *f.from
		}
	}
	c.AllowPrivileged = c.AllowPrivileged || flags.AllowPrivileged
	c.LocalTargets = c.LocalTargets || flags.LocalTargets
	if flags.Bucket != nil {
		c.Bucket = flags.Bucket
	}
	if flags.TemplateHosts != nil {
		c.TemplateHosts = flags.TemplateHosts
	}
	if flags.Etcd != nil {
		c.Etcd = flags.Etcd
	}
	return c
}

var domainPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Complete fills the defaults in and checks every field. mayBind reports
// whether this process may bind a port below 1024.
func (c Config) Complete(mayBind bool) (Config, error) {
	low := func(low, high string) string {
		if mayBind {
			return low
		}
		return high
	}
	fill(&c.Domain, "lazuli.localhost")
	fill(&c.Listen, low("127.0.0.1:443", "127.0.0.1:8443"))
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return c, fmt.Errorf("the listen address %q is not host:port", c.Listen)
	}
	fill(&c.HTTP, map[bool]string{true: "127.0.0.1:80", false: "127.0.0.1:8080"}[port == "443"])
	fill(&c.Proxy, "127.0.0.1:8480")
	fill(&c.DNS, "127.0.0.1:8453")
	fill(&c.Pool, "127.77.0.0/16")
	fill(&c.PodSubnet, "10.77.0.0/16")
	fill(&c.Bridge, "lazuli0")
	fill(&c.LogLevel, "info")
	c.Limits = c.Limits.Filled()
	return c, c.check()
}

func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// maxSocketPath is the longest path of a unix socket that Linux takes.
const maxSocketPath = 107

func (c Config) check() error {
	if n := len(c.AdminSocket()); n > maxSocketPath {
		return fmt.Errorf("the data directory %q is %d characters too long for the sockets in it; give a shorter one with --data", c.Data, n-maxSocketPath)
	}
	if !domainPattern.MatchString(c.Domain) {
		return fmt.Errorf("the domain %q is not a lower-case DNS name with at least two labels", c.Domain)
	}
	for name, addr := range map[string]string{"http": c.HTTP, "proxy": c.Proxy, "dns": c.DNS} {
		if _, _, err := net.SplitHostPort(addr); err != nil && addr != Off {
			return fmt.Errorf("the %s address %q is neither host:port nor %q", name, addr, Off)
		}
	}
	for name, prefix := range map[string]string{"pool": c.Pool, "podSubnet": c.PodSubnet} {
		if p, err := netip.ParsePrefix(prefix); err != nil || !p.Addr().Is4() || p.Bits() > 28 {
			return fmt.Errorf("the %s %q is not an IPv4 prefix of at least 16 addresses, such as 127.77.0.0/16", name, prefix)
		}
	}
	if b := c.Bucket; b != nil && (b.Endpoint == "" || b.Name == "" || !filepath.IsAbs(b.Credentials)) {
		return fmt.Errorf("the bucket needs an endpoint, a name, and the absolute path of a file with credentials; it has %q, %q and %q", b.Endpoint, b.Name, b.Credentials)
	}
	for _, host := range c.TemplateHosts {
		if name := strings.TrimPrefix(host, "*."); host != "*" && !domainPattern.MatchString(name) {
			return fmt.Errorf("the host %q of templateHosts is not a lower-case DNS name, such as templates.example.com or *.example.com", host)
		}
	}
	if len(c.Bridge) > 15 || strings.ContainsAny(c.Bridge, "/ ") {
		return fmt.Errorf("the bridge name %q is not an interface name of at most 15 characters", c.Bridge)
	}
	if !map[string]bool{"debug": true, "info": true, "warn": true, "error": true}[c.LogLevel] {
		return fmt.Errorf("the log level %q is not debug, info, warn or error", c.LogLevel)
	}
	return nil
}

// Port is the suffix of host names in URLs: "" on port 443, else ":8443".
func (c Config) Port() string {
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "443" {
		return ""
	}
	return ":" + port
}

// URL is the base URL of a service: URL("management") is
// https://management.lazuli.localhost, with the port when it is not 443.
func (c Config) URL(service string) string {
	return "https://" + service + "." + c.Domain + c.Port()
}

// Host is the name of a service without port.
func (c Config) Host(service string) string { return service + "." + c.Domain }

// AdminSocket is the unix socket that status, down and shell talk to.
func (c Config) AdminSocket() string { return filepath.Join(c.Data, "run", "admin.sock") }

// CA is the PEM file with this cloud's certificate authority alone.
func (c Config) CA() string { return filepath.Join(c.Data, "tls", "ca.pem") }

// CABundle is the PEM file with this cloud's certificate authority and those of
// the system.
func (c Config) CABundle() string { return filepath.Join(c.Data, "tls", "bundle.pem") }
