package container

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/probe"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// group is the desired state of one container group.
type group struct {
	ID       azure.ResourceID
	Location azure.Location
	// Sandbox is the runtime's id of the group: random, so that a group made
	// again under the same name never meets what its predecessor left.
	Sandbox string
	// Run grows whenever the containers have to be made again: by an update, a
	// start or a restart.
	Run int64
	// Stopped asks that nothing runs.
	Stopped bool
	// Leaving says that the group is being deleted: nothing may be made for it.
	Leaving bool
	Spec    spec
}

// spec is what the user asked for, defaults filled, secrets sealed.
type spec struct {
	Containers    []containerSpec
	Init          []containerSpec `json:",omitempty"`
	RestartPolicy restartPolicy
	IP            *ipSpec      `json:",omitempty"`
	Credentials   []credential `json:",omitempty"`
	Volumes       []volume     `json:",omitempty"`
	DNS           *dnsSpec     `json:",omitempty"`
}

type restartPolicy string

const (
	always    restartPolicy = "Always"
	onFailure restartPolicy = "OnFailure"
	never     restartPolicy = "Never"
)

type containerSpec struct {
	Name     string
	Image    string
	Command  []string   `json:",omitempty"`
	Ports    []pod.Port `json:",omitempty"`
	Env      []envVar   `json:",omitempty"`
	Requests resources  `json:",omitzero"`
	Limits   *resources `json:",omitempty"`
	Mounts   []mount    `json:",omitempty"`
	// Liveness and Readiness are nil when the user gave none.
	Liveness  *probe.Spec   `json:",omitempty"`
	Readiness *probe.Spec   `json:",omitempty"`
	Security  *pod.Security `json:",omitempty"`
}

// resources are cores and gigabytes.
type resources struct{ CPU, MemoryGB float64 }

// envVar is a variable; Secret is set instead of Value when it is secure.
type envVar struct {
	Name   string
	Value  string  `json:",omitempty"`
	Secret *secret `json:",omitempty"`
}

type mount struct {
	Volume   string
	Path     string
	ReadOnly bool `json:",omitempty"`
}

type ipSpec struct {
	Address netip.Addr
	Ports   []pod.Port
	Label   string `json:",omitempty"`
}

type credential struct {
	Server   string
	Username string
	Password *secret
}

// volume is an empty directory, or one with Files when it is secret.
type volume struct {
	Name   string
	Secret bool         `json:",omitempty"`
	Files  []secretFile `json:",omitempty"`
}

type secretFile struct {
	Name    string
	Content *secret // base64, as sent
}

type dnsSpec struct {
	Servers []netip.Addr
	Search  string `json:",omitempty"`
	Options string `json:",omitempty"`
}

// secret is sealed where it is stored; plain exists in memory only.
type secret struct {
	Sealed []byte
	plain  azure.Secret
}

// groupKey is the key of a group's rows.
func groupKey(id azure.ResourceID) store.Key { return store.K(id.Key()) }

// runtimeNames are those of all containers, init containers first.
func (p *spec) all() []*containerSpec {
	list := make([]*containerSpec, 0, len(p.Init)+len(p.Containers))
	for i := range p.Init {
		list = append(list, &p.Init[i])
	}
	for i := range p.Containers {
		list = append(list, &p.Containers[i])
	}
	return list
}

func (p *spec) container(name string) *containerSpec {
	for _, c := range p.all() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// total is the sum of what the containers request.
func (p *spec) total() resources {
	var sum resources
	for _, c := range p.Containers {
		sum.CPU += c.Requests.CPU
		sum.MemoryGB += c.Requests.MemoryGB
	}
	return sum
}

// each visits every secret of the specification in a fixed order.
func (p *spec) each(visit func(what string, s *secret) error) error {
	for _, c := range p.all() {
		for _, e := range c.Env {
			if e.Secret == nil {
				continue
			}
			if err := visit("env/"+c.Name+"/"+e.Name, e.Secret); err != nil {
				return err
			}
		}
	}
	for _, v := range p.Volumes {
		for _, f := range v.Files {
			if err := visit("volume/"+v.Name+"/"+f.Name, f.Content); err != nil {
				return err
			}
		}
	}
	for _, c := range p.Credentials {
		if err := visit("registry/"+strings.ToLower(c.Server), c.Password); err != nil {
			return err
		}
	}
	return nil
}

// seal makes every secret fit to be stored.
func (s *Service) seal(id azure.ResourceID, p *spec) error {
	return p.each(func(what string, x *secret) (err error) {
		x.Sealed, err = s.o.Sealer.Seal([]byte(x.plain.Reveal()), []byte(id.Key()+" "+what))
		if err != nil {
			return fmt.Errorf("cannot seal %s of %s: %w", what, id, err)
		}
		return nil
	})
}

// unseal opens every secret of p, which must be the caller's own copy.
func (s *Service) unseal(id azure.ResourceID, p *spec) error {
	return p.each(func(what string, x *secret) error {
		plain, err := s.o.Sealer.Unseal(x.Sealed, []byte(id.Key()+" "+what))
		if err != nil {
			return fmt.Errorf("cannot unseal %s of %s: %w", what, id, err)
		}
		x.plain = azure.NewSecret(string(plain))
		return nil
	})
}

// runsAlike reports whether two specifications, both with their secrets open,
// need the same containers. Registry credentials do not matter to what runs.
func runsAlike(a, b spec) bool {
	bare := func(p spec) spec {
		p.Credentials = nil
		c := p.clone()
		_ = c.each(func(_ string, x *secret) error { x.Sealed = nil; return nil })
		return c
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// clone copies p with its secrets, open ones included.
func (p spec) clone() spec {
	containers := func(in []containerSpec) []containerSpec {
		out := append([]containerSpec(nil), in...)
		for i := range out {
			out[i].Env = append([]envVar(nil), out[i].Env...)
			for j, e := range out[i].Env {
				if e.Secret != nil {
					c := *e.Secret
					out[i].Env[j].Secret = &c
				}
			}
		}
		return out
	}
	p.Containers, p.Init = containers(p.Containers), containers(p.Init)
	p.Volumes = append([]volume(nil), p.Volumes...)
	for i := range p.Volumes {
		p.Volumes[i].Files = append([]secretFile(nil), p.Volumes[i].Files...)
		for j, f := range p.Volumes[i].Files {
			c := *f.Content
			p.Volumes[i].Files[j].Content = &c
		}
	}
	p.Credentials = append([]credential(nil), p.Credentials...)
	for i, c := range p.Credentials {
		x := *c.Password
		p.Credentials[i].Password = &x
	}
	return p
}

// claim is a row of the label and address tables: who has it.
type claim struct{ Group string } // the group's id key

func labelKey(l azure.Location, label string) store.Key { return store.K(string(l), label) }

func addressKey(a netip.Addr) store.Key { return store.K(a.String()) }
