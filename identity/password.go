package identity

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/argon2"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
)

// The cost of argon2id: OWASP's second recommendation.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonBytes  = 32
)

// CheckPassword refuses passwords that break the rules of Azure: 8 to 256
// characters of three of the kinds lower case, upper case, digit, other.
func CheckPassword(password azure.Secret) error {
	var lower, upper, digit, other int
	n := 0
	for _, r := range password.Reveal() {
		n++
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	if n < 8 || n > 256 || lower+upper+digit+other < 3 {
		return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest,
			"The specified password does not comply with password complexity requirements. Give 8 to 256 characters of at least three kinds: lower case, upper case, digits, others.").At("passwordProfile/password")
	}
	return nil
}

// slow runs f when memory for one more argon2 is free.
func (d *Directory) slow(ctx context.Context, f func()) error {
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
		f()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hash gives the PHC string of a password.
func (d *Directory) hash(ctx context.Context, password azure.Secret) (string, error) {
	var salt [16]byte
	if _, err := io.ReadFull(d.Random, salt[:]); err != nil {
		return "", fmt.Errorf("identity: make a salt: %w", err)
	}
	var sum []byte
	err := d.slow(ctx, func() {
		sum = argon2.IDKey([]byte(password.Reveal()), salt[:], argonPasses, argonMemory, argonLanes, argonBytes)
	})
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes, b64(salt[:]), b64(sum)), err
}

// verifyHash compares a password with a PHC string. A string that does not
// parse costs the same time and matches nothing.
func verifyHash(phc, password string) bool {
	var version, memory, passes int
	var lanes uint8
	parts := strings.Split(phc, "$")
	salt, sum := make([]byte, 16), []byte(nil)
	memory, passes, lanes = argonMemory, argonPasses, argonLanes
	if len(parts) == 6 && parts[1] == "argon2id" {
		_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
		_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes)
		s, err3 := base64.RawStdEncoding.DecodeString(parts[4])
		h, err4 := base64.RawStdEncoding.DecodeString(parts[5])
		if err1 == nil && err2 == nil && err3 == nil && err4 == nil && version == argon2.Version {
			salt, sum = s, h
		}
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), lanes, argonBytes)
	return len(sum) == argonBytes && subtle.ConstantTimeCompare(got, sum) == 1
}

// VerifyPassword checks the password of a user of the tenant. Errors, all
// Unauthenticated but the last: CodeSignInUnknownUser, CodeSignInWrongPassword,
// CodeSignInUserDisabled, CodeSignInLocked (Throttled, with RetryAfter). An
// unknown user takes as long as a wrong password.
func (d *Directory) VerifyPassword(ctx context.Context, tenantID, upn string, password azure.Secret) (User, error) {
	name := strings.ToLower(strings.TrimSpace(upn))
	u, known := d.UserByUPN(name)
	known = known && u.TenantID == tenantID
	if known && !u.Disabled && d.tickets.redeem(u.ID, password, d.Now()) {
		return u, nil
	}
	phc := ""
	if known {
		phc = u.PasswordHash
	}
	var right bool
	var locked *azure.Error
	err := d.slow(ctx, func() {
		if locked = d.brake.check(name, d.Now()); locked != nil {
			return
		}
		if right = verifyHash(phc, password.Reveal()); !right {
			d.brake.failed(name, d.Now())
		}
	})
	switch {
	case err != nil:
		return User{}, err
	case locked != nil:
		return User{}, locked
	case !known:
		return User{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUnknownUser,
			"The user account '%s' was not found in the directory '%s'. Check the name; it is of the form name@domain.", upn, tenantID)
	case !right:
		return User{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInWrongPassword, "Error validating credentials due to invalid username or password.")
	case u.Disabled:
		return User{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUserDisabled, "The user account is disabled. An administrator of the directory can enable it.")
	}
	d.brake.clear(name)
	return u, nil
}

// SignIn checks what a client sent as user name and password: the application
// id and secret of a service principal of the first tenant, or the name (it has
// an @) and password of a user of any. The errors are those of
// [Directory.VerifySecret] and [Directory.VerifyPassword]. The principal's
// Expires is one hour away.
func (d *Directory) SignIn(ctx context.Context, name string, secret azure.Secret) (authz.Principal, error) {
	until := d.Now().Add(time.Hour)
	if strings.Contains(name, "@") {
		tenantID := d.TenantID()
		if u, ok := d.UserByUPN(name); ok {
			tenantID = u.TenantID
		}
		u, err := d.VerifyPassword(ctx, tenantID, name, secret)
		if err != nil {
			return authz.Principal{}, err
		}
		return authz.Principal{ObjectID: u.ID, TenantID: u.TenantID, Type: authz.User, Name: u.UPN, Issuer: d.issuer(u.TenantID), Expires: until}, nil
	}
	p, err := d.VerifySecret(d.TenantID(), name, secret)
	if err != nil {
		return authz.Principal{}, err
	}
	return authz.Principal{ObjectID: p.ID, TenantID: p.TenantID, AppID: p.AppID, Type: authz.ServicePrincipal, Name: p.DisplayName, Issuer: d.issuer(p.TenantID), Expires: until}, nil
}
