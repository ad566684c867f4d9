// Package repository keeps what registries hold: repositories, tags, manifests,
// blobs and unfinished uploads.
//
// # State
//
// Rows of the store say what a repository holds (tables registry/repositories,
// registry/manifests, registry/tags, registry/blobs); reads come from memory.
// The bytes are in containerd's content store, namespace "lazuli", so that an
// image pushed here is already where the runtime looks for it.
//
// Each repository has one containerd lease. Everything it links is a resource of
// that lease, from the first byte of an upload on, so containerd's garbage
// collector never takes what was pushed; deleting a link takes the digest out of
// the lease, and the collector frees what no other lease, image or container
// holds. Manifests carry gc.ref labels to their children, so that one image
// record elsewhere is enough to keep a whole image.
//
// With a bucket, finished content goes there before its link is written, and the
// lease lets go of it after some hours: this machine then has only what it runs.
// A row of the table registry/objects stands for each object, from before its
// bytes come until after they went. What links to an object reads that row in its
// transaction; the sweep marks it, looks again, and only then deletes. So no push
// can meet a deletion. Only one process may sweep.
//
// An upload of up to a megabyte is one file of ours in the folder of containerd's
// local store, from the first request on, and moves to its place when its digest is
// verified; then the store is told of it under its digest, which keeps it from the
// collector, and finds nothing left to write. If it does not find it there, the
// bytes are written through it. All else goes through the store's writer.
//
// A link is written after its bytes, and removed before them. [Store.Sweep]
// repairs what a crash left between the two.
//
// # What it does not know
//
// HTTP, callers and rights. Names, tags and digests come in already parsed.
package repository
