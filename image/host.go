package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// HostOptions say what of a machine an image is made of.
type HostOptions struct {
	// Root is the root of the machine's file system; "" means "/".
	Root string
	// Required and Optional are names of programs, found on the usual search path.
	// Without a required one there is no image.
	Required, Optional []string
	// Data are patterns (as of [path/filepath.Match]) of other files to take along where they are.
	Data []string
	// Files are files put at a path of the image from one on disk.
	Files map[string]string
	// Env are the image's variables as NAME=VALUE; PATH is added when it is not among them.
	Env []string
}

// Host makes an image of programs that the machine has: those that are named, the
// libraries and the loader they need, each where it is, with /bin, /sbin, /lib and
// /lib64 leading below /usr. Programs that are no Linux programs of this machine
// (scripts, those for other machines) are left out, unless they are required. The
// same files always give the same digest. The caller closes it.
func Host(o HostOptions) (*Image, error) {
	if o.Root == "" {
		o.Root = "/"
	}
	c := &collection{root: o.Root, entries: map[string]entry{}}
	c.directories = c.libraryDirectories()
	for _, name := range o.Required {
		if err := c.program(name); err != nil {
			return nil, fmt.Errorf("this machine has no %s that an image can be made of: %w", name, err)
		}
	}
	for _, name := range o.Optional {
		_ = c.program(name) // without it, then
	}
	for _, pattern := range o.Data {
		found, err := filepath.Glob(filepath.Join(o.Root, pattern))
		if err != nil {
			return nil, fmt.Errorf("the pattern %q: %w", pattern, err)
		}
		for _, file := range found {
			c.data(file)
		}
	}
	for to, from := range o.Files {
		info, err := os.Stat(from)
		if err != nil {
			return nil, err
		}
		c.entries[strings.TrimPrefix(to, "/")] = entry{from: from, mode: info.Mode().Perm()}
	}
	c.frame()
	return build(c.arch, Options{Command: []string{"/bin/" + first(o.Required)}, Env: o.Env}, c.write)
}

func first(s []string) string {
	if len(s) == 0 {
		return "sh"
	}
	return s[0]
}

// entry is one of the layer: a file, a symbolic link, or a directory.
type entry struct {
	from string // on disk; "" for links and directories
	link string
	mode fs.FileMode
}

// collection is what the image will have.
type collection struct {
	root        string
	arch        string
	machine     elf.Machine
	class       elf.Class
	directories []string         // where libraries are looked for
	entries     map[string]entry // by path in the image, without a first slash
}

// searchPath is where programs are looked for.
var searchPath = []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}

// merged are the directories that are links below usr in the image.
var merged = []string{"bin", "sbin", "lib", "lib64"}

// at is a path of the machine as it is in the image.
func at(p string) string {
	p = strings.TrimPrefix(path.Clean(p), "/")
	for _, dir := range merged {
		if strings.HasPrefix(p, dir+"/") {
			return "usr/" + p
		}
	}
	return p
}

// program adds a program by its name, and what it is a link to.
func (c *collection) program(name string) error {
	err := fs.ErrNotExist
	for _, dir := range searchPath {
		var real string
		if real, err = c.resolve(path.Join(dir, name)); err != nil {
			continue
		}
		if err = c.binary(real); err != nil {
			continue
		}
		if to := at(path.Join(dir, name)); to != at(real) {
			c.entries[to] = entry{link: "/" + at(real), mode: 0o777}
		}
		return nil
	}
	return err
}

// resolve follows the links of a path of the machine, inside of its root.
func (c *collection) resolve(p string) (string, error) {
	real, err := filepath.EvalSymlinks(filepath.Join(c.root, p))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(c.root, real)
	if err != nil || strings.HasPrefix(rel, "..") {
		return "", fmt.Errorf("%s leads out of %s", p, c.root)
	}
	return "/" + rel, nil
}

