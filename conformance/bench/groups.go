package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/conformance/measure"
	"github.com/lazuli-cloud/lazuli/conformance/sandbox"
)

// Goals of many groups, and of one beside the low-level runtime alone.
const (
	crowd         = 40
	crowdRate     = 10.0 // groups a second
	idleGroupMB   = 6.0
	bareGoal      = 2.0
	crowdSection  = "40 container groups at once"
	bareSection   = "beside the low-level runtime alone"
	crowdSettle   = 5 * time.Second
	crowdDeadline = 90 * time.Second
)

// groups measures many container groups made at once and what each holds when idle, and bare runc beside one group.
func groups(ctx context.Context, s settings, r *measure.Report, c *cloud) error {
	archive, name := filepath.Join(s.dir, "crowd.tar"), "bench.invalid/crowd:v1"
	if err := writeImage(archive, s.sample, name, 0, 0); err != nil {
		return err
	}
	if err := c.load(ctx, archive, name); err != nil {
		return err
	}
	return errors.Join(bareRunc(ctx, s, r, c, name), crowded(ctx, r, c, name))
}

// bareRunc times `runc run` of the sample, in rounds with a container group of the same program.
func bareRunc(ctx context.Context, s settings, r *measure.Report, c *cloud, name string) error {
	runc := filepath.Join(c.data, "runtime", "bin", "runc")
	if _, err := os.Stat(runc); err != nil {
		r.LeftOut = append(r.LeftOut, "comparison with runc alone: "+err.Error())
		return nil
	}
	bundle := filepath.Join(s.dir, "bundle")
	if err := writeBundle(ctx, runc, bundle, s); err != nil {
		return err
	}
	state := filepath.Join(s.dir, "runc")
	ours := &contender{runner: c}
	var alone, group []float64
	for i := range s.rounds {
		id := fmt.Sprintf("bare%d", i)
		begin := time.Now()
		// Its output would be a pipe that the container holds open: there is none.
		if err := exec.CommandContext(ctx, runc, "--root", state, "run", "--detach", "--bundle", bundle, id).Run(); err != nil {
			return fmt.Errorf("runc run: %w", err)
		}
		alone = append(alone, milliseconds(time.Since(begin)))
		if err := measure.Command(ctx, runc, "--root", state, "delete", "--force", id); err != nil {
			return err
		}
		time.Sleep(settle)
		took, err := ours.toPage(ctx, name)
		if err != nil {
			return err
		}
		group = append(group, milliseconds(took))
		if err := c.remove(ctx); err != nil {
			return err
		}
		time.Sleep(settle)
	}
	r.Add(bareSection, "runc run --detach, no network, no page", "ms", "", alone)
	r.Add(bareSection, "lazuli, create to page", "ms", "", group)
	r.AtMost(bareSection, "lazuli / runc run", "", measure.Quotients(group, alone), bareGoal)
	return nil
}

// writeBundle makes the bundle of the sample program with runc's own default specification.
func writeBundle(ctx context.Context, runc, bundle string, s settings) error {
	root := filepath.Join(bundle, "rootfs")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	program, err := os.ReadFile(s.sample)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "app"), program, 0o755); err != nil {
		return err
	}
	if err := measure.Command(ctx, runc, "spec", "--bundle", bundle); err != nil {
		return err
	}
	file := filepath.Join(bundle, "config.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	process, isProcess := spec["process"].(map[string]any)
	linux, isLinux := spec["linux"].(map[string]any)
	if !isProcess || !isLinux {
		return errors.New("runc spec wrote no process or no linux section")
	}
	process["terminal"], process["args"] = false, []string{"/app"}
	delete(process, "rlimits") // some machines allow not even root to raise them
	linux["cgroupsPath"] = filepath.Join(sandbox.CgroupParent(s.dir), "bare")
	if text, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// crowded makes all groups at once, waits until each runs, and looks what they hold.
func crowded(ctx context.Context, r *measure.Report, c *cloud, name string) error {
	ctx, cancel := context.WithTimeout(ctx, crowdDeadline)
	defer cancel()
	before, err := memory()
	if err != nil {
		return err
	}
	times, errs := make([]float64, crowd), make([]error, crowd)
	var all sync.WaitGroup
	begin := time.Now()
	for i := range crowd {
		all.Go(func() {
			errs[i] = c.member(ctx, i, name)
			times[i] = time.Since(begin).Seconds()
		})
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	err = errors.Join(errs...)
	if err == nil {
		err = pause(ctx, crowdSettle)
	}
	after, merr := memory()
	for i := range crowd {
		err = errors.Join(err, c.arm.Do(context.WithoutCancel(ctx), http.MethodDelete, c.memberPath(i), nil, nil))
	}
	if err = errors.Join(err, merr); err != nil {
		return err
	}
	each := (after - before) / crowd
	r.Add(crowdSection, "a group, from the first call to running", "s", "", times)
	r.AtLeast(crowdSection, "groups a second", "", []float64{crowd / took}, crowdRate)
	r.Add(crowdSection, "resident memory of an idle group", "MB", "with its program; shared pages divided", []float64{each})
	r.AtMost(crowdSection, "idle group", "MB", []float64{each}, idleGroupMB)
	return nil
}

func (c *cloud) memberPath(i int) string {
	return fmt.Sprintf("%s/providers/Microsoft.ContainerInstance/containerGroups/crowd-%d?api-version=%s", c.groupID(), i, apiContainers)
}

// member makes one group and returns when it runs.
func (c *cloud) member(ctx context.Context, i int, name string) error {
	in := map[string]any{"location": "eastus", "properties": map[string]any{
		"osType": "Linux",
		"containers": []any{map[string]any{"name": "app", "properties": map[string]any{
			"image": c.repository(name), "ports": []any{map[string]any{"port": 80}},
			"resources": map[string]any{"requests": map[string]any{"cpu": 0.1, "memoryInGB": 0.1}}}}},
		"imageRegistryCredentials": []any{map[string]any{"server": c.server, "username": c.sp.appID, "password": c.sp.secret}},
	}}
	if err := c.arm.Do(ctx, http.MethodPut, c.memberPath(i), in, nil); err != nil {
		return err
	}
	for {
		var g struct {
			Properties struct {
				ProvisioningState string
				InstanceView      struct{ State string }
			}
		}
		if err := c.arm.Do(ctx, http.MethodGet, c.memberPath(i), nil, &g); err != nil {
			return err
		}
		switch {
		case g.Properties.ProvisioningState == "Succeeded" && g.Properties.InstanceView.State == "Running":
			return nil
		case g.Properties.ProvisioningState == "Failed":
			return azure.Errorf(azure.Internal, azure.CodeInternal, "The group crowd-%d failed.", i)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// memory is what all processes of the sandbox hold, in megabytes; pages they share are divided among them.
func memory() (float64, error) {
	files, err := filepath.Glob("/proc/[0-9]*/smaps_rollup")
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(text)) {
			var kib float64
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				if _, err := fmt.Sscanf(strings.TrimSpace(rest), "%f kB", &kib); err != nil {
					return 0, err
				}
				sum += kib * 1024 / 1e6
			}
		}
	}
	return sum, nil
}
