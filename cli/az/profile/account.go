package profile

import (
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// TenantLevel is the name of an account without a subscription.
const TenantLevel = "N/A(tenant level account)"

// An Account is a subscription somebody signed in may use: one entry of
// azureProfile.json, in the form `az account show` prints.
type Account struct{ *value.Object }

// ID is the subscription's id.
func (a Account) ID() string { return value.String(a.Object, "id") }

// Name is the subscription's name.
func (a Account) Name() string { return value.String(a.Object, "name") }

// Tenant is the tenant whose tokens open the subscription.
func (a Account) Tenant() string { return value.String(a.Object, "tenantId") }

// Cloud is the name of the cloud the subscription is in.
func (a Account) Cloud() string { return value.String(a.Object, "environmentName") }

// User is who signed in: a user's name or a service principal's application id.
func (a Account) User() string { return value.String(a.Object, "user.name") }

// ServicePrincipal reports whether it was a service principal.
func (a Account) ServicePrincipal() bool {
	return value.String(a.Object, "user.type") == "servicePrincipal"
}

// Default reports whether it is the one commands use.
func (a Account) Default() bool { return a.Get("isDefault") == true }

// Accounts are those of the active cloud, or of all clouds.
func (s *Store) Accounts(allClouds bool) ([]Account, error) {
	v, err := s.readJSON("azureProfile.json")
	if err != nil {
		return nil, err
	}
	cloud := ""
	if !allClouds {
		active, err := s.Cloud()
		if err != nil {
			return nil, err
		}
		cloud = active.Name
	}
	var found []Account
	for _, item := range value.List(v, "subscriptions") {
		if o, ok := item.(*value.Object); ok && (allClouds || value.String(o, "environmentName") == cloud) {
			found = append(found, Account{o})
		}
	}
	return found, nil
}

// Account is the account of a subscription's id or name in the active cloud, ""
// for the default one.
func (s *Store) Account(subscription string) (Account, error) {
	all, err := s.Accounts(false)
	if err != nil {
		return Account{}, err
	}
	if len(all) == 0 {
		return Account{}, value.Said("Please run 'az login' to setup account.")
	}
	var found []Account
	for _, a := range all {
		if subscription == "" && a.Default() || subscription != "" && a.is(subscription) {
			found = append(found, a)
		}
	}
	switch {
	case len(found) == 0 && subscription != "":
		return Account{}, value.Said("Subscription '%s' not found. Check the spelling and casing and try again.", subscription)
	case len(found) == 0:
		return Account{}, value.Said("No subscription found. Run 'az account set' to select a subscription.")
	case len(found) > 1:
		return Account{}, value.Said("Multiple subscriptions with the name '%s' found. Specify the subscription ID.", subscription)
	}
	return found[0], nil
}

func (a Account) is(subscription string) bool {
	return strings.EqualFold(a.ID(), subscription) || strings.EqualFold(a.Name(), subscription)
}

// AddAccounts adds what a sign-in found, over what is there of the same
// subscriptions, and makes one of them the default.
func (s *Store) AddAccounts(added []Account) error {
	all, err := s.Accounts(true)
	if err != nil {
		return err
	}
	var active Account
	for _, a := range all {
		if a.Default() {
			active = a
		}
	}
	for _, a := range added {
		all = replace(all, a)
	}
	chosen := pick(added)
	for _, a := range added {
		if active.Object != nil && a.ID() == active.ID() {
			chosen = a
		}
	}
	for _, a := range all {
		a.Set("isDefault", false)
	}
	chosen.Set("isDefault", true)
	if err := s.setCloudSubscription(chosen.Cloud(), chosen.ID()); err != nil {
		return err
	}
	return s.saveAccounts(all)
}

func replace(all []Account, a Account) []Account {
	for i := range all {
		if all[i].ID() == a.ID() {
			all[i] = a
			return all
		}
	}
	return append(all, a)
}

func pick(accounts []Account) Account {
	for _, a := range accounts {
		if value.String(a.Object, "state") == "Enabled" {
			return a
		}
	}
	return accounts[0]
}

// SetDefault makes the subscription of an id or name the one commands use.
func (s *Store) SetDefault(subscription string) error {
	cloud, err := s.Cloud()
	if err != nil {
		return err
	}
	all, err := s.Accounts(true)
	if err != nil {
		return err
	}
	var found []Account
	for _, a := range all {
		if a.is(subscription) && a.Cloud() == cloud.Name {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		what := "doesn't exist"
		if len(found) > 1 {
			what = "has more than one match"
		}
		return value.Said("The subscription of '%s' %s in cloud '%s'.", strings.ToLower(subscription), what, cloud.Name)
	}
	for _, a := range all {
		a.Set("isDefault", false)
	}
	found[0].Set("isDefault", true)
	if err := s.setCloudSubscription(cloud.Name, found[0].ID()); err != nil {
		return err
	}
	return s.saveAccounts(all)
}

// SwitchCloud makes another cloud the active one and chooses a subscription of
// it, if somebody is signed in there; that subscription is returned.
func (s *Store) SwitchCloud(name string) (Account, error) {
	if err := s.SetConfig("cloud", "name", name); err != nil {
		return Account{}, err
	}
	id, err := s.cloudSubscription(name)
	if err != nil {
		return Account{}, err
	}
	all, err := s.Accounts(false)
	if err != nil || len(all) == 0 {
		return Account{}, err
	}
	if id == "" {
		id = pick(all).ID()
	}
	if err := s.SetDefault(id); err != nil {
		return Account{}, err
	}
	return s.Account(id)
}

// RemoveAccounts forgets a user or service principal: tokens and secrets first,
// then the entries of the profile. "" forgets everybody.
func (s *Store) RemoveAccounts(user string) error {
	if err := s.forget(user); err != nil {
		return err
	}
	all, err := s.Accounts(true)
	if err != nil {
		return err
	}
	var kept []Account
	for _, a := range all {
		if user != "" && !strings.EqualFold(a.User(), user) {
			kept = append(kept, a)
		}
	}
	return s.saveAccounts(kept)
}

func (s *Store) saveAccounts(all []Account) error {
	old, err := s.readJSON("azureProfile.json")
	if err != nil {
		return err
	}
	o, ok := old.(*value.Object)
	if !ok {
		o = value.New()
	}
	list := make([]any, len(all))
	for i, a := range all {
		list[i] = a.Object
	}
	data, err := value.Encode(o.Set("subscriptions", list))
	if err != nil {
		return err
	}
	return s.write("azureProfile.json", append([]byte(mark), data...), 0o600)
}
