package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// The bounds of imports.
const (
	importsAtOnce = 4
	importLimit   = time.Hour
	importKept    = time.Hour // how long the end of one is told
	importPatient = 2 * time.Second
	importDepth   = 4    // indexes within indexes
	importSize    = 1000 // manifests in one
)

// imports are the running and the lately ended imports.
type imports struct {
	slots chan struct{}
	wait  sync.WaitGroup
	mu    sync.Mutex
	jobs  map[string]*importJob
}

// importJob is one import. err is written before done is closed.
type importJob struct {
	registry azure.ResourceID
	done     chan struct{}
	err      error
	ended    time.Time
}

// importImage serves importImage: 200 when the image is there within moments,
// else 202 with an address that tells how it goes. A stop of the cloud interrupts
// an import; what it copied so far need not be copied again.
func (s *Service) importImage(ctx context.Context, r *arm.CallRequest, in ImportImage) (httpd.Reply[httpd.None], error) {
	rec, err := s.recordOf(r.ID)
	if err != nil {
		return httpd.Reply[httpd.None]{}, err
	}
	target := rec.Registry
	target.LoginServer = s.loginServer(rec.Name)
	order := importOrder{Import: in, Principal: r.Principal, Remote: r.RemoteAddr, Event: oci.NewEvent(r.Request, target, "")}
	c, err := s.planImport(ctx, order, target)
	if err != nil {
		return httpd.Reply[httpd.None]{}, err
	}
	id := uuid.NewString()
	job := s.startImport(id, r.ID, c)
	select {
	case <-job.done:
		return importEnded(job.err)
	case <-time.After(importPatient):
		return s.stillImporting(r, id), s.keepImport(ctx, id, job, order)
	}
}

func (s *Service) startImport(id string, registry azure.ResourceID, c *copying) *importJob {
	job := &importJob{registry: registry, done: make(chan struct{})}
	s.imports.mu.Lock()
	for old, j := range s.imports.jobs {
		if !j.ended.IsZero() && s.o.Now().Sub(j.ended) > importKept {
			delete(s.imports.jobs, old)
		}
	}
	s.imports.jobs[id] = job
	s.imports.mu.Unlock()
	s.imports.wait.Go(func() {
		ctx, cancel := context.WithTimeout(s.life, importLimit)
		defer cancel()
		select {
		case s.imports.slots <- struct{}{}:
			job.err = c.run(ctx)
			<-s.imports.slots
		case <-ctx.Done():
			job.err = azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The import was not begun before the cloud stopped. Send it again.")
		}
		s.imports.mu.Lock()
		job.ended = s.o.Now()
		s.imports.mu.Unlock()
		close(job.done)
		s.settleImport(id, job.err)
	})
	return job
}

func (s *Service) stillImporting(r *arm.CallRequest, id string) httpd.Reply[httpd.None] {
	h := http.Header{}
	h.Set("Location", "https://"+r.Host+r.ID.String()+"/importStatuses/"+id+"?api-version="+versions[0])
	httpd.SetRetryAfter(h, time.Second)
	return httpd.Reply[httpd.None]{Status: http.StatusAccepted, Header: h}
}

// importStatus tells how an import goes: 202 while it runs, then 200 or its error.
func (s *Service) importStatus(_ context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[httpd.None], error) {
	s.imports.mu.Lock()
	job := s.imports.jobs[r.Values["operation"]]
	s.imports.mu.Unlock()
	if job == nil || !job.registry.Equal(r.ID) {
		ended, known, err := s.keptImport(r.Values["operation"], r.ID)
		switch {
		case ended:
			return importEnded(err)
		case known: // it goes on in a moment
			return s.stillImporting(r, r.Values["operation"]), nil
		}
		return httpd.Reply[httpd.None]{}, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The registry '%s' has no import '%s', or it ended long ago. Look for the image, or send the import again.", r.ID.Name(), r.Values["operation"])
	}
	select {
	case <-job.done:
		return importEnded(job.err)
	default:
		return s.stillImporting(r, r.Values["operation"]), nil
	}
}

