package containerd_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// The filter the kernel has is the same to the last bit whether it came from the
// record or was compiled for the container; one that differs from the default in a
// rule, early or late, does not come from the record of the default. (NET_RAW changes
// nothing in the profile.)
func TestRecordedFilterIsTheCompiledOne(t *testing.T) {
	rt, opts := world(t)
	ctx := context.Background()
	defer func() {
		if err := errors.Join(rt.RemoveSandbox(ctx, "group"), rt.Close()); err != nil {
			t.Error(err)
		}
		nothingLeft(t, opts)
	}()
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(opts.Dir, "bin", "seccomp.filter")
	eventually(t, "records of the default filter", 1, func() int {
		found, _ := filepath.Glob(file) // the pattern is well formed
		return len(found)
	})
	record, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	noWays(t, rt, pod.ContainerSpec{Name: "thief"})
	deny := func(call string) *pod.Security {
		return &pod.Security{Seccomp: json.RawMessage(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["` + call + `"],"action":"SCMP_ACT_ERRNO"}]}`)}
	}
	damaged := bytes.Clone(record)
	damaged[len(damaged)-9] ^= 1
	// Another program, in a record as whole as the true one, shows that it is taken.
	const head = 16 // before the sum
	other := bytes.ReplaceAll(record[head+sha256.Size:], answer(unix.EPERM), answer(unix.EACCES))
	sum := sha256.Sum256(other)
	other = slices.Concat(record[:head], sum[:], other)
	compiled := map[string][]byte{}
	for _, c := range []struct {
		name   string
		record []byte
	}{{"none", nil}, {"whole", record}, {"damaged", damaged}, {"half", record[:len(record)/2]}, {"other", other}} {
		if err := errors.Join(os.Remove(file), os.WriteFile(file, c.record, 0o600)); err != nil {
			t.Fatal(err)
		}
		for name, security := range map[string]*pod.Security{
			"default": nil, "first": deny("accept"), "last": deny("mkdirat"), "raw": {Drop: []string{"CAP_NET_RAW"}}, "chroot": {Drop: []string{"CAP_SYS_CHROOT"}},
		} {
			spec := pod.ContainerSpec{Name: c.name + "-" + name, Image: "program", Command: command("serve", "8080", "x"), Security: security}
			plain := (name == "default" || name == "raw") && c.name == "other"
			got := filterOfNew(t, rt, spec)
			// A shim that ran ahead since before has read the record that was there then.
			for range 4 {
				if plain && bytes.Equal(got, compiled[name]) {
					got = filterOfNew(t, rt, spec)
				}
			}
			if c.record == nil {
				compiled[name] = got
			}
			if plain {
				if !bytes.HasSuffix(other, got) {
					t.Errorf("%s: the filter is not the one of the record", name)
				}
			} else if len(got) == 0 || !bytes.Equal(got, compiled[name]) {
				t.Errorf("%s, record %s: the filter has %d bytes and is not the compiled one of %d", name, c.name, len(got), len(compiled[name]))
			}
		}
	}
	if bytes.Equal(compiled["default"], compiled["first"]) || bytes.Equal(compiled["default"], compiled["last"]) || bytes.Equal(compiled["default"], compiled["chroot"]) {
		t.Error("filters that should differ from the default do not")
	}
	if !bytes.HasSuffix(record, compiled["default"]) {
		t.Error("the record is not one of the default filter")
	}
}

// filterOfNew is the filter of a container that is started for this.
func filterOfNew(t *testing.T, rt pod.Runtime, spec pod.ContainerSpec) []byte {
	t.Helper()
	st, err := rt.StartContainer(t.Context(), "group", spec)
	if err != nil {
		t.Fatal(err)
	}
	got := filterOf(t, st.PID)
	if err := rt.RemoveContainer(t.Context(), "group", spec.Name); err != nil {
		t.Fatal(err)
	}
	return got
}

// filterOf is the newest filter of a process as the kernel has it, without what runc
// puts before it: that answers calls newer than the profile, for one architecture
// after the other in any order, and ends with the answer ENOSYS.
func filterOf(t *testing.T, pid int) []byte {
	t.Helper()
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	if err := unix.PtraceAttach(pid); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.PtraceDetach(pid); err != nil {
			t.Error(err)
		}
	}()
	if _, err := unix.Wait4(pid, nil, unix.WALL, nil); err != nil {
		t.Fatal(err)
	}
	const getFilter, size = 0x420c, 8 // PTRACE_SECCOMP_GET_FILTER, an instruction
	count, _, errno := unix.Syscall6(unix.SYS_PTRACE, getFilter, uintptr(pid), 0, 0, 0, 0)
	if errno != 0 {
		t.Fatalf("the kernel does not tell the filter of process %d: %v", pid, errno)
	}
	filter := make([]byte, count*size)
	if _, _, errno := unix.Syscall6(unix.SYS_PTRACE, getFilter, uintptr(pid), 0, uintptr(unsafe.Pointer(&filter[0])), 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	_, own, _ := bytes.Cut(filter, answer(unix.ENOSYS))
	return own
}

// answer is the instruction that refuses a call.
func answer(e unix.Errno) []byte {
	return binary.NativeEndian.AppendUint32([]byte{unix.BPF_RET | unix.BPF_K, 0, 0, 0}, unix.SECCOMP_RET_ERRNO|uint32(e))
}
