package image

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// loadArchive reads a docker or OCI archive. name chooses among several images; empty means the only one.
func loadArchive(file, name string) (*Image, error) {
	has, zipped := map[string]bool{}, false
	err := eachEntry(file, func(h *tar.Header, r io.Reader) error {
		has[path.Clean(h.Name)] = true
		magic := make([]byte, len(gzipMagic))
		n, _ := io.ReadFull(r, magic) // shorter: not compressed
		zipped = zipped || string(magic[:n]) == gzipMagic
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is neither a static program nor a tar archive: %w", err)
	case has["manifest.json"]:
		return loadDockerArchive(file, name, zipped)
	case has["oci-layout"]:
		return loadOCIArchive(file, name)
	}
	return nil, errors.New("the archive holds no image: it has neither manifest.json (docker save) nor oci-layout (OCI archive)")
}

// gzipMagic is how compressed data begins.
const gzipMagic = "\x1f\x8b"

// loadDockerArchive reads what `docker save` writes. Layers that others wrote
// compressed (zipped) stay so.
func loadDockerArchive(file, tag string, zipped bool) (*Image, error) {
	opener := func() (io.ReadCloser, error) { return openArchive(file) }
	var wanted *name.Tag
	if tag != "" {
		parsed, err := name.NewTag(tag)
		if err != nil {
			return nil, fmt.Errorf("%q is not a tag: %w", tag, err)
		}
		wanted = &parsed
	}
	img, err := tarball.Image(opener, wanted)
	if err != nil {
		return nil, fmt.Errorf("cannot read the docker archive: %w", err)
	}
	loaded := &Image{form: formArchive, image: img}
	if err := loaded.complete(); err != nil || zipped {
		return loaded, err
	}
	if loaded.image, err = asPlain(img); err != nil {
		return nil, fmt.Errorf("cannot read the docker archive: %w", err)
	}
	return loaded, nil
}

// loadOCIArchive unpacks the archive into a temporary directory and reads the layout there.
func loadOCIArchive(file, name string) (*Image, error) {
	temp, err := os.MkdirTemp("", "lazuli-image-")
	if err != nil {
		return nil, err
	}
	img, err := unpackLayout(file, temp, name)
	if err != nil {
		os.RemoveAll(temp)
		return nil, err
	}
	img.form, img.temp = formArchive, temp
	return img, nil
}

// unpackLayout writes the archive's files below dir and loads the layout they make.
func unpackLayout(file, dir, name string) (*Image, error) {
	root, err := os.OpenRoot(dir) // names that climb out of dir are errors
	if err != nil {
		return nil, err
	}
	defer root.Close()
	err = eachEntry(file, func(h *tar.Header, r io.Reader) error {
		if h.Typeflag != tar.TypeReg {
			return nil // a layout consists of regular files; folders are made as needed
		}
		entry := path.Clean(h.Name)
		if err := root.MkdirAll(path.Dir(entry), 0o755); err != nil {
			return err
		}
		f, err := root.Create(entry)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, r); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
	if err != nil {
		return nil, fmt.Errorf("cannot unpack the archive: %w", err)
	}
	return loadLayout(dir, name)
}

// eachEntry calls visit for every entry of the archive.
func eachEntry(file string, visit func(*tar.Header, io.Reader) error) error {
	f, err := openArchive(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for entries := tar.NewReader(f); ; {
		h, err := entries.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(h, entries); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(h.Name), err)
		}
	}
}

// openArchive opens the file, uncompressing it when it is gzip.
func openArchive(file string) (io.ReadCloser, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(f)
	if magic, _ := r.Peek(len(gzipMagic)); string(magic) != gzipMagic { // a file too short to peek at fails as a tar archive
		return archive{r, f}, nil
	}
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		f.Close()
		return nil, err
	}
	return archive{unzipped, f}, nil
}

// archive reads from one place and closes another.
type archive struct {
	io.Reader
	io.Closer
}