// planImport checks everything that can be checked before bytes move: names,
// targets, and the caller's right to the source.
func (s *Service) planImport(ctx context.Context, order importOrder, target access.Registry) (*copying, error) {
	in := order.Import
	repo, reference, ok := splitReference(in.Source.SourceImage)
	if !ok {
		return nil, badImport("source.sourceImage", "The source image '%s' is not written like NAME:TAG or NAME@sha256:DIGEST.", in.Source.SourceImage)
	}
	c := &copying{service: s, target: target, reference: reference, event: order.Event}
	for _, t := range in.TargetTags {
		name, tag, ok := splitReference(t)
		if !ok || strings.Contains(tag, ":") {
			return nil, badImport("targetTags", "The target tag '%s' is not written like NAME:TAG.", t)
		}
		c.goals = append(c.goals, goal{name, tag})
	}
	for _, name := range in.UntaggedTargetRepositories {
		if !oci.ValidName(name) {
			return nil, badImport("untaggedTargetRepositories", "'%s' is not a repository name.", name)
		}
		c.goals = append(c.goals, goal{name, ""})
	}
	if len(c.goals) == 0 {
		tag := reference
		if strings.Contains(tag, ":") {
			tag = ""
		}
		c.goals = []goal{{repo, tag}}
	}
	if force := strings.EqualFold(in.Mode, "Force"); !force {
		if in.Mode != "" && !strings.EqualFold(in.Mode, "NoForce") {
			return nil, badImport("mode", "The mode '%s' is not one of NoForce and Force.", in.Mode)
		}
		for _, g := range c.goals {
			if _, _, err := s.content.Resolve(c.name(g), g.tag); err == nil && g.tag != "" {
				return nil, azure.Errorf(azure.Conflict, azure.CodeConflict, "The tag '%s:%s' already exists in the registry '%s'. Import with another tag, or with the mode Force.", g.repository, g.tag, target.Name)
			}
		}
	}
	var err error
	c.from, err = s.importSource(ctx, order, repo)
	return c, err
}

func badImport(target, format string, args ...any) error {
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, format, args...).At(target)
}

// splitReference takes "name", "name:tag" or "name@digest" apart.
func splitReference(s string) (repo, reference string, ok bool) {
	if name, d, found := strings.Cut(s, "@"); found {
		name, _, _ = strings.Cut(name, ":")
		return name, d, oci.ValidName(name) && digest.Digest(d).Validate() == nil
	}
	repo, reference, found := strings.Cut(s, ":")
	if !found {
		reference = "latest"
	}
	return repo, reference, oci.ValidName(repo) && oci.ValidTag(reference)
}

// goal is where an import puts the image; without a tag by its digest alone.
type goal struct{ repository, tag string }

// source is where an import takes the image from.
type source interface {
	// manifest gives the manifest that a tag or digest names.
	manifest(ctx context.Context, reference string) (mediaType string, d digest.Digest, data []byte, err error)
	// blob brings a blob into a repository of the target.
	blob(ctx context.Context, to repository.Name, d digest.Digest) error
}

// copying is one import under way.
type copying struct {
	service   *Service
	from      source
	target    access.Registry
	reference string
	goals     []goal
	event     oci.Event
	count     int // manifests so far
}

func (c *copying) name(g goal) repository.Name {
	return repository.Name{Registry: c.target.UID, Repository: g.repository}
}

// run copies the image to every goal, and tells of it as of a push.
func (c *copying) run(ctx context.Context) error {
	for _, g := range c.goals {
		c.count = 0
		d, err := c.tree(ctx, c.name(g), c.reference, g.tag, 0)
		if err != nil {
			return err
		}
		e := c.event
		e.Repository, e.Tag, e.Descriptor = g.repository, g.tag, d
		c.service.happened(ctx, e)
	}
	return nil
}

