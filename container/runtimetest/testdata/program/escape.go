package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// escape tries ways out of a container and prints those that are open. What
// follows a "+" in a word is an address to connect to: a path and a name after "@"
// are those of unix sockets.
func escape(words []string) int {
	const target = "/target"
	if err := os.Mkdir(target, 0o777); err != nil && !os.IsExist(err) && !os.IsPermission(err) {
		fmt.Println("OPEN: nothing can be said of mounts:", err)
	}
	attempts := map[string]func() error{
		"mount tmpfs":                      func() error { return unix.Mount("none", target, "tmpfs", 0, "") },
		"mount proc":                       func() error { return unix.Mount("proc", "/proc", "proc", 0, "") },
		"remount proc":                     func() error { return unix.Mount("", "/proc/sys", "", unix.MS_REMOUNT|unix.MS_BIND, "") },
		"unmount a mask":                   func() error { return unix.Unmount("/proc/kcore", unix.MNT_DETACH) },
		"bind the root":                    func() error { return unix.Mount("/", target, "", unix.MS_BIND, "") },
		"new mounts":                       func() error { return unix.Unshare(unix.CLONE_NEWNS) },
		"new users":                        func() error { return unix.Unshare(unix.CLONE_NEWUSER) },
		"new network":                      func() error { return unix.Unshare(unix.CLONE_NEWNET) },
		"enter the namespace of process 1": func() error { return enter("/proc/1/ns/net") },
		"hostname":                         func() error { return unix.Sethostname([]byte("stolen")) },
		"clock":                            func() error { return unix.Settimeofday(&unix.Timeval{Sec: time.Now().Unix()}) },
		"reboot":                           func() error { return unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) },
		"kernel module":                    func() error { return unix.InitModule(nil, "") },
		"swap":                             func() error { return syscall2(unix.SYS_SWAPOFF, "/nowhere") },
		"kernel log":                       func() error { _, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, make([]byte, 64)); return err },
		"bpf":                              func() error { _, _, e := unix.Syscall(unix.SYS_BPF, 0, 0, 0); return orNil(e) },
		"kernel keyring":                   func() error { _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, true); return err },
		"by file handle":                   openByHandle,
		"raw disk":                         rawDisk,
		"physical memory":                  func() error { return openFor("/dev/mem", os.O_RDONLY) },
		"interface":                        setInterface,
		"loopback by the gateway":          loopbackByGateway,
		"others' processes":                othersProcesses,
	}
	for _, path := range []string{
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger",
		"/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
		"/sys/fs/cgroup/devices/devices.allow", "/sys/fs/cgroup/release_agent",
	} {
		attempts["write "+path] = func() error { return openFor(path, os.O_WRONLY) }
	}
	for _, path := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/sys/firmware"} {
		attempts["read "+path] = func() error { return hasContent(path) }
	}
	for _, w := range words {
		if address, ok := strings.CutPrefix(w, "+"); ok {
			attempts["connect to "+address] = func() error {
				network := "tcp"
				if strings.HasPrefix(address, "/") || strings.HasPrefix(address, "@") {
					network = "unix"
				}
				c, err := net.DialTimeout(network, address, 300*time.Millisecond)
				if err == nil {
					c.Close()
				}
				return err
			}
		}
	}
	for name, try := range attempts {
		if err := try(); err == nil {
			fmt.Println("OPEN:", name)
		}
	}
	fmt.Println("tried", len(attempts))
	return 0
}

func orNil(e unix.Errno) error {
	if e == 0 || e == unix.EINVAL { // it was looked at
		return nil
	}
	return e
}

func syscall2(number uintptr, path string) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	_, _, e := unix.Syscall(number, uintptr(unsafe.Pointer(p)), 0, 0)
	if e == unix.ENOENT {
		return nil
	}
	return orNil(e)
}

func enter(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return unix.Setns(fd, 0)
}

func openFor(path string, flags int) error {
	f, err := os.OpenFile(path, flags, 0)
	if err == nil {
		f.Close()
	}
	return err
}

// hasContent is an error for what is masked: an empty file or folder.
func hasContent(path string) error {
	if list, err := os.ReadDir(path); err == nil {
		if len(list) == 0 {
			return os.ErrNotExist
		}
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if n, err := f.Read(make([]byte, 1)); n == 0 {
		return fmt.Errorf("nothing in %s: %v", path, err)
	}
	return nil
}

// openByHandle is the way out that CAP_DAC_READ_SEARCH opened once.
func openByHandle() error {
	handle := unix.NewFileHandle(1, []byte{2, 0, 0, 0, 0, 0, 0, 0}) // inode 2
	fd, err := unix.Open("/", unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	_, err = unix.OpenByHandleAt(fd, handle, unix.O_RDONLY)
	return err
}

// rawDisk makes a device node, which is allowed, and opens it, which is not.
func rawDisk() error {
	const path = "/disk"
	for _, d := range [][2]uint32{{8, 0}, {253, 0}, {259, 0}, {7, 0}} {
		if err := unix.Mknod(path, unix.S_IFBLK|0o600, int(unix.Mkdev(d[0], d[1]))); err != nil {
			return err
		}
		_, err := unix.Open(path, unix.O_RDONLY, 0)
		os.Remove(path)
		if err != unix.EPERM && err != unix.EACCES {
			return nil // the kernel looked for the device
		}
	}
	return unix.EPERM
}

// othersProcesses looks for any but its own.
func othersProcesses() error {
	list, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	for _, d := range list {
		if name := d.Name(); name[0] >= '1' && name[0] <= '9' && name != strconv.Itoa(os.Getpid()) {
			return nil
		}
	}
	return os.ErrNotExist
}

// loopbackByGateway would have the machine take its own loopback for the container's
// way out.
func loopbackByGateway() error {
	if err := os.WriteFile("/proc/sys/net/ipv4/conf/eth0/route_localnet", []byte("1"), 0); err == nil {
		return nil
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// RTM_NEWROUTE of an empty route: only who may change routes is told that it is wrong.
	message := []byte{28, 0, 0, 0, unix.RTM_NEWROUTE, 0, unix.NLM_F_REQUEST | unix.NLM_F_ACK, 0, 1, 0, 0, 0, 0, 0, 0, 0, unix.AF_INET, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0}
	if err := unix.Sendto(fd, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 512)
	n, _, err := unix.Recvfrom(fd, answer, 0)
	if err != nil || n < 20 {
		return fmt.Errorf("no answer: %v", err)
	}
	switch code := -int32(binary.LittleEndian.Uint32(answer[16:20])); unix.Errno(code) {
	case unix.EPERM, unix.EACCES:
		return unix.Errno(code)
	}
	return nil
}

// setInterface would give the container another address.
func setInterface() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := r.SetInet4Addr([]byte{10, 0, 0, 1}); err != nil {
		return err
	}
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCSIFADDR, uintptr(unsafe.Pointer(r)))
	if e != 0 {
		return e
	}
	return nil
}
