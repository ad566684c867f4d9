package console

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// uid is who programs of consoles run as, and their group: nobody of the machine.
const uid = 47010

func owner() string { return strconv.Itoa(uid) + ":" + strconv.Itoa(uid) }

// bundle is where consoles find the certificate authorities they trust.
const bundle = "/etc/ssl/certs/lazuli.pem"

// home is what a user keeps, and who they are in a console.
type home struct {
	user   string // their name in the console
	target string // the home directory there
	dir    string // on this machine: home and etc
}

var (
	// objectID is what directories are named by: a GUID, never a name that a user chose.
	objectID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	strange  = regexp.MustCompile(`[^a-z0-9_-]+`)
	login    = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,30}$`)
)

// loginName is the name of the user in the console: what stands before the @.
func loginName(upn string) string {
	name, _, _ := strings.Cut(strings.ToLower(upn), "@")
	if name = strings.Trim(strange.ReplaceAllString(name, "-"), "-"); !login.MatchString(name) || name == "root" || name == "nobody" {
		return "user"
	}
	return name
}

// profile is what a fresh home directory has: the prompt, colours, and completion
// of az. It is the user's from then on.
const profile = `# Your Cloud Shell reads this when a terminal opens. It is yours: change what you like.
PS1='\[\e[1;34m\]\u\[\e[0m\] [ \[\e[1m\]\w\[\e[0m\] ]\$ '
HISTSIZE=5000 HISTFILESIZE=5000
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
_az() { COMPREPLY=($(IFS=$'\013' _ARGCOMPLETE=1 _ARGCOMPLETE_IFS=$'\013' COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" az 8>&1 2>/dev/null | tr '\013' '\n')); }
complete -o nospace -o default -F _az az
`

// prepareHome makes the directories of a user, or finds them.
func (s *Service) prepareHome(id, upn string) (home, error) {
	if !objectID.MatchString(id) {
		return home{}, fmt.Errorf("the object id %q is no GUID", id)
	}
	name := loginName(upn)
	h := home{user: name, target: "/home/" + name, dir: filepath.Join(s.o.Dir, id)}
	for _, dir := range []string{s.o.Dir, h.dir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return h, err
		}
	}
	if err := os.MkdirAll(filepath.Join(h.dir, "etc"), 0o755); err != nil {
		return h, err
	}
	for file, text := range map[string]string{
		"passwd": fmt.Sprintf("root:x:0:0:root:/root:/bin/bash\n%s:x:%d:%d:%s:%s:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n", name, uid, uid, name, h.target),
		"group":  fmt.Sprintf("root:x:0:\n%s:x:%d:\nnogroup:x:65534:\n", name, uid),
	} {
		if err := os.WriteFile(filepath.Join(h.dir, "etc", file), []byte(text), 0o644); err != nil { //nolint:gosec // what every program of the console reads
			return h, err
		}
	}
	files := h.files()
	if _, err := os.Lstat(files); !errors.Is(err, fs.ErrNotExist) {
		return h, err
	}
	// Made beside and renamed: a half-made one is never found.
	fresh, err := os.MkdirTemp(h.dir, "fresh-")
	if err != nil {
		return h, err
	}
	rc := filepath.Join(fresh, ".bashrc")
	err = errors.Join(os.WriteFile(rc, []byte(profile), 0o600), os.Chown(rc, uid, uid), os.Chown(fresh, uid, uid), os.Rename(fresh, files))
	if err != nil {
		_ = os.RemoveAll(fresh)
	}
	return h, err
}

func (h home) files() string { return filepath.Join(h.dir, "home") }

// mounts are what the container sees of this machine.
func (h home) mounts(authorities string) []pod.Mount {
	etc := func(name string) pod.Mount {
		return pod.Mount{Source: filepath.Join(h.dir, "etc", name), Target: "/etc/" + name, ReadOnly: true}
	}
	return []pod.Mount{{Source: h.files(), Target: h.target}, etc("passwd"), etc("group"), {Source: authorities, Target: bundle, ReadOnly: true}}
}

// sweep ends the consoles of users that are disabled or gone, and removes the
// files and settings of those that are gone.
func (s *Service) sweep() {
	for _, at := range s.all() {
		c := at.current()
		if c == nil {
			continue
		}
		if p := c.principal(); !s.stands(p) {
			at.end("The user of this Cloud Shell was deleted or disabled.")
		}
	}
	for _, item := range s.settings.List("", "", 0) {
		if s.o.Exists(item.Key.String()) {
			continue
		}
		if err := s.o.Store.Update(s.ctx, func(tx *store.Tx) error { return s.settings.Delete(tx, item.Key) }); err != nil {
			s.o.Front.Log.Error("cannot remove the settings of a user that is gone", "user", item.Key, "error", err)
		}
	}
	entries, err := os.ReadDir(s.o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.o.Front.Log.Error("cannot look after the files of consoles", "error", err)
	}
	for _, e := range entries {
		if !objectID.MatchString(e.Name()) || s.o.Exists(e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.o.Dir, e.Name())); err != nil {
			s.o.Front.Log.Error("cannot remove the files of a user that is gone", "user", e.Name(), "error", err)
		}
	}
}

func (s *Service) stands(p authz.Principal) bool {
	_, ok := s.o.User(p.TenantID, p.ObjectID)
	return ok
}
