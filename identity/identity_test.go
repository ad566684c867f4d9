package identity_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

func openStore(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openDirectory(t *testing.T, s *store.Store) *identity.Directory {
	t.Helper()
	d, err := identity.Open(t.Context(), identity.Options{Store: s, Seal: identitytest.Seal, Unseal: identitytest.Unseal, Domain: "lazuli.localhost", Login: "https://login.lazuli.localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBootstrapSurvivesRestart: made once, by one of several processes; the
// secrets that were given out stay good.
func TestBootstrapSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	var wg sync.WaitGroup
	results, made := make([]identity.BootstrapResult, 3), make([]bool, 3)
	for i := range results {
		d := openDirectory(t, s)
		wg.Go(func() {
			var err error
			if results[i], made[i], err = d.Bootstrap(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var first identity.BootstrapResult
	count := 0
	for i, r := range results {
		if r.TenantID != results[0].TenantID || r.UPN != "admin@lazuli.localhost" || r.UserObjectID != results[0].UserObjectID {
			t.Errorf("results differ: %+v", results)
		}
		if made[i] {
			first = r
			count++
		}
	}
	if count != 1 || first.Password.IsZero() {
		t.Fatalf("made %d times: %+v", count, results)
	}
	d := openDirectory(t, s)
	app, err := d.CreateApplication(t.Context(), identity.Application{TenantID: first.TenantID, DisplayName: "robot"})
	if err != nil {
		t.Fatal(err)
	}
	sp, err := d.CreateServicePrincipal(t.Context(), identity.ServicePrincipal{TenantID: first.TenantID, AppID: app.AppID})
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := d.AddApplicationPassword(t.Context(), first.TenantID, app.ID, identity.Credential{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	nowhereOnDisk(t, dir, secret.Reveal(), first.Password.Reveal())
	d = openDirectory(t, openStore(t, dir))
	if r, again, err := d.Bootstrap(t.Context()); again || err != nil || r.TenantID != first.TenantID || !r.Password.IsZero() || d.TenantID() != first.TenantID {
		t.Errorf("after a restart: %+v %v %v", r, again, err)
	}
	for _, c := range []struct {
		name, secret, code string
		id                 string
		typ                authz.PrincipalType
	}{
		{app.AppID, secret.Reveal(), "", sp.ID, authz.ServicePrincipal},
		{"Admin@Lazuli.localhost", first.Password.Reveal(), "", first.UserObjectID, authz.User},
		{app.AppID, "wrong", azure.CodeSignInWrongSecret, "", ""},
		{sp.ID, secret.Reveal(), azure.CodeSignInUnknownApplication, "", ""},
		{"admin@lazuli.localhost", "wrong", azure.CodeSignInWrongPassword, "", ""},
		{"nobody@lazuli.localhost", "wrong", azure.CodeSignInUnknownUser, "", ""},
		{"", "", azure.CodeSignInUnknownApplication, "", ""},
	} {
		p, err := d.SignIn(t.Context(), c.name, azure.NewSecret(c.secret))
		if c.code != "" {
			if !azure.HasCode(err, c.code) || !p.IsZero() {
				t.Errorf("%s: %+v %v", c.name, p, err)
			}
			continue
		}
		if err != nil || p.ObjectID != c.id || p.Type != c.typ || p.TenantID != first.TenantID || p.Issuer != "https://login.lazuli.localhost/"+first.TenantID+"/v2.0" || p.Expires.IsZero() {
			t.Errorf("%s: %+v %v", c.name, p, err)
		}
	}
	if typ, name, ok := d.PrincipalType(strings.ToUpper(sp.ID)); typ != authz.ServicePrincipal || name != "robot" || !ok {
		t.Errorf("principal type: %s %s %v", typ, name, ok)
	}
	if _, _, ok := d.PrincipalType(app.ID); ok {
		t.Error("an application is no principal")
	}
}

// nowhereOnDisk checks that a stolen disk does not show the secrets.
func nowhereOnDisk(t *testing.T, dir string, secrets ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, s := range secrets {
			if bytes.Contains(data, []byte(s)) {
				t.Errorf("a secret stands in %s", path)
			}
		}
		files++
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files read: %v", files, err)
	}
}

// TestSecrets: their shape, and what is kept of them.
func TestSecrets(t *testing.T) {
	w := identitytest.New(t)
	shape := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9~._]{39}$`)
	app, _, _ := w.App("robot")
	var all []string
	for range 30 {
		_, s, err := w.Directory.AddApplicationPassword(t.Context(), app.TenantID, app.ID, identity.Credential{})
		if err != nil {
			t.Fatal(err)
		}
		if !shape.MatchString(s.Reveal()) {
			t.Errorf("secret %s", s.Reveal())
		}
		all = append(all, s.Reveal())
	}
	if !shape.MatchString(w.Boot.Password.Reveal()) {
		t.Errorf("password %s", w.Boot.Password.Reveal())
	}
	a, _ := w.Directory.Application(app.TenantID, app.ID)
	u, _ := w.Directory.User(w.Boot.TenantID, w.Boot.UPN)
	if !strings.HasPrefix(u.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("password hash %s", u.PasswordHash)
	}
	for i, c := range a.Credentials[1:] {
		if strings.Contains(string(c.MAC), all[i]) || len(c.MAC) != 32 || c.Hint != all[i][:3] {
			t.Errorf("credential %+v", c)
		}
	}
}

func TestLive(t *testing.T) {
	w := identitytest.New(t)
	_, sp, _ := w.App("robot")
	d, tenant := w.Directory, w.Boot.TenantID
	if !d.Live(tenant, sp.ID) || !d.Live(tenant, w.Boot.UserObjectID) || d.Live("other", sp.ID) || d.Live(tenant, "other") {
		t.Error("who is live is wrong")
	}
	if err := d.UpdateServicePrincipal(t.Context(), tenant, sp.ID, func(p *identity.ServicePrincipal) error { p.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if d.Live(tenant, sp.ID) {
		t.Error("a disabled principal is live")
	}
}

// TestNamesAreUniqueUnderRaces: of many who want a name, one gets it.
func TestNamesAreUniqueUnderRaces(t *testing.T) {
	w := identitytest.New(t)
	app, err := w.Directory.CreateApplication(t.Context(), identity.Application{TenantID: w.Boot.TenantID, DisplayName: "one"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = w.Directory.CreateServicePrincipal(t.Context(), identity.ServicePrincipal{TenantID: w.Boot.TenantID, AppID: app.AppID})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !azure.HasCode(err, azure.CodeDirectoryDuplicate) {
			t.Error(err)
		}
	}
	if n := len(w.Directory.ServicePrincipals(w.Boot.TenantID)); won != 1 || n != 1 {
		t.Errorf("%d won, %d principals", won, n)
	}
}

func BenchmarkVerifySecret(b *testing.B) {
	w := identitytest.New(b)
	app, _, secret := w.App("robot")
	s := azure.NewSecret(secret)
	for b.Loop() {
		if _, err := w.Directory.VerifySecret(w.Boot.TenantID, app.AppID, s); err != nil {
			b.Fatal(err)
		}
	}
}

// TestUnknownUserTakesAsLong: the time of a refusal does not tell who exists.
func TestUnknownUserTakesAsLong(t *testing.T) {
	w := identitytest.New(t)
	took := func(name string) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			if _, err := w.Directory.SignIn(t.Context(), name, azure.NewSecret("wrong")); err == nil {
				t.Fatal("signed in")
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	if unknown, known := took("nobody@lazuli.localhost"), took(w.Boot.UPN); unknown < known/3 {
		t.Errorf("an unknown user is refused in %v, a known one in %v", unknown, known)
	}
}

// TestStands: a credential counts until it is removed, replaced or ended, or
// its principal is disabled or gone.
func TestStands(t *testing.T) {
	w := identitytest.New(t)
	d, tenant, ctx := w.Directory, w.Boot.TenantID, t.Context()
	app, sp, secret := w.App("robot")
	p, robot, err := d.SignInCredential(ctx, app.AppID, azure.NewSecret(secret))
	if err != nil || p.ObjectID != sp.ID || robot == "" {
		t.Fatalf("%+v %q %v", p, robot, err)
	}
	_, admin, err := d.SignInCredential(ctx, w.Boot.UPN, w.Boot.Password)
	if err != nil || admin == "" || admin == robot {
		t.Fatalf("%q %v", admin, err)
	}
	if !d.Stands(sp.ID, robot) || !d.Stands(sp.ID, "") || !d.Stands(w.Boot.UserObjectID, admin) || d.Stands(sp.ID, admin) || d.Stands(app.ID, "") {
		t.Error("what stands is wrong")
	}
	if err := d.SetPassword(ctx, tenant, w.Boot.UPN, azure.NewSecret("Sesame-12")); err != nil || d.Stands(w.Boot.UserObjectID, admin) || !d.Stands(w.Boot.UserObjectID, "") {
		t.Errorf("the old password stands: %v", err)
	}
	if err := d.RemoveApplicationPassword(ctx, tenant, app.ID, robot); err != nil || d.Stands(sp.ID, robot) || !d.Stands(sp.ID, "") {
		t.Errorf("a removed secret stands: %v", err)
	}
	if err := d.DeleteApplication(ctx, tenant, app.ID); err != nil || d.Stands(sp.ID, "") {
		t.Errorf("a deleted principal stands: %v", err)
	}
}

// TestOneTimePassword: good once, for its user, for a minute.
func TestOneTimePassword(t *testing.T) {
	w := identitytest.New(t)
	d, ctx := w.Directory, t.Context()
	first, second := d.OneTimePassword(w.Boot.UserObjectID), d.OneTimePassword(w.Boot.UserObjectID)
	if _, err := d.SignIn(ctx, w.Boot.UPN, first); err != nil {
		t.Error(err)
	}
	if _, err := d.SignIn(ctx, w.Boot.UPN, first); !azure.HasCode(err, azure.CodeSignInWrongPassword) {
		t.Errorf("the second time: %v", err)
	}
	w.Clock.Advance(2 * time.Minute)
	if _, err := d.SignIn(ctx, w.Boot.UPN, second); !azure.HasCode(err, azure.CodeSignInWrongPassword) {
		t.Errorf("after two minutes: %v", err)
	}
}
