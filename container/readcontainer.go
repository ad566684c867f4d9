package container

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/confine"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/probe"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (r *reader) containers(p *wire.ContainerGroupProperties) error {
	if n := len(p.Containers); n < 1 || n > r.limits.Containers {
		return r.wrong("properties.containers", "it has %d containers; give 1 to %d.", n, r.limits.Containers)
	}
	for i, c := range p.Containers {
		at := "properties.containers[" + strconv.Itoa(i) + "]"
		q := c.Properties
		out, err := r.container(at, c.Name, q.Image, q.Command, q.EnvironmentVariables, q.VolumeMounts)
		if err != nil {
			return err
		}
		if out.Security, err = r.security(at, q.SecurityContext, c.Name); err != nil {
			return err
		}
		if m := q.ConfigMap; m != nil {
			for key := range m.KeyValuePairs {
				if !validFile(key) {
					return r.wrong(at+".properties.configMap", "the key '%s' of the config map of container '%s' must be 1 to 253 letters, digits, '.', '-' and '_': it becomes a file.", key, c.Name)
				}
			}
			if len(m.KeyValuePairs) > 0 {
				out.ConfigMap = m.KeyValuePairs
			}
		}
		for j, port := range q.Ports {
			read, err := r.port(at+".properties.ports["+strconv.Itoa(j)+"]", port.Port, port.Protocol)
			if err != nil {
				return err
			}
			out.Ports = append(out.Ports, read)
		}
		if err := r.resources(at, q.Resources, &out); err != nil {
			return err
		}
		if out.Liveness, err = r.probe(at+".properties.livenessProbe", q.LivenessProbe, c.Name); err != nil {
			return err
		}
		if out.Readiness, err = r.probe(at+".properties.readinessProbe", q.ReadinessProbe, c.Name); err != nil {
			return err
		}
		r.spec.Containers = append(r.spec.Containers, out)
	}
	if sum := r.spec.total(); sum.CPU > r.limits.CPU || sum.MemoryGB > r.limits.MemoryInGB {
		return r.wrong("properties.containers", "its containers request %g CPU and %g GB of memory together; at most %g CPU and %g GB are available to a group.", sum.CPU, sum.MemoryGB, r.limits.CPU, r.limits.MemoryInGB)
	}
	return nil
}

func (r *reader) initContainers(p *wire.ContainerGroupProperties) error {
	if n := len(p.Containers) + len(p.InitContainers); n > r.limits.Containers {
		return r.wrong("properties.initContainers", "it has %d containers with the init containers; at most %d are allowed.", n, r.limits.Containers)
	}
	for i, c := range p.InitContainers {
		at := "properties.initContainers[" + strconv.Itoa(i) + "]"
		q := c.Properties
		out, err := r.container(at, c.Name, q.Image, q.Command, q.EnvironmentVariables, q.VolumeMounts)
		if err != nil {
			return err
		}
		if out.Security, err = r.security(at, q.SecurityContext, c.Name); err != nil {
			return err
		}
		r.spec.Init = append(r.spec.Init, out)
	}
	return nil
}

// container reads what containers and init containers have in common.
func (r *reader) container(at, name, image string, command []string, env []wire.EnvironmentVariable, mounts []wire.VolumeMount) (containerSpec, error) {
	c := containerSpec{Name: name, Image: strings.TrimSpace(image), Command: append([]string(nil), command...)}
	if len(name) > pod.MaxNameLength || !nameRule.MatchString(name) {
		return c, r.wrong(at+".name", "the container name '%s' must be 1 to %d lower-case letters, digits and hyphens, with a letter or digit at both ends.", name, pod.MaxNameLength)
	}
	if r.spec.container(name) != nil {
		return c, r.wrong(at+".name", "the container name '%s' is used twice.", name)
	}
	if c.Image == "" || strings.ContainsAny(c.Image, " \t\r\n") {
		return c, r.wrong(at+".properties.image", "the image '%s' of container '%s' is not an image name. Give one such as 'myregistry.azurecr.io/app:v1'.", image, name)
	}
	seen := map[string]bool{}
	for i, e := range env {
		v, err := r.env(at+".properties.environmentVariables["+strconv.Itoa(i)+"]", name, e)
		if err != nil {
			return c, err
		}
		if seen[e.Name] {
			return c, r.wrong(at+".properties.environmentVariables", "the environment variable '%s' of container '%s' is given twice.", e.Name, name)
		}
		seen[e.Name] = true
		c.Env = append(c.Env, v)
	}
	paths := map[string]bool{}
	for i, m := range mounts {
		at := at + ".properties.volumeMounts[" + strconv.Itoa(i) + "]"
		if !slices.ContainsFunc(r.spec.Volumes, func(v volumeSpec) bool { return v.Name == m.Name }) {
			return c, r.wrong(at+".name", "container '%s' mounts the volume '%s', which the group does not have. Add it to 'volumes'.", name, m.Name)
		}
		if !strings.HasPrefix(m.MountPath, "/") || m.MountPath == "/" || strings.Contains(m.MountPath, ":") || slices.Contains(strings.Split(m.MountPath, "/"), "..") {
			return c, r.wrong(at+".mountPath", "the mount path '%s' of container '%s' must be absolute, not '/', without ':' and '..'.", m.MountPath, name)
		}
		if paths[m.MountPath] {
			return c, r.wrong(at+".mountPath", "container '%s' mounts two volumes at '%s'.", name, m.MountPath)
		}
		paths[m.MountPath] = true
		c.Mounts = append(c.Mounts, mount{Volume: m.Name, Path: m.MountPath, ReadOnly: m.ReadOnly})
	}
	return c, nil
}

