package azure

import (
	"fmt"
	"strings"
)

// ResourceID is the parsed form of an ARM resource id or scope:
//
//	/                                                          the tenant
//	/subscriptions/S                                           a subscription
//	/subscriptions/S/resourceGroups/G                          a resource group
//	/subscriptions/S/resourceGroups/G/providers/NS/T/N[/T/N]   a resource
//	SCOPE/providers/NS/T/N                                     an extension resource on any of them
//
// The zero value is the tenant. Ids are compared by [ResourceID.Key]; the
// spelling first written is kept for display. Source: ARM resource id rules.
type ResourceID struct {
	Subscription  string
	ResourceGroup string
	Provider      []Provided // from the outermost to the innermost provider segment
}

// Provided is one /providers/NS/T/N[/T/N...] segment of an id. Names may be one
// shorter than Types: then the id names a collection.
type Provided struct {
	Namespace string
	Types     []string
	Names     []string
}

// ParseID parses an id of any of the shapes of [ResourceID]. Literal segments
// match in any case. The error is Invalid with CodeInvalidResourceID.
func ParseID(s string) (ResourceID, error) {
	var id ResourceID
	if !strings.HasPrefix(s, "/") {
		return id, badID(s, "it does not start with '/'")
	}
	parts := strings.Split(strings.Trim(s, "/"), "/")
	if len(parts) == 1 && parts[0] == "" {
		return id, nil
	}
	for _, p := range parts {
		if p == "" || p == "." || p == ".." || strings.ContainsAny(p, "\x00\\?#%") {
			return id, badID(s, fmt.Sprintf("the segment %q is not allowed", p))
		}
	}
	if strings.EqualFold(parts[0], "subscriptions") {
		if len(parts) < 2 {
			return id, badID(s, "the subscription is missing")
		}
		id.Subscription, parts = parts[1], parts[2:]
		if len(parts) > 0 && strings.EqualFold(parts[0], "resourceGroups") {
			if len(parts) < 2 {
				return id, badID(s, "the resource group name is missing")
			}
			id.ResourceGroup, parts = parts[1], parts[2:]
		}
	}
	for len(parts) > 0 {
		if !strings.EqualFold(parts[0], "providers") {
			return ResourceID{}, badID(s, fmt.Sprintf("%q stands where 'providers' is expected", parts[0]))
		}
		end := 1
		for end < len(parts) && !(end > 1 && end%2 == 0 && strings.EqualFold(parts[end], "providers")) {
			end++
		}
		p, err := parseProvided(s, parts[1:end])
		if err != nil {
			return ResourceID{}, err
		}
		id.Provider = append(id.Provider, p)
		parts = parts[end:]
	}
	return id, nil
}

func parseProvided(whole string, parts []string) (Provided, error) {
	if len(parts) < 2 {
		return Provided{}, badID(whole, "the provider namespace or resource type is missing")
	}
	p := Provided{Namespace: parts[0]}
	for i, s := range parts[1:] {
		if i%2 == 0 {
			p.Types = append(p.Types, s)
		} else {
			p.Names = append(p.Names, s)
		}
	}
	return p, nil
}

func badID(s, why string) *Error {
	return Errorf(Invalid, CodeInvalidResourceID, "The resource id '%s' is not valid: %s. Give it as /subscriptions/{id}/resourceGroups/{name}/providers/{namespace}/{type}/{name}.", s, why)
}

