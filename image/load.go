package image

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// Options say how a program becomes an image. They do not apply to SRC forms that already are images: giving any of them
// there is an error.
type Options struct {
	// Command is the entry point and its arguments. Empty means the only executable file at the top of the directory.
	Command []string
	// Ports are the ports the program listens on: "80", "80/tcp" or "53/udp".
	Ports []string
	// Env are variables as NAME=VALUE. PATH is added when it is not among them.
	Env []string
}

// set reports whether any option is given.
func (o Options) set() bool { return len(o.Command)+len(o.Ports)+len(o.Env) > 0 }

// An Image is what Load read: one image, or an index of images for several platforms. It refers to files on disk until it
// is closed and must not be used by two goroutines at once.
type Image struct {
	form  string // what SRC was, for people
	image v1.Image
	index v1.ImageIndex // set instead of image
	temp  string        // directory to remove, or empty
}

// Load reads the image at src. The caller closes it. Errors name src and what was expected there.
func Load(src string, o Options) (*Image, error) {
	path, name := src, ""
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		if i := strings.LastIndex(src, ":"); i > 0 {
			path, name = src[:i], src[i+1:]
			info, err = os.Stat(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", src, errors.Unwrap(err))
	}
	var img *Image
	switch {
	case info.IsDir() && isLayout(path):
		img, err = loadLayout(path, name)
	case info.IsDir():
		img, err = loadDirectory(path, o)
	case info.Mode().IsRegular() && isProgram(path):
		img, err = loadProgram(path, o)
	case info.Mode().IsRegular():
		img, err = loadArchive(path, name)
	default:
		err = errors.New("it is neither a directory nor a regular file")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot make an image of %s: %w", src, err)
	}
	if o.set() && img.form != formProgram {
		img.Close()
		return nil, fmt.Errorf("%s is %s: command, ports and variables are part of it already and cannot be given", src, img.form)
	}
	return img, nil
}

// The forms SRC can have, as Form returns them.
const (
	formLayout  = "an OCI image layout"
	formArchive = "an image archive"
	formProgram = "a program"
)

// Form says what SRC was: "an OCI image layout", "an image archive" or "a program".
func (i *Image) Form() string { return i.form }

// Digest returns the digest the registry will know the image by, sha256:....
func (i *Image) Digest() (string, error) {
	var digest v1.Hash
	var err error
	if i.index != nil {
		digest, err = i.index.Digest()
	} else {
		digest, err = i.image.Digest()
	}
	if err != nil {
		return "", fmt.Errorf("cannot compute the digest: %w", err)
	}
	return digest.String(), nil
}

// Platforms lists what the image runs on, such as "linux/amd64".
func (i *Image) Platforms() ([]string, error) {
	if i.index == nil {
		config, err := i.image.ConfigFile()
		if err != nil {
			return nil, fmt.Errorf("cannot read the image's configuration: %w", err)
		}
		return []string{config.OS + "/" + config.Architecture}, nil
	}
	manifest, err := i.index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("cannot read the index: %w", err)
	}
	var platforms []string
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS != "unknown" { // unknown/unknown marks attestations
			platforms = append(platforms, m.Platform.String())
		}
	}
	return platforms, nil
}

// Close removes the temporary files behind the image. It may be called more than once.
func (i *Image) Close() error {
	if i.temp == "" {
		return nil
	}
	temp := i.temp
	i.temp = ""
	return os.RemoveAll(temp)
}

// isLayout reports whether dir has the marker file of an OCI image layout.
func isLayout(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "oci-layout"))
	return err == nil
}

// loadLayout reads the layout in dir: its only entry, or the one called name.
func loadLayout(dir, name string) (*Image, error) {
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read the image layout: %w", err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("cannot read index.json: %w", err)
	}
	entry, err := choose(manifest.Manifests, name)
	if err != nil {
		return nil, err
	}
	img := &Image{form: formLayout}
	switch {
	case entry.MediaType.IsIndex():
		img.index, err = root.ImageIndex(entry.Digest)
	case entry.MediaType.IsImage():
		img.image, err = root.Image(entry.Digest)
	default:
		return nil, fmt.Errorf("entry %s is of media type %s, not an image", entry.Digest, entry.MediaType)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", entry.Digest, err)
	}
	return img, img.complete()
}

// complete checks that the manifest, and for an image the configuration, can be read: a broken source fails before any
// byte has been sent.
func (i *Image) complete() error {
	if i.index != nil {
		if _, err := partial.Manifests(i.index); err != nil {
			return fmt.Errorf("the index is damaged: %w", err)
		}
		return nil
	}
	if _, err := i.image.ConfigFile(); err != nil {
		return fmt.Errorf("the image is damaged: %w", err)
	}
	return nil
}

// refName is the annotation by which entries of a layout are named.
const refName = "org.opencontainers.image.ref.name"

// choose returns the entry called name, or the only one when name is empty.
func choose(entries []v1.Descriptor, name string) (v1.Descriptor, error) {
	var names []string
	for _, entry := range entries {
		if n := entry.Annotations[refName]; n != "" {
			names = append(names, n)
			if n == name {
				return entry, nil
			}
		}
	}
	switch {
	case name != "":
		return v1.Descriptor{}, fmt.Errorf("it holds no image named %q (it has: %s)", name, strings.Join(names, ", "))
	case len(entries) == 0:
		return v1.Descriptor{}, errors.New("it holds no image")
	case len(entries) > 1:
		return v1.Descriptor{}, fmt.Errorf("it holds %d images; choose one with SRC:NAME (names: %s)", len(entries), strings.Join(names, ", "))
	}
	return entries[0], nil
}
