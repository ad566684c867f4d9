package container

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/name"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/reference"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// What az and templates leave out (Azure: az 2.74 sends no resources).
const (
	defaultCPU      = 1
	defaultMemoryGB = 1.5
)

var (
	nameRule   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	labelRule  = regexp.MustCompile(`^[a-z][a-z0-9-]*[a-z0-9]$`)
	envRule    = regexp.MustCompile(`^[A-Za-z_.-][A-Za-z0-9_.-]*$`)
	fileRule   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,253}$`)
	serverRule = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$`)
)

// reader turns the wire's properties into a specification.
type reader struct {
	group      string
	privileged bool // containers may be
	limits     limit.Limits
	spec       spec
}

// readSpec checks p and fills defaults. Secrets are plain in the result.
func (s *Service) readSpec(group string, p *wire.ContainerGroupProperties) (spec, error) {
	r := &reader{group: group, privileged: s.o.Runtime.Privileged, limits: s.o.Limits}
	for _, step := range []func(*wire.ContainerGroupProperties) error{
		r.refuse, r.kind, r.policy, r.references, r.volumes, r.containers, r.initContainers, r.ports, r.address, r.credentials, r.dns,
	} {
		if err := step(p); err != nil {
			return spec{}, err
		}
	}
	return r.spec, nil
}

func (r *reader) wrong(target, format string, args ...any) error {
	return azure.Errorf(azure.Invalid, azure.CodeInvalidContainerGroup, "The container group '"+r.group+"' is invalid: "+format, args...).At(target)
}

// unbuilt refuses a property that is known and not built.
func unbuilt(property, instead string) error {
	return azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The property '%s' of a container group is not implemented by this cloud. %s", property, instead).At(property)
}

// given reports whether a refused property holds anything.
func given(raw json.RawMessage) bool {
	switch strings.Join(strings.Fields(string(raw)), "") {
	case "", "null", "{}", "[]", `""`:
		return false
	}
	return true
}

type refusal struct {
	raw               json.RawMessage
	property, instead string
}

func refuseAny(list ...refusal) error {
	for _, x := range list {
		if given(x.raw) {
			return unbuilt(x.property, x.instead)
		}
	}
	return nil
}

func (r *reader) refuse(p *wire.ContainerGroupProperties) error {
	const drop = "Remove it and try again."
	return refuseAny(
		refusal{p.Diagnostics, "properties.diagnostics", "Remove it; logs are read with 'az container logs'."},
		refusal{p.SubnetIDs, "properties.subnetIds", "Remove it; groups get a public address or none."},
		refusal{p.NetworkProfile, "properties.networkProfile", "Remove it; groups get a public address or none."},
		refusal{p.EncryptionProperties, "properties.encryptionProperties", "Remove it; secrets are sealed with the cloud's own key."},
		refusal{p.Extensions, "properties.extensions", drop},
		refusal{p.ConfidentialComputeProperties, "properties.confidentialComputeProperties", drop},
		refusal{p.ContainerGroupProfile, "properties.containerGroupProfile", drop},
		refusal{p.StandbyPoolProfile, "properties.standbyPoolProfile", drop},
		refusal{p.IdentityACLs, "properties.identityAcls", drop},
	)
}

func (r *reader) references(p *wire.ContainerGroupProperties) (err error) {
	r.spec.References, err = reference.Read(p.SecretReferences, r.wrong)
	return err
}

// refers checks that a reference is among the group's. what has it, for people.
func (r *reader) refers(at, name, what string) error {
	if name == "" || reference.Find(r.spec.References, name) {
		return nil
	}
	return r.wrong(at, "%s refers to the secret '%s', which the group does not have. Add it to 'secretReferences'.", what, name)
}

