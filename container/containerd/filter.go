package containerd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"

	"github.com/lazuli-cloud/lazuli/container/containerd/shim"
)

// dropFilter removes the record of the default seccomp filter: another shim or
// kernel may have made it.
func (r *Runtime) dropFilter() error { return removeFile(r.layout.filter()) }

// recordFilter has the shim compile the default seccomp filter once, and not again
// at every start. Without a record containers start a little later.
func (r *Runtime) recordFilter() {
	record, err := defaultFilter(r.ctx, r.layout.shim())
	if err == nil {
		// Renamed into place: nobody may ever read half of one.
		tmp := r.layout.filter() + ".tmp"
		if err = os.WriteFile(tmp, record, 0o600); err == nil {
			err = os.Rename(tmp, r.layout.filter())
		}
	}
	if err != nil && r.ctx.Err() == nil && r.opts.Log != nil {
		r.opts.Log.Debug("containers compile their seccomp filter themselves", "error", err)
	}
}

// defaultFilter is the record of the filter of a container that has nothing special.
func defaultFilter(ctx context.Context, program string) ([]byte, error) {
	spec, err := oci.GenerateSpec(ctx, nil, &containers.Container{ID: shimsRecord}, withSecurity(nil))
	if err != nil {
		return nil, err
	}
	profile, err := json.Marshal(spec.Linux.Seccomp)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, shim.FilterRole)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(profile), &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("cannot compile the seccomp filter: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.Bytes(), nil
}

// filter is the record of the default seccomp filter, beside the shim.
func (l layout) filter() string { return filepath.Join(l.bin(), shim.FilterFile) }
