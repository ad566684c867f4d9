package image

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// plain is an image whose layers are sent as the tar archives they are. What a
// push compresses, the same machine uncompresses right after it: most of the
// time between `lazuli push` and the first page. Everybody who pulls takes both.
type plain struct {
	config, manifest []byte
	mediaType        types.MediaType
	layers           map[v1.Hash]*plainLayer
}

// flavors are the media types of a manifest, its configuration and its layers.
var flavors = map[types.MediaType][2]types.MediaType{
	types.DockerManifestSchema2: {types.DockerConfigJSON, types.DockerUncompressedLayer},
	types.OCIManifestSchema1:    {types.OCIConfigJSON, types.OCIUncompressedLayer},
}

// newPlain makes an image of a configuration and its layers, from the lowest on.
func newPlain(mediaType types.MediaType, config []byte, layers []*plainLayer) (v1.Image, error) {
	flavor, known := flavors[mediaType]
	if !known {
		return nil, fmt.Errorf("manifests of media type %s cannot be made", mediaType)
	}
	digest, size, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		return nil, err
	}
	p := &plain{config: config, mediaType: mediaType, layers: map[v1.Hash]*plainLayer{}}
	manifest := v1.Manifest{SchemaVersion: 2, MediaType: mediaType, Config: v1.Descriptor{MediaType: flavor[0], Size: size, Digest: digest}}
	for _, l := range layers {
		l.mediaType = flavor[1]
		p.layers[l.diffID] = l
		manifest.Layers = append(manifest.Layers, v1.Descriptor{MediaType: l.mediaType, Size: l.size, Digest: l.diffID})
	}
	if p.manifest, err = json.Marshal(manifest); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(p)
}

// asPlain returns img, whose layers must not be compressed at their source, with
// them sent as they are. The configuration, and so the image's ID, is unchanged.
func asPlain(img v1.Image) (v1.Image, error) {
	mediaType, err := img.MediaType()
	if err != nil {
		return nil, err
	}
	config, err := img.RawConfigFile()
	if err != nil {
		return nil, err
	}
	sources, err := img.Layers()
	if err != nil {
		return nil, err
	}
	layers := make([]*plainLayer, len(sources))
	for i, source := range sources {
		if layers[i], err = newPlainLayer(source.Uncompressed); err != nil {
			return nil, fmt.Errorf("cannot read layer %d: %w", i+1, err)
		}
		if named, err := source.DiffID(); err != nil || named != layers[i].diffID {
			return nil, fmt.Errorf("layer %d is damaged: it is %s, and the configuration names %s", i+1, layers[i].diffID, named)
		}
	}
	return newPlain(mediaType, config, layers)
}

// RawConfigFile implements partial.CompressedImageCore.
func (p *plain) RawConfigFile() ([]byte, error) { return p.config, nil }

// MediaType implements partial.CompressedImageCore.
func (p *plain) MediaType() (types.MediaType, error) { return p.mediaType, nil }

// RawManifest implements partial.CompressedImageCore.
func (p *plain) RawManifest() ([]byte, error) { return p.manifest, nil }

// LayerByDigest implements partial.CompressedImageCore.
func (p *plain) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	if l, ok := p.layers[digest]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("the image has no layer %s", digest)
}

// plainLayer is a layer whose bytes on the way are those of its archive.
type plainLayer struct {
	open      func() (io.ReadCloser, error)
	diffID    v1.Hash
	size      int64
	mediaType types.MediaType
}

// newPlainLayer reads the archive through, for its digest and size.
func newPlainLayer(open func() (io.ReadCloser, error)) (*plainLayer, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	l := &plainLayer{open: open}
	l.diffID, l.size, err = v1.SHA256(r)
	return l, err
}

// plainFile is the layer in a tar archive on disk.
func plainFile(path string) (*plainLayer, error) {
	return newPlainLayer(func() (io.ReadCloser, error) { return os.Open(path) })
}

// Digest implements partial.CompressedLayer: that of the archive, as the
// configuration names it.
func (l *plainLayer) Digest() (v1.Hash, error) { return l.diffID, nil }

// DiffID is the same.
func (l *plainLayer) DiffID() (v1.Hash, error) { return l.diffID, nil }

// Compressed implements partial.CompressedLayer: what is sent, the archive.
func (l *plainLayer) Compressed() (io.ReadCloser, error) { return l.open() }

// Uncompressed is the same.
func (l *plainLayer) Uncompressed() (io.ReadCloser, error) { return l.open() }

// Size implements partial.CompressedLayer: the archive's, in bytes.
func (l *plainLayer) Size() (int64, error) { return l.size, nil }

// MediaType implements partial.CompressedLayer.
func (l *plainLayer) MediaType() (types.MediaType, error) { return l.mediaType, nil }