func (r *reader) kind(p *wire.ContainerGroupProperties) error {
	switch {
	case p.OSType == "" || strings.EqualFold(p.OSType, "Linux"):
	case strings.EqualFold(p.OSType, "Windows"):
		return unbuilt("properties.osType", "The value Windows cannot run here; use 'Linux'.")
	default:
		return azure.Errorf(azure.Invalid, azure.CodeInvalidOSType, "The 'osType' for container group '%s' is invalid. The value must be one of 'Windows,Linux'. This cloud runs 'Linux'; use that or leave it out.", r.group).At("properties.osType")
	}
	if p.SKU != "" && !strings.EqualFold(p.SKU, "Standard") {
		return unbuilt("properties.sku", "Only 'Standard' is; use that or leave it out.")
	}
	if p.Priority != "" && !strings.EqualFold(p.Priority, "Regular") {
		return unbuilt("properties.priority", "Only 'Regular' is; use that or leave it out.")
	}
	return nil
}

func (r *reader) policy(p *wire.ContainerGroupProperties) error {
	if p.RestartPolicy == "" {
		r.spec.RestartPolicy = always
		return nil
	}
	for _, known := range []restartPolicy{always, onFailure, never} {
		if strings.EqualFold(p.RestartPolicy, string(known)) {
			r.spec.RestartPolicy = known
			return nil
		}
	}
	return r.wrong("properties.restartPolicy", "the restart policy '%s' is not one of 'Always', 'OnFailure', 'Never'.", p.RestartPolicy)
}

func (r *reader) volumes(p *wire.ContainerGroupProperties) error {
	if len(p.Volumes) > r.limits.Volumes {
		return r.wrong("properties.volumes", "it has %d volumes; at most %d are allowed.", len(p.Volumes), r.limits.Volumes)
	}
	seen := map[string]bool{}
	for i, v := range p.Volumes {
		at := "properties.volumes[" + strconv.Itoa(i) + "]"
		if len(v.Name) > 63 || !nameRule.MatchString(v.Name) || strings.Contains(v.Name, "--") {
			return r.wrong(at+".name", "the volume name '%s' must be 1 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends.", v.Name)
		}
		if seen[v.Name] {
			return r.wrong(at+".name", "the volume name '%s' is used twice.", v.Name)
		}
		seen[v.Name] = true
		out, err := r.volume(at, v)
		if err != nil {
			return err
		}
		r.spec.Volumes = append(r.spec.Volumes, out)
	}
	return nil
}

// address reads ipAddress; the address itself is allotted in the transaction.
func (r *reader) address(p *wire.ContainerGroupProperties) error {
	ip := p.IPAddress
	if ip == nil {
		return nil
	}
	private := strings.EqualFold(ip.Type, "Private")
	if private && ip.DNSNameLabel != "" {
		return r.wrong("properties.ipAddress.dnsNameLabel", "a DNS name label needs an address of type 'Public'.")
	}
	if !private && ip.Type != "" && !strings.EqualFold(ip.Type, "Public") {
		return r.wrong("properties.ipAddress.type", "the address type '%s' is not one of 'Public', 'Private'.", ip.Type)
	}
	if len(ip.Ports) == 0 {
		return azure.Errorf(azure.Invalid, azure.CodeMissingIPAddressPorts, "The ports in the 'ipAddress' of container group '%s' cannot be empty. List those to open, or leave 'ipAddress' out for a group without an address.", r.group).At("properties.ipAddress.ports")
	}
	if len(ip.Ports) > r.limits.Ports {
		return r.wrong("properties.ipAddress.ports", "it opens %d ports; at most %d are allowed.", len(ip.Ports), r.limits.Ports)
	}
	out := &ipSpec{Label: ip.DNSNameLabel, Private: private}
	if scope := ip.AutoGeneratedDomainNameLabelScope; scope != "" {
		i := slices.IndexFunc(name.Scopes, func(s string) bool { return strings.EqualFold(s, scope) })
		if i < 0 {
			return r.wrong("properties.ipAddress.autoGeneratedDomainNameLabelScope", "the scope '%s' is not one of %s.", scope, strings.Join(name.Scopes, ", "))
		}
		out.Scope = name.Scopes[i]
	}
	seen := map[pod.Port]bool{}
	for i, port := range ip.Ports {
		at := "properties.ipAddress.ports[" + strconv.Itoa(i) + "]"
		read, err := r.port(at, port.Port, port.Protocol)
		if err != nil {
			return err
		}
		if seen[read] {
			return r.wrong(at, "the port %d/%s is listed twice in 'ipAddress'.", read.Number, read.Protocol)
		}
		seen[read] = true
		out.Ports = append(out.Ports, read)
	}
	if l := out.Label; l != "" && (len(l) < 5 || len(l) > 63 || !labelRule.MatchString(l)) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidDNSNameLabel, "The DNS name label '%s' in container group '%s' is invalid. It can contain only lowercase letters, numbers and hyphens. The first character must be a letter. The last character must be a letter or number. The value must be between 5 and 63 characters long.", l, r.group).At("properties.ipAddress.dnsNameLabel")
	}
	r.spec.IP = out
	return nil
}

