package container

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/probe"
	"github.com/lazuli-cloud/lazuli/container/reference"
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
	IP            *ipSpec               `json:",omitempty"`
	Credentials   []credential          `json:",omitempty"`
	Volumes       []volumeSpec          `json:",omitempty"`
	DNS           *dnsSpec              `json:",omitempty"`
	Identity      *identitySpec         `json:",omitempty"`
	References    []reference.Reference `json:",omitempty"`
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
	Liveness  *probe.Spec       `json:",omitempty"`
	Readiness *probe.Spec       `json:",omitempty"`
	ConfigMap map[string]string `json:",omitempty"`
	Security  *pod.Security     `json:",omitempty"`
}

// resources are cores and gigabytes.
type resources struct{ CPU, MemoryGB float64 }

// envVar is a variable; Secret is set instead of Value when it is secure. Reference
// names one whose Secret is read when it is needed and never stored.
type envVar struct {
	Name      string
	Value     string  `json:",omitempty"`
	Secret    *secret `json:",omitempty"`
	Reference string  `json:",omitempty"`
}

type mount struct {
	Volume   string
	Path     string
	ReadOnly bool `json:",omitempty"`
}

// ipSpec is how a group is reached. A private one has no Address of its own: it
// is the sandbox's. Hash is the second label of the name, by Scope.
type ipSpec struct {
	Address netip.Addr
	Ports   []pod.Port
	Label   string `json:",omitempty"`
	Private bool   `json:",omitempty"`
	Scope   string `json:",omitempty"`
	Hash    string `json:",omitempty"`
}

type credential struct {
	Server    string
	Username  string
	Password  *secret
	Identity  string `json:",omitempty"` // instead of both: a user-assigned identity
	Reference string `json:",omitempty"` // instead of the password
}

// volumeSpec is an empty directory, one with Files when it is secret, a clone or a
// share.
type volumeSpec struct {
	Name   string
	Secret bool         `json:",omitempty"`
	Files  []secretFile `json:",omitempty"`
	Git    *gitVolume   `json:",omitempty"`
	Share  *shareVolume `json:",omitempty"`
}

// gitVolume is a clone; Repository may hold a password.
type gitVolume struct {
	Repository *secret
	Shown      string
	Directory  string `json:",omitempty"`
	Revision   string `json:",omitempty"`
}

type shareVolume struct {
	Account, Share string
	Key            *secret
	Reference      string `json:",omitempty"` // instead of the key
	ReadOnly       bool   `json:",omitempty"`
}

type secretFile struct {
	Name      string
	Content   *secret // base64, as sent; what a reference is to, as it is
	Reference string  `json:",omitempty"`
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

// place is where the group counts towards a quota.
func (g *group) place() limit.Place {
	return limit.Place{Subscription: strings.ToLower(g.ID.Subscription), Region: g.Location}
}

// there are the groups of a place.
func (s *Service) there(p limit.Place) []limit.Group {
	items := s.groups.By("place", p.String())
	list := make([]limit.Group, 0, len(items))
	for _, item := range items {
		list = append(list, limit.Group{Key: item.Value.ID.Key(), Cores: item.Value.Spec.total().CPU})
	}
	return list
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
	return p.slots(func(what string, s **secret) error {
		if *s == nil {
			return nil
		}
		return visit(what, *s)
	})
}

// slots visits every place for a secret, also those without.
func (p *spec) slots(visit func(what string, s **secret) error) error {
	var errs []error
	for _, c := range p.all() {
		for i := range c.Env {
			errs = append(errs, visit("env/"+c.Name+"/"+c.Env[i].Name, &c.Env[i].Secret))
		}
	}
	for _, v := range p.Volumes {
		for i := range v.Files {
			errs = append(errs, visit("volume/"+v.Name+"/"+v.Files[i].Name, &v.Files[i].Content))
		}
		if v.Git != nil {
			errs = append(errs, visit("git/"+v.Name, &v.Git.Repository))
		}
		if v.Share != nil {
			errs = append(errs, visit("share/"+v.Name, &v.Share.Key))
		}
	}
	for i := range p.Credentials {
		errs = append(errs, visit("registry/"+strings.ToLower(p.Credentials[i].Server), &p.Credentials[i].Password))
	}
	if p.Identity != nil {
		errs = append(errs, visit("identity", &p.Identity.Header))
	}
	return errors.Join(errs...)
}

// referring visits every place whose secret is a reference's, by its name.
func (p *spec) referring(visit func(name string, s **secret)) {
	see := func(name string, s **secret) {
		if name != "" {
			visit(name, s)
		}
	}
	for _, c := range p.all() {
		for i := range c.Env {
			see(c.Env[i].Reference, &c.Env[i].Secret)
		}
	}
	for _, v := range p.Volumes {
		for i := range v.Files {
			see(v.Files[i].Reference, &v.Files[i].Content)
		}
		if v.Share != nil {
			see(v.Share.Reference, &v.Share.Key)
		}
	}
	for i := range p.Credentials {
		see(p.Credentials[i].Reference, &p.Credentials[i].Password)
	}
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
// need the same containers. Registry credentials do not matter to what runs, nor
// what config maps hold: they change under a container.
func runsAlike(a, b spec) bool {
	bare := func(p spec) spec {
		p.Credentials = nil
		c := p.clone()
		for i := range c.Containers {
			if c.Containers[i].ConfigMap != nil {
				c.Containers[i].ConfigMap = map[string]string{}
			}
		}
		_ = c.each(func(_ string, x *secret) error { x.Sealed = nil; return nil })
		return c
	}
	return reflect.DeepEqual(bare(a), bare(b))
}

// clone copies p with its secrets, open ones included.
func (p spec) clone() spec {
	for _, list := range []*[]containerSpec{&p.Containers, &p.Init} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].Env = slices.Clone((*list)[i].Env)
		}
	}
	p.Volumes, p.Credentials = slices.Clone(p.Volumes), slices.Clone(p.Credentials)
	for i := range p.Volumes {
		v := &p.Volumes[i]
		v.Files = slices.Clone(v.Files)
		if v.Git != nil {
			v.Git = new(*v.Git)
		}
		if v.Share != nil {
			v.Share = new(*v.Share)
		}
	}
	if p.Identity != nil {
		p.Identity = new(*p.Identity)
	}
	_ = p.slots(func(_ string, s **secret) error { // never fails
		if *s != nil {
			*s = new(**s)
		}
		return nil
	})
	return p
}

// claim is a row of the label and address tables: who has it.
type claim struct{ Group string } // the group's id key

func labelKey(l azure.Location, label string) store.Key { return store.K(string(l), label) }

func addressKey(a netip.Addr) store.Key { return store.K(a.String()) }

// LabelTaken reports whether a group of the region has the DNS name label.
func (s *Service) LabelTaken(l azure.Location, label string) bool {
	_, taken := s.labels.Get(labelKey(l, label))
	return taken
}
