// Package image reads a container image from disk and pushes it to a registry: what `lazuli push SRC REF` does.
//
// Load understands four forms of SRC and tells them apart by looking:
//
//	an OCI image layout (a directory with oci-layout and index.json), one platform or many; DIR:NAME chooses by name
//	an archive, plain or gzip: OCI (`skopeo copy ... oci-archive:FILE`) or docker (`docker save -o FILE`)
//	a directory that holds a static program: the whole directory becomes the root of the image
//	a static program by itself
//
// Images made from programs have fixed times and owners and sorted entries, so the same files always give the same digest,
// and a second push moves nothing. A program that needs a dynamic linker is refused: nothing in the image would load it.
//
// Push speaks the registry protocol with go-containerregistry: blobs in parallel, those the registry has are skipped, the
// manifest last. It uses HTTPS only unless told otherwise, also for names (....localhost) for which that library would try
// plain HTTP first.
//
// The package reads no environment, no credential file and no clock; it knows nothing of Azure or of accounts. Whoever
// calls it brings the credentials and the transport that reaches the cloud.
package image
