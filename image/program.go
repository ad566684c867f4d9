package image

import (
	"archive/tar"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// defaultPath is PATH in images made from programs that do not set it.
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// architectures are the OCI names of the machines programs are built for.
var architectures = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_RISCV: "riscv64", elf.EM_386: "386", elf.EM_ARM: "arm",
	elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x",
}

var (
	portPattern     = regexp.MustCompile(`^([0-9]+)(?:/(tcp|udp))?$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*=`)
)

// isProgram reports whether the file begins like a Linux program.
func isProgram(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	_, err = io.ReadFull(f, magic)
	return err == nil && string(magic) == elf.ELFMAG
}

// staticArchitecture returns the OCI architecture of the program, which must not need a dynamic linker.
func staticArchitecture(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s is not a Linux program: %w", filepath.Base(path), err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return "", fmt.Errorf("%s is dynamically linked and would not start in an image of its own; build it static (Go: CGO_ENABLED=0)", filepath.Base(path))
		}
	}
	arch, ok := architectures[f.Machine]
	if !ok {
		return "", fmt.Errorf("%s is built for %s, which images do not name", filepath.Base(path), f.Machine)
	}
	return arch, nil
}

// loadProgram makes an image of one static program, at /NAME.
func loadProgram(path string, o Options) (*Image, error) {
	arch, err := staticArchitecture(path)
	if err != nil {
		return nil, err
	}
	if len(o.Command) == 0 {
		o.Command = []string{"/" + filepath.Base(path)}
	}
	return build(arch, o, func(w *tar.Writer) error { return addFile(w, path, filepath.Base(path), 0o755) })
}

// loadDirectory makes an image whose root is dir.
func loadDirectory(dir string, o Options) (*Image, error) {
	program, err := findProgram(dir, o.Command)
	if err != nil {
		return nil, err
	}
	arch, err := staticArchitecture(program)
	if err != nil {
		return nil, err
	}
	if len(o.Command) == 0 {
		o.Command = []string{"/" + filepath.Base(program)}
	}
	return build(arch, o, func(w *tar.Writer) error { return addTree(w, dir) })
}

// findProgram returns the path on disk of the program the command starts, or of the only executable at the top of dir.
func findProgram(dir string, command []string) (string, error) {
	if len(command) > 0 {
		if !strings.HasPrefix(command[0], "/") {
			return "", fmt.Errorf("the command %q is not absolute; programs are found from the image's root, such as /app", command[0])
		}
		program := filepath.Join(dir, filepath.FromSlash(filepath.Clean(command[0])))
		if _, err := os.Stat(program); err != nil {
			return "", fmt.Errorf("the command %s is not in the directory", command[0])
		}
		return program, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var programs []string
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && isProgram(filepath.Join(dir, e.Name())) {
			programs = append(programs, e.Name())
		}
	}
	switch len(programs) {
	case 0:
		return "", errors.New("no executable program is at its top and no oci-layout file either; name the program's path in the image as the command")
	case 1:
		return filepath.Join(dir, programs[0]), nil
	}
	return "", fmt.Errorf("it holds several programs (%s); name the one to start as the command", strings.Join(programs, ", "))
}

// build writes the layer with fill and makes an image of it. Times are fixed, so equal files give an equal digest.
func build(arch string, o Options, fill func(*tar.Writer) error) (*Image, error) {
	config, err := configure(o)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "lazuli-image-")
	if err != nil {
		return nil, err
	}
	img, err := assemble(filepath.Join(temp, "layer.tar"), v1.ConfigFile{
		OS: "linux", Architecture: arch, Config: config, Created: v1.Time{Time: time.Unix(0, 0).UTC()},
	}, fill)
	if err != nil {
		os.RemoveAll(temp)
		return nil, err
	}
	return &Image{form: formProgram, image: img, temp: temp}, nil
}

// configure turns options into the image's configuration.
func configure(o Options) (v1.Config, error) {
	config := v1.Config{Entrypoint: o.Command, WorkingDir: "/", Env: o.Env}
	hasPath := false
	for _, v := range o.Env {
		if !variablePattern.MatchString(v) {
			return v1.Config{}, fmt.Errorf("the variable %q is not of the form NAME=VALUE", v)
		}
		hasPath = hasPath || strings.HasPrefix(v, "PATH=")
	}
	if !hasPath {
		config.Env = append([]string{defaultPath}, o.Env...)
	}
	for _, p := range o.Ports {
		m := portPattern.FindStringSubmatch(p)
		if m == nil {
			return v1.Config{}, fmt.Errorf("the port %q is not of the form 80, 80/tcp or 53/udp", p)
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > 65535 {
			return v1.Config{}, fmt.Errorf("the port %q is not between 1 and 65535", p)
		}
		protocol := m[2]
		if protocol == "" {
			protocol = "tcp"
		}
		if config.ExposedPorts == nil {
			config.ExposedPorts = map[string]struct{}{}
		}
		config.ExposedPorts[m[1]+"/"+protocol] = struct{}{}
	}
	return config, nil
}

// assemble writes the layer to file and returns an image of OCI media types with it.
func assemble(file string, config v1.ConfigFile, fill func(*tar.Writer) error) (v1.Image, error) {
	if err := writeLayer(file, fill); err != nil {
		return nil, err
	}
	layer, err := plainFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the layer back: %w", err)
	}
	config.RootFS = v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{layer.diffID}}
	config.History = []v1.History{{Created: config.Created, CreatedBy: "lazuli push"}}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return newPlain(types.OCIManifestSchema1, text, []*plainLayer{layer})
}

// writeLayer writes a tar archive.
func writeLayer(file string, fill func(*tar.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := errors.Join(fill(w), w.Close()); err != nil {
		return fmt.Errorf("cannot write the layer: %w", err)
	}
	return f.Close()
}

// addTree adds everything below dir, in lexical order.
func addTree(w *tar.Writer, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return w.WriteHeader(header(rel+"/", tar.TypeDir, info.Mode().Perm(), 0))
		case info.Mode().IsRegular():
			return addFile(w, path, rel, info.Mode().Perm())
		case info.Mode()&fs.ModeSymlink != 0:
			h := header(rel, tar.TypeSymlink, 0o777, 0)
			if h.Linkname, err = os.Readlink(path); err != nil {
				return err
			}
			return w.WriteHeader(h)
		}
		return fmt.Errorf("%s is neither a file, a directory nor a symbolic link", rel)
	})
}

// addFile adds one regular file.
func addFile(w *tar.Writer, path, name string, mode fs.FileMode) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(header(name, tar.TypeReg, mode, info.Size())); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// header returns an entry owned by root and dated 1970.
func header(name string, kind byte, mode fs.FileMode, size int64) *tar.Header {
	return &tar.Header{
		Name: filepath.ToSlash(name), Typeflag: kind, Mode: int64(mode), Size: size,
		ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatPAX,
	}
}