// String is the id in canonical form, names as first written.
func (id ResourceID) String() string {
	var b strings.Builder
	b.Grow(id.size())
	write := func(words ...string) {
		for _, w := range words {
			b.WriteString(w)
		}
	}
	if id.Subscription != "" {
		write("/subscriptions/", id.Subscription)
	}
	if id.ResourceGroup != "" {
		write("/resourceGroups/", id.ResourceGroup)
	}
	for _, p := range id.Provider {
		write("/providers/", p.Namespace)
		for i, t := range p.Types {
			write("/", t)
			if i < len(p.Names) {
				write("/", p.Names[i])
			}
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

// size is how long String can be: it is asked for with every request.
func (id ResourceID) size() int {
	n := len("/subscriptions//resourceGroups/") + len(id.Subscription) + len(id.ResourceGroup)
	for _, p := range id.Provider {
		n += len("/providers/") + len(p.Namespace)
		for _, t := range p.Types {
			n += 1 + len(t)
		}
		for _, name := range p.Names {
			n += 1 + len(name)
		}
	}
	return n
}

// Key is the id folded to lower case: two ids name the same thing exactly when
// their keys are equal.
func (id ResourceID) Key() string { return strings.ToLower(id.String()) }

// Equal reports whether both name the same thing.
func (id ResourceID) Equal(other ResourceID) bool { return id.Key() == other.Key() }

// Contains reports whether other is id or lies below it.
func (id ResourceID) Contains(other ResourceID) bool {
	return KeyContains(id.Key(), other.Key())
}

// KeyContains is [ResourceID.Contains] on keys.
func KeyContains(outer, inner string) bool {
	return outer == "/" || outer == inner || strings.HasPrefix(inner, outer) && inner[len(outer)] == '/'
}

// last is the innermost provider segment, or nil for a plain scope.
func (id ResourceID) last() *Provided {
	if len(id.Provider) == 0 {
		return nil
	}
	return &id.Provider[len(id.Provider)-1]
}

// Namespace is the innermost provider's namespace, or "" for a plain scope.
func (id ResourceID) Namespace() string {
	if p := id.last(); p != nil {
		return p.Namespace
	}
	return ""
}

// RelativeType is the innermost type below its namespace: "vaults/secrets".
func (id ResourceID) RelativeType() string {
	if p := id.last(); p != nil {
		return strings.Join(p.Types, "/")
	}
	return ""
}

// Type is the full resource type, "Microsoft.KeyVault/vaults". Plain scopes give
// Microsoft.Resources/subscriptions/resourceGroups,
// Microsoft.Resources/subscriptions and Microsoft.Resources/tenants.
func (id ResourceID) Type() string {
	switch p := id.last(); {
	case p != nil:
		return p.Namespace + "/" + strings.Join(p.Types, "/")
	case id.ResourceGroup != "":
		return TypeResourceGroup
	case id.Subscription != "":
		return TypeSubscription
	}
	return TypeTenant
}

// The types of the plain scopes.
const (
	TypeResourceGroup = "Microsoft.Resources/resourceGroups"
	TypeSubscription  = "Microsoft.Resources/subscriptions"
	TypeTenant        = "Microsoft.Resources/tenants"
)

// TypeManagementGroup is the type of the scopes between tenant and subscriptions.
const TypeManagementGroup = "Microsoft.Management/managementGroups"

// ManagementGroup is the id of the management group of that name.
func ManagementGroup(name string) ResourceID {
	return ResourceID{}.Resource("Microsoft.Management", "managementGroups", name)
}

// ManagementGroup is the name of the management group that the id is or hangs
// from by its spelling, or "". The groups above a subscription are not in its id.
func (id ResourceID) ManagementGroup() string {
	if id.Subscription != "" || len(id.Provider) == 0 {
		return ""
	}
	p := id.Provider[0]
	if !strings.EqualFold(p.Namespace, "Microsoft.Management") || len(p.Names) == 0 || !strings.EqualFold(p.Types[0], "managementGroups") {
		return ""
	}
	return p.Names[0]
}

// Name is the last name of the id; "" for a collection or the tenant.
func (id ResourceID) Name() string {
	switch p := id.last(); {
	case p != nil && len(p.Names) == len(p.Types):
		return p.Names[len(p.Names)-1]
	case p != nil:
		return ""
	case id.ResourceGroup != "":
		return id.ResourceGroup
	}
	return id.Subscription
}

// FullName joins the names of the innermost provider segment: "vault/secret".
func (id ResourceID) FullName() string {
	if p := id.last(); p != nil {
		return strings.Join(p.Names, "/")
	}
	return id.Name()
}

// IsCollection reports that the id ends with a type and no name.
func (id ResourceID) IsCollection() bool {
	p := id.last()
	return p != nil && len(p.Names) < len(p.Types)
}

// IsGroup reports that the id is exactly a resource group.
func (id ResourceID) IsGroup() bool { return id.ResourceGroup != "" && len(id.Provider) == 0 }

// Group is the resource group the id lies in, or the subscription or tenant
// when it lies in none.
func (id ResourceID) Group() ResourceID {
	return ResourceID{Subscription: id.Subscription, ResourceGroup: id.ResourceGroup}
}

// Scope is the id without its innermost provider segment: what an extension
// resource hangs from, and what a collection is listed under.
func (id ResourceID) Scope() ResourceID {
	if len(id.Provider) == 0 {
		return id
	}
	out := id
	out.Provider = id.Provider[:len(id.Provider)-1]
	return out
}

// Parent is the enclosing resource or scope: the parent resource of a child,
// the scope of a top-level resource, the subscription of a group, the tenant of
// a subscription.
func (id ResourceID) Parent() ResourceID {
	if p := id.last(); p != nil {
		n := len(p.Types) - 1
		if n == 0 {
			return id.Scope()
		}
		return id.Scope().With(p.Namespace, p.Types[:n], p.Names[:n])
	}
	if id.ResourceGroup != "" {
		return ResourceID{Subscription: id.Subscription}
	}
	return ResourceID{}
}

// With is the resource of namespace, types and names below scope id.
func (id ResourceID) With(namespace string, types, names []string) ResourceID {
	out := id
	out.Provider = append(append([]Provided(nil), id.Provider...), Provided{Namespace: namespace, Types: types, Names: names})
	return out
}

// Resource is the top-level resource namespace/typ named name below scope id.
func (id ResourceID) Resource(namespace, typ, name string) ResourceID {
	return id.With(namespace, []string{typ}, []string{name})
}

// Child is the child resource typ named name of the resource id.
func (id ResourceID) Child(typ, name string) ResourceID {
	p := id.last()
	if p == nil {
		return id
	}
	return id.Scope().With(p.Namespace, append(append([]string(nil), p.Types...), typ), append(append([]string(nil), p.Names...), name))
}

// MarshalText gives [ResourceID.String].
func (id ResourceID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is [ParseID].
func (id *ResourceID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
