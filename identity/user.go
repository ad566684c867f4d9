package identity

import (
	"context"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Users lists the users of a tenant.
func (d *Directory) Users(tenantID string) []User { return values(d.users.By("tenant", tenantID)) }

// User finds a user of the tenant by object id or user principal name.
func (d *Directory) User(tenantID, name string) (User, bool) {
	name = strings.ToLower(name)
	if it, ok := d.users.Get(store.K(name)); ok && it.Value.TenantID == tenantID {
		return it.Value, true
	}
	if u, ok := d.UserByUPN(name); ok && u.TenantID == tenantID {
		return u, true
	}
	return User{}, false
}

// UserByUPN finds a user of any tenant by user principal name, in any case.
func (d *Directory) UserByUPN(upn string) (User, bool) {
	items := d.users.By("upn", strings.ToLower(upn))
	if len(items) == 0 {
		return User{}, false
	}
	return items[0].Value, true
}

// CreateUser makes a user of u.TenantID with a password. ID and times are set
// here. Errors: CodeDirectoryBadRequest, CodeDirectoryDuplicate for a name that
// is taken.
func (d *Directory) CreateUser(ctx context.Context, u User, password azure.Secret) (User, error) {
	if err := CheckPassword(password); err != nil {
		return User{}, err
	}
	u, err := d.prepareUser(ctx, u, password)
	if err != nil {
		return User{}, err
	}
	return u, d.Store.Update(ctx, func(tx *store.Tx) error { return d.insertUser(tx, u) })
}

func (d *Directory) prepareUser(ctx context.Context, u User, password azure.Secret) (User, error) {
	if err := checkUPN(u.UPN); err != nil {
		return User{}, err
	}
	if strings.TrimSpace(u.DisplayName) == "" {
		return User{}, azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The property displayName is missing or empty. Give the user a name.").At("displayName")
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	if u.ID, err = d.newID(); err != nil {
		return User{}, err
	}
	u.PasswordHash, u.Created, u.SessionsFrom = hash, d.Now(), d.Now()
	return u, nil
}

func checkUPN(upn string) error {
	name, domain, ok := strings.Cut(upn, "@")
	if !ok || name == "" || domain == "" || len(upn) > 113 || strings.ContainsAny(upn, " \t\r\n/\\\"'()<>[]:;,|=?*%#&") || strings.Contains(domain, "@") {
		return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, "The userPrincipalName '%s' is not valid. Give it as name@domain, without blanks and quotes.", upn).At("userPrincipalName")
	}
	return nil
}

const upnTaken = "Another object with the same value for property userPrincipalName already exists: '%s'."

func (d *Directory) insertUser(tx *store.Tx, u User) error {
	if err := d.claim(tx, u.ID, upnTaken, claimUPN, "", []string{u.UPN}); err != nil {
		return err
	}
	return d.users.Insert(tx, store.K(u.ID), u)
}

// UpdateUser changes a user, found by object id or name. change may run several
// times; its error is returned as it is.
func (d *Directory) UpdateUser(ctx context.Context, tenantID, name string, change func(*User) error) error {
	u, ok := d.User(tenantID, name)
	if !ok {
		return notFound("user", name)
	}
	key := store.K(u.ID)
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := d.users.GetTx(tx, key)
		if err != nil {
			return err
		}
		if !ok {
			return notFound("user", name)
		}
		old := it.Value.UPN
		if err := change(&it.Value); err != nil {
			return err
		}
		if it.Value.UPN != old {
			if err := checkUPN(it.Value.UPN); err != nil {
				return err
			}
			if err := d.release(tx, claimUPN, "", []string{old}); err != nil {
				return err
			}
			if err := d.claim(tx, u.ID, upnTaken, claimUPN, "", []string{it.Value.UPN}); err != nil {
				return err
			}
		}
		return d.users.Put(tx, key, it.Value)
	})
}

// DeleteUser removes a user. The first user stays: without it nobody might be
// left who can administer the directory.
func (d *Directory) DeleteUser(ctx context.Context, tenantID, name string) error {
	u, ok := d.User(tenantID, name)
	if !ok {
		return notFound("user", name)
	}
	if it, _ := d.state.Get(stateKey); it.Value.FirstUser == u.ID {
		return azure.Errorf(azure.Forbidden, azure.CodeDirectoryDenied, "The user '%s' is the first user of the cloud and cannot be deleted. Set its password instead.", u.UPN)
	}
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		if err := d.release(tx, claimUPN, "", []string{u.UPN}); err != nil {
			return err
		}
		return d.users.Delete(tx, store.K(u.ID))
	})
}

// SetPassword gives a user, found by object id or name, a new password. All
// grants made before are void.
func (d *Directory) SetPassword(ctx context.Context, tenantID, name string, password azure.Secret) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	hash, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	err = d.UpdateUser(ctx, tenantID, name, func(u *User) error {
		u.PasswordHash, u.SessionsFrom = hash, d.Now()
		return nil
	})
	if err == nil {
		if u, ok := d.User(tenantID, name); ok {
			d.brake.clear(strings.ToLower(u.UPN))
		}
	}
	return err
}

// RevokeSessions makes all grants of a user void.
func (d *Directory) RevokeSessions(ctx context.Context, tenantID, name string) error {
	return d.UpdateUser(ctx, tenantID, name, func(u *User) error {
		u.SessionsFrom = d.Now()
		return nil
	})
}