// binary adds a program or library and what it needs.
func (c *collection) binary(real string) error {
	if _, have := c.entries[at(real)]; have {
		return nil
	}
	disk := filepath.Join(c.root, real)
	info, err := os.Stat(disk)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o004 == 0 {
		return fmt.Errorf("%s may not be read by everybody", real)
	}
	f, err := elf.Open(disk)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.fits(f, real); err != nil {
		return err
	}
	needed, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	own := c.ownDirectories(f, real)
	c.entries[at(real)] = entry{from: disk, mode: info.Mode().Perm() &^ 0o022} // no set-user-ID
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			text := make([]byte, p.Filesz)
			if _, err := p.ReadAt(text, 0); err != nil {
				return err
			}
			if err := c.library(strings.TrimRight(string(text), "\x00")); err != nil {
				return err
			}
		}
	}
	for _, name := range needed {
		if err := c.need(name, own); err != nil {
			delete(c.entries, at(real))
			return fmt.Errorf("%s needs %s: %w", real, name, err)
		}
	}
	return nil
}

// fits refuses what is for another machine than the rest.
func (c *collection) fits(f *elf.File, name string) error {
	arch, known := architectures[f.Machine]
	switch {
	case !known:
		return fmt.Errorf("%s is built for %s, which images do not name", name, f.Machine)
	case c.arch == "":
		c.arch, c.machine, c.class = arch, f.Machine, f.Class
	case f.Machine != c.machine || f.Class != c.class:
		return fmt.Errorf("%s is built for another machine", name)
	}
	return nil
}

// ownDirectories are those that the file itself names for its libraries.
func (c *collection) ownDirectories(f *elf.File, real string) (dirs []string) {
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		list, err := f.DynString(tag)
		if err != nil {
			continue
		}
		for _, s := range list {
			for _, dir := range strings.Split(s, ":") {
				dirs = append(dirs, strings.NewReplacer("$ORIGIN", path.Dir(real), "${ORIGIN}", path.Dir(real)).Replace(dir))
			}
		}
	}
	return dirs
}

// need adds a library by its name.
func (c *collection) need(name string, own []string) error {
	err := errors.New("it is in none of the directories of libraries")
	for _, dir := range slices.Concat(own, c.directories) {
		p := path.Join(dir, name)
		if _, missing := os.Stat(filepath.Join(c.root, p)); missing != nil {
			continue
		}
		if err = c.library(p); err == nil {
			return nil
		}
	}
	return err
}

// library adds a library under the path it is asked for.
func (c *collection) library(p string) error {
	real, err := c.resolve(p)
	if err != nil {
		return err
	}
	// The name that is asked for may itself lie behind linked directories.
	if dir, err := c.resolve(path.Dir(p)); err == nil && at(p) == strings.TrimPrefix(path.Clean(p), "/") {
		p = path.Join(dir, path.Base(p))
	}
	if err := c.binary(real); err != nil {
		return err
	}
	if to := at(p); to != at(real) {
		c.entries[to] = entry{link: "/" + at(real), mode: 0o777}
	}
	return nil
}

// libraryDirectories are the loader's usual ones and those of ld.so.conf.
func (c *collection) libraryDirectories() []string {
	dirs := c.configured("/etc/ld.so.conf", 0)
	for _, base := range []string{"/usr/lib", "/lib", "/usr/lib64", "/lib64"} {
		triplets, _ := filepath.Glob(filepath.Join(c.root, base, "*-linux-*"))
		for _, t := range triplets {
			dirs = append(dirs, path.Join(base, filepath.Base(t)))
		}
		dirs = append(dirs, base)
	}
	return dirs
}

