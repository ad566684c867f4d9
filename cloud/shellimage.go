package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/cli/builtin"
	"github.com/lazuli-cloud/lazuli/cloud/config"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/image"
	"github.com/lazuli-cloud/lazuli/registry"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// shellName begins the runtime's names of the images of Cloud Shell that are made here.
const shellName = "lazuli/cloudshell@"

// shellNeeds are the programs without which there is no Cloud Shell.
var shellNeeds = []string{"bash", "sleep", "ls", "cat"}

// shellTakes are the other programs of Cloud Shell, as far as the machine has them.
const shellTakes = `arch awk b2sum base32 base64 basename basenc cal chgrp chmod chown cksum clear cmp column comm cp csplit curl cut date dd df diff diff3
	dir dircolors dirname du echo egrep env expand expr factor false fgrep file find fmt fold free getent grep groups gunzip gzip head hexdump hostname
	id install jq join kill less link ln locale logname lsof md5sum mkdir mkfifo mktemp more mv nano nc nl nohup nproc numfmt od openssl paste
	patch pathchk pgrep pidof pkill pr printenv printf ps pstree ptx pwd readlink realpath reset rev rm rmdir rsync scp screen sdiff sed seq sftp sh sha1sum
	sha224sum sha256sum sha384sum sha512sum shred shuf sort split ssh ssh-keygen stat strings stty sum sync tac tail tar tee test timeout tmux top touch tput
	tr tree true truncate tsort tty uname unexpand uniq unlink unxz unzip uptime users vdir vi vim.tiny vim watch wc wget which who whoami xargs xxd xz yes
	zip zstd`

// shellData are files that those programs read.
var shellData = []string{
	"/lib/terminfo/*/*", "/usr/share/terminfo/[dlstvx]/*", "/usr/lib/locale/C.utf8/*", "/usr/lib/locale/C.utf8/LC_MESSAGES/*",
	"/etc/nsswitch.conf", "/etc/services", "/etc/protocols", "/etc/os-release", "/usr/share/vim/vim*/defaults.vim",
	"/lib/*/libnss_dns.so.2", "/lib/*/libnss_files.so.2", "/lib/*/libgcc_s.so.1",
}

// shellImage gives the image of Cloud Shell: the one of the configuration, pulled
// with the user's own right, or one of this machine's bash and what goes with it.
type shellImage struct {
	cloud *Cloud

	mu   sync.Mutex
	made pod.Image
}

// Image is console.Options.Image.
func (s *shellImage) Image(ctx context.Context, p authz.Principal) (pod.Image, error) {
	name := s.cloud.config.CloudShellImage
	switch name {
	case config.Off:
		return pod.Image{}, azure.Errorf(azure.Unimplemented, azure.CodeCloudShellDisabled, "This cloud has no Cloud Shell: its operator has turned it off ('cloudShellImage' in its configuration).")
	case "":
		return s.ofMachine(ctx)
	}
	i, err := s.pulled(ctx, name, p)
	var failed *pod.ImageError
	if errors.As(err, &failed) {
		return i, azure.Errorf(azure.Unavailable, azure.CodeCloudShellUnavailable, "The image of Cloud Shell cannot be had: %v. The operator of the cloud names it in 'cloudShellImage'.", failed)
	}
	return i, err
}

func (s *shellImage) pulled(ctx context.Context, name string, p authz.Principal) (pod.Image, error) {
	c := s.cloud
	host, repo, reference := splitImage(name)
	if host == "" || !c.rooms.registry.Hosts(host) {
		return c.machine.Runtime.EnsureImage(ctx, pod.ImageRequest{Name: name})
	}
	d, err := c.rooms.registry.Authorize(ctx, registry.Pull{Host: host, Repository: repo, Reference: reference, Principal: &p})
	if err != nil {
		return pod.Image{}, imageError(name, host, err)
	}
	return c.machine.Runtime.PrepareImage(ctx, host+"/"+repo+"@"+string(d.Digest), pod.Descriptor{MediaType: d.MediaType, Digest: string(d.Digest), Size: d.Size})
}

// ofMachine makes the image, once a process: from the second process on its
// content is there already.
func (s *shellImage) ofMachine(ctx context.Context) (pod.Image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made.Name != "" {
		return s.made, nil
	}
	az, err := builtin.Install(filepath.Join(s.cloud.config.Data, "bin"))
	if err != nil {
		return pod.Image{}, err
	}
	img, err := image.Host(image.HostOptions{Required: shellNeeds, Optional: strings.Fields(shellTakes), Data: shellData, Files: map[string]string{"/usr/bin/az": az}})
	if err != nil {
		return pod.Image{}, azure.Errorf(azure.Unavailable, azure.CodeCloudShellUnavailable, "Cloud Shell cannot start: %v. Install bash and coreutils on the cloud's machine, or name an image in 'cloudShellImage'.", err)
	}
	defer img.Close() //nolint:errcheck // temporary files
	made, err := s.keep(ctx, img)
	if err != nil {
		return pod.Image{}, fmt.Errorf("cannot make the image of Cloud Shell: %w", err)
	}
	s.made = made
	s.forgetOlder(ctx)
	return made, nil
}

// shellHold bounds how long content waits for its image's name after a crash.
const shellHold = time.Hour

// keep writes the image's parts where they are not and names it.
func (s *shellImage) keep(ctx context.Context, img *image.Image) (pod.Image, error) {
	m := s.cloud.machine
	ctx = namespaces.WithNamespace(ctx, repository.Namespace)
	blobs, err := img.Blobs()
	if err != nil {
		return pod.Image{}, err
	}
	lease, err := m.Leases.Create(ctx, leases.WithRandomID(), leases.WithExpiration(shellHold))
	if err != nil {
		return pod.Image{}, err
	}
	defer func() { _ = m.Leases.Delete(context.WithoutCancel(ctx), lease) }() // else it expires
	held := leases.WithLease(ctx, lease.ID)
	for _, b := range blobs {
		if err := writeBlob(held, m.Content, b); err != nil {
			return pod.Image{}, err
		}
	}
	head := blobs[len(blobs)-1]
	return m.Runtime.PrepareImage(held, shellName+head.Digest, pod.Descriptor{MediaType: head.MediaType, Digest: head.Digest, Size: head.Size})
}

func writeBlob(ctx context.Context, to content.Store, b image.Blob) error {
	desc := ocispec.Descriptor{MediaType: b.MediaType, Digest: digest.Digest(b.Digest), Size: b.Size}
	r, err := b.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if err := content.WriteBlob(ctx, to, "cloudshell-"+b.Digest, io.LimitReader(r, b.Size), desc); err != nil && !errdefs.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// forgetOlder drops the names of images that were made before, of other programs.
func (s *shellImage) forgetOlder(ctx context.Context) {
	ctx = namespaces.WithNamespace(ctx, repository.Namespace)
	all, err := s.cloud.machine.Images.List(ctx)
	if err != nil {
		return // next time, then
	}
	for _, i := range all {
		if strings.HasPrefix(i.Name, shellName) && i.Name != s.made.Name {
			_ = s.cloud.machine.Images.Delete(ctx, i.Name)
		}
	}
}