func (r *reader) env(at, container string, e wire.EnvironmentVariable) (envVar, error) {
	if !envRule.MatchString(e.Name) {
		return envVar{}, r.wrong(at+".name", "the environment variable name '%s' of container '%s' must have letters, digits, '_', '.' and '-' only and not start with a digit.", e.Name, container)
	}
	if err := r.refers(at+".secureValueReference", e.SecureValueReference, "the environment variable '"+e.Name+"' of container '"+container+"'"); err != nil {
		return envVar{}, err
	}
	if e.Value != nil && e.SecureValue != nil || e.SecureValueReference != "" && (e.Value != nil || e.SecureValue != nil) {
		return envVar{}, r.wrong(at, "the environment variable '%s' of container '%s' has more than one of value, secureValue and secureValueReference; give one.", e.Name, container)
	}
	v := envVar{Name: e.Name, Reference: e.SecureValueReference}
	text := ""
	switch {
	case e.SecureValue != nil:
		v.Secret = &secret{plain: *e.SecureValue}
		text = e.SecureValue.Reveal()
	case e.Value != nil:
		v.Value, text = *e.Value, *e.Value
	}
	if strings.ContainsRune(text, 0) {
		return envVar{}, r.wrong(at, "the environment variable '%s' of container '%s' contains a zero byte.", e.Name, container)
	}
	return v, nil
}

func (r *reader) resources(at string, q *wire.ResourceRequirements, c *containerSpec) error {
	if q == nil {
		c.Requests = resources{CPU: defaultCPU, MemoryGB: defaultMemoryGB}
		return nil
	}
	at += ".properties.resources"
	if q.Requests == nil || q.Requests.CPU == 0 || q.Requests.MemoryInGB == 0 {
		return azure.Errorf(azure.Invalid, azure.CodeResourceRequestsNotSpecified, "The resource requests are not specified for container '%s' in container group '%s'. Give both 'cpu' and 'memoryInGB' in 'resources.requests', or leave 'resources' out to get %g CPU and %g GB.", c.Name, r.group, float64(defaultCPU), defaultMemoryGB).At(at + ".requests")
	}
	gpus := []json.RawMessage{q.Requests.GPU}
	c.Requests = resources{q.Requests.CPU, q.Requests.MemoryInGB}
	check := []resources{c.Requests}
	if l := q.Limits; l != nil && (l.CPU != 0 || l.MemoryInGB != 0 || given(l.GPU)) {
		gpus = append(gpus, l.GPU)
		limits := resources{l.CPU, l.MemoryInGB}
		if limits.CPU == 0 {
			limits.CPU = c.Requests.CPU
		}
		if limits.MemoryGB == 0 {
			limits.MemoryGB = c.Requests.MemoryGB
		}
		if limits.CPU < c.Requests.CPU || limits.MemoryGB < c.Requests.MemoryGB {
			return r.wrong(at+".limits", "the limits of container '%s' are below its requests.", c.Name)
		}
		c.Limits = &limits
		check = append(check, limits)
	}
	for _, gpu := range gpus {
		if given(gpu) {
			return unbuilt(at+".gpu", "Remove it; containers get CPU and memory only.")
		}
	}
	for _, x := range check {
		cpu, memory := r.limits.ContainerCPU, r.limits.ContainerMemoryInGB
		if !(x.CPU >= 0.01 && x.CPU <= cpu) || !(x.MemoryGB >= 0.01 && x.MemoryGB <= memory) || math.IsNaN(x.CPU+x.MemoryGB) {
			return r.wrong(at, "container '%s' asks for %g CPU and %g GB of memory; give 0.01 to %g CPU and 0.01 to %g GB.", c.Name, x.CPU, x.MemoryGB, cpu, memory)
		}
	}
	return nil
}

func (r *reader) security(at string, p *wire.SecurityContextDefinition, container string) (*pod.Security, error) {
	if p == nil || *p == (wire.SecurityContextDefinition{}) {
		return nil, nil
	}
	return confine.Read(p, r.privileged, func(field, format string, args ...any) error {
		return r.wrong(at+".properties.securityContext"+field, "the container '"+container+"' "+format, args...)
	})
}

func (r *reader) probe(at string, p *wire.ContainerProbe, container string) (*probe.Spec, error) {
	if p == nil {
		return nil, nil
	}
	return probe.Read(p, func(field, format string, args ...any) error {
		return r.wrong(at+field, "of container '"+container+"' "+format, args...)
	})
}

// ports refuses the same port twice: the containers share one address.
func (r *reader) ports(*wire.ContainerGroupProperties) error {
	owner := map[pod.Port]string{}
	for i, c := range r.spec.Containers {
		for _, port := range c.Ports {
			if other, taken := owner[port]; taken {
				return r.wrong("properties.containers["+strconv.Itoa(i)+"].properties.ports", "the port %d/%s is used by container '%s' and by container '%s', which share one address.", port.Number, port.Protocol, other, c.Name)
			}
			owner[port] = c.Name
		}
	}
	return nil
}