// tree copies a manifest with everything below it, what it names first.
func (c *copying) tree(ctx context.Context, to repository.Name, reference, tag string, depth int) (ocispec.Descriptor, error) {
	if c.count++; depth > importDepth || c.count > importSize {
		return ocispec.Descriptor{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The source image has more than %d manifests or is nested more than %d times.", importSize, importDepth)
	}
	mediaType, d, data, err := c.from.manifest(ctx, reference)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	content := c.service.content
	p := repository.Push{Name: to, Tag: tag, Digest: d, Data: data}
	if p.Manifest, p.Config, err = oci.Describe(content.Holds(to), mediaType, data); err != nil {
		return ocispec.Descriptor{}, err
	}
	for _, b := range p.Manifest.Blobs {
		if _, err := content.StatBlob(to, b); err == nil {
			continue
		}
		if err := c.from.blob(ctx, to, b); err != nil {
			return ocispec.Descriptor{}, err
		}
	}
	for _, child := range p.Manifest.Manifests {
		if _, err := c.tree(ctx, to, child.Digest.String(), "", depth+1); err != nil {
			return ocispec.Descriptor{}, err
		}
	}
	err = content.PutManifest(ctx, p)
	return ocispec.Descriptor{MediaType: p.Manifest.MediaType, Digest: d, Size: p.Manifest.Size}, err
}

// importSource finds the source, and refuses a caller who may not pull from it.
func (s *Service) importSource(ctx context.Context, order importOrder, repo string) (source, error) {
	in := order.Import.Source
	var reg access.Registry
	var err error
	switch {
	case in.ResourceID != "":
		id, perr := azure.ParseID(in.ResourceID)
		if perr != nil || !strings.EqualFold(id.Type(), Type) {
			return nil, badImport("source.resourceId", "The resourceId '%s' is not the id of a registry.", in.ResourceID)
		}
		rec, rerr := s.recordOf(id)
		reg, err = rec.Registry, rerr
	case in.RegistryURI == "":
		return nil, badImport("source", "The source has neither a resourceId nor a registryUri.")
	case s.Hosts(in.RegistryURI):
		reg, err = s.find(in.RegistryURI)
	default:
		return s.elsewhere(in, repo)
	}
	if err != nil {
		return nil, err
	}
	caller := access.Exchanged(reg, order.Principal)
	if in.Credentials != nil {
		if caller, err = s.guard.Password(ctx, reg, in.Credentials.Username, in.Credentials.Password, order.Remote); err != nil {
			return nil, importRefused(err)
		}
	}
	need := access.Repository(repo, access.Pull)
	if err := s.guard.Authorize(reg, caller, need); err != nil && s.guard.Authorize(reg, access.Anonymous(reg), need) != nil {
		return nil, importRefused(err)
	}
	return &neighbour{s, repository.Name{Registry: reg.UID, Repository: repo}}, nil
}

// importRefused words a refusal of the source for the control plane, where 401
// would mean the caller's own token.
func importRefused(err error) error {
	var e *azure.Error
	if errors.As(err, &e) && slices.Contains([]azure.Kind{azure.Unauthenticated, azure.Forbidden}, e.Kind) {
		return azure.Errorf(azure.Forbidden, azure.CodeAuthorizationFailed, "The source registry refused: %s", e.Message).Because(err)
	}
	return err
}

// neighbour is a repository of this cloud as a source. No bytes move.
type neighbour struct {
	service *Service
	from    repository.Name
}

func (n *neighbour) manifest(ctx context.Context, reference string) (string, digest.Digest, []byte, error) {
	d, m, err := n.service.content.Pull(n.from, reference)
	if err != nil {
		return "", "", nil, err
	}
	data, err := n.service.content.Bytes(ctx, d)
	return m.MediaType, d, data, err
}

func (n *neighbour) blob(ctx context.Context, to repository.Name, d digest.Digest) error {
	ok, err := n.service.content.Mount(ctx, to, n.from, d)
	if err == nil && !ok {
		err = azure.Errorf(azure.NotFound, azure.CodeOCIBlobUnknown, "The source repository '%s' has no blob %s, or may not be read.", n.from.Repository, d)
	}
	return err
}