// configured reads a file of ld.so.conf's form.
func (c *collection) configured(file string, depth int) (dirs []string) {
	f, err := os.Open(filepath.Join(c.root, file))
	if err != nil || depth > 4 {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "include":
			more, _ := filepath.Glob(filepath.Join(c.root, fields[1]))
			for _, m := range more {
				if rel, err := filepath.Rel(c.root, m); err == nil {
					dirs = append(dirs, c.configured("/"+rel, depth+1)...)
				}
			}
		case len(fields) == 1 && path.IsAbs(fields[0]):
			dirs = append(dirs, fields[0])
		}
	}
	return dirs
}

// data adds a file that is no program.
func (c *collection) data(file string) {
	rel, err := filepath.Rel(c.root, file)
	if err != nil {
		return
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o004 == 0 {
		return
	}
	c.entries[at("/"+rel)] = entry{from: file, mode: info.Mode().Perm() &^ 0o022}
}

// frame adds what every root has, and the directories of what is there.
func (c *collection) frame() {
	for _, dir := range merged {
		c.entries[dir] = entry{link: "usr/" + dir, mode: 0o777}
		c.directory("usr/" + dir)
	}
	if _, have := c.entries["usr/bin/sh"]; !have {
		c.entries["usr/bin/sh"] = entry{link: "bash", mode: 0o777}
	}
	for _, dir := range []string{"etc", "home", "proc", "sys", "dev", "run", "root", "var"} {
		c.directory(dir)
	}
	for _, dir := range []string{"tmp", "var/tmp"} {
		c.entries[dir] = entry{mode: fs.ModeDir | fs.ModeSticky | 0o777}
	}
	names := make([]string, 0, len(c.entries))
	for name := range c.entries {
		names = append(names, name)
	}
	for _, name := range names {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			c.directory(dir)
		}
	}
}

func (c *collection) directory(name string) {
	if _, have := c.entries[name]; !have {
		c.entries[name] = entry{mode: fs.ModeDir | 0o755}
	}
}

// write writes the layer; parents sort before what is in them.
func (c *collection) write(w *tar.Writer) error {
	names := make([]string, 0, len(c.entries))
	for name := range c.entries {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e := c.entries[name]
		var err error
		switch {
		case e.from != "":
			err = addFile(w, e.from, name, e.mode)
		case e.link != "":
			h := header(name, tar.TypeSymlink, 0o777, 0)
			h.Linkname = e.link
			err = w.WriteHeader(h)
		default:
			h := header(name+"/", tar.TypeDir, e.mode.Perm(), 0)
			if e.mode&fs.ModeSticky != 0 {
				h.Mode |= 0o1000
			}
			err = w.WriteHeader(h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Blob is a part of an image: its manifest, its configuration or a layer.
type Blob struct {
	MediaType string
	Digest    string // sha256:...
	Size      int64
	Open      func() (io.ReadCloser, error)
}

// Blobs lists the parts of an image for one platform: layers, configuration, and
// the manifest last. They can be read until the image is closed.
func (i *Image) Blobs() ([]Blob, error) {
	if i.image == nil {
		return nil, errors.New("an index of images has no blobs of its own")
	}
	layers, err := i.image.Layers()
	if err != nil {
		return nil, err
	}
	var out []Blob
	for _, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			return nil, err
		}
		size, err := l.Size()
		if err != nil {
			return nil, err
		}
		mediaType, err := l.MediaType()
		if err != nil {
			return nil, err
		}
		out = append(out, Blob{string(mediaType), digest.String(), size, l.Compressed})
	}
	manifest, err := i.image.Manifest()
	if err != nil {
		return nil, err
	}
	config, err := i.image.RawConfigFile()
	if err != nil {
		return nil, err
	}
	raw, err := i.image.RawManifest()
	if err != nil {
		return nil, err
	}
	digest, err := i.image.Digest()
	if err != nil {
		return nil, err
	}
	return append(out, text(string(manifest.Config.MediaType), manifest.Config.Digest.String(), config), text(string(manifest.MediaType), digest.String(), raw)), nil
}

func text(mediaType, digest string, data []byte) Blob {
	return Blob{mediaType, digest, int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}