func (r *reader) port(at string, number int, protocol string) (pod.Port, error) {
	if number < 1 || number > 65535 {
		return pod.Port{}, r.wrong(at+".port", "the port %d is not between 1 and 65535.", number)
	}
	switch {
	case protocol == "" || strings.EqualFold(protocol, string(pod.TCP)):
		return pod.Port{Number: uint16(number), Protocol: pod.TCP}, nil
	case strings.EqualFold(protocol, string(pod.UDP)):
		return pod.Port{Number: uint16(number), Protocol: pod.UDP}, nil
	}
	return pod.Port{}, r.wrong(at+".protocol", "the protocol '%s' is not one of 'TCP', 'UDP'.", protocol)
}

func (r *reader) credentials(p *wire.ContainerGroupProperties) error {
	seen := map[string]bool{}
	for i, c := range p.ImageRegistryCredentials {
		at := "properties.imageRegistryCredentials[" + strconv.Itoa(i) + "]"
		if c.IdentityURL != "" {
			return unbuilt(at+".identityUrl", "Give the id of a user-assigned identity in 'identity'.")
		}
		if err := r.refers(at+".passwordReference", c.PasswordReference, "the credential for the registry '"+c.Server+"'"); err != nil {
			return err
		}
		if !serverRule.MatchString(c.Server) {
			return r.wrong(at+".server", "the registry server '%s' must be a host name without scheme or path, such as 'myregistry.azurecr.io'.", c.Server)
		}
		itself, byName := !c.Password.IsZero(), c.PasswordReference != ""
		if c.Identity != "" && (c.Username != "" || itself || byName) {
			return r.wrong(at, "the credential for the registry '%s' has both an identity and a user name or password; give one.", c.Server)
		}
		if c.Identity == "" && (c.Username == "" || itself == byName) {
			return r.wrong(at, "the credential for the registry '%s' needs both username and password, the latter perhaps by reference, or an identity.", c.Server)
		}
		if seen[strings.ToLower(c.Server)] {
			return r.wrong(at+".server", "there are two credentials for the registry '%s'.", c.Server)
		}
		seen[strings.ToLower(c.Server)] = true
		out := credential{Server: c.Server, Username: c.Username, Identity: c.Identity, Reference: c.PasswordReference}
		if out.Reference == "" {
			out.Password = &secret{plain: c.Password}
		}
		r.spec.Credentials = append(r.spec.Credentials, out)
	}
	return nil
}

func (r *reader) dns(p *wire.ContainerGroupProperties) error {
	if p.DNSConfig == nil {
		return nil
	}
	d := &dnsSpec{Search: p.DNSConfig.SearchDomains, Options: p.DNSConfig.Options}
	for _, s := range p.DNSConfig.NameServers {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return r.wrong("properties.dnsConfig.nameServers", "the name server '%s' is not an IP address.", s)
		}
		d.Servers = append(d.Servers, a)
	}
	if len(d.Servers) == 0 {
		return r.wrong("properties.dnsConfig.nameServers", "dnsConfig needs at least one name server.")
	}
	r.spec.DNS = d
	return nil
}
