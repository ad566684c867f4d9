package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// writeImage writes a docker archive of one layer with the static program, for `docker load`, `podman load` and
// `lazuli push` alike. Every round's layer differs, so nothing of it is known to anybody before it is loaded.
// Ballast is a file of so many bytes beside the program that cannot be compressed.
func writeImage(file, program, name string, round, ballast int) error {
	text, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	files := []entry{{filepath.Base(program), 0o755, text}, {"round", 0o644, fmt.Appendf(nil, "%d\n", round)}}
	if ballast > 0 {
		noise := make([]byte, ballast)
		if _, err := rand.NewChaCha8([32]byte{byte(round)}).Read(noise); err != nil {
			return err
		}
		files = append(files, entry{"ballast", 0o644, noise})
	}
	layer, err := archive(files)
	if err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux",
		"config": map[string]any{"Entrypoint": []string{"/" + filepath.Base(program)}, "ExposedPorts": map[string]any{"80/tcp": struct{}{}}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}},
	})
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%x", sha256.Sum256(config))
	manifest, err := json.Marshal([]map[string]any{{"Config": id + ".json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		return err
	}
	image, err := archive([]entry{{id + ".json", 0o644, config}, {"layer.tar", 0o644, layer}, {"manifest.json", 0o644, manifest}})
	if err != nil {
		return err
	}
	return os.WriteFile(file, image, 0o600)
}

// entry is one file of an archive.
type entry struct {
	name string
	mode int64
	text []byte
}

// archive makes a tar of the entries, the same for the same entries.
func archive(entries []entry) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.text)), Typeflag: tar.TypeReg}); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
