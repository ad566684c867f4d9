// Package container is the room of Microsoft.ContainerInstance: container
// groups, from the PUT that names one to the process that answers at its name.
//
// It owns: the resource type containerGroups with its actions and logs, the
// desired state of each group, its DNS label (unique in a region) and public
// address (from a pool), what was observed of it (events, restarts, exit codes),
// and the HTTP ingress at {label}.{region}.{Domain}.
//
// # How a group comes to run
//
// A PUT writes intent: the specification with its secrets sealed, the claims on
// label and address, and a run number that grows whenever the containers have to
// be made again. One goroutine a group (runner) makes the world agree:
//
//	Pending -> images resolved -> sandbox -> init containers -> containers ->
//	ready -> Running -> exits, restarts by policy -> Succeeded | Failed | Stopped
//
// Every step may be repeated; containers carry the number of their run, so that
// after a crash the next process adopts what is right and replaces what is not.
// Containers go on while nobody watches; exits are applied when seen.
//
// Probes run beside the containers they ask: liveness ends a container, which its
// policy restarts; readiness opens and closes the public ports that the container
// declares. A group with managed identities finds its token endpoint at
// IDENTITY_ENDPOINT, on its own loopback, and can pull as one of them. Secrets that
// it refers to are read with the rights of the identity that the reference names,
// whenever containers start; they are in memory, and on files in memory, alone.
//
// Azure's limits bound what a group asks for and how many groups a subscription has
// in a region (package limit).
//
// # What it does not know
//
// How processes are isolated (package pod is its whole view of that), what a
// registry is and who may pull (Resolver), how secrets are sealed (Sealer), what
// an identity is and may read (Identities), who publishes DNS (Lookup answers).
//
// # Where it differs from Azure
//
// A create waits until declared TCP ports answer and readiness probes succeed (at
// most Timing.Ready), so that the name works when az returns. A command that
// cannot be started fails the operation instead of looping. Stop keeps the logs,
// address and name. CPU and memory of a container are bounded by its limits, or by
// its requests when it has none. Containers get no new privileges unless
// allowPrivilegeEscalation says so; a seccomp profile makes the default stricter,
// never looser; capabilities beyond the group and privileged containers need the
// cloud's allowPrivileged. azureFile shares are directories of the cloud (package
// volume). A private address is that of the group on this machine, without a
// subnet. A file of a volume by secretReference holds the secret as it is. What is
// not built is refused with NotImplemented and named, never dropped: virtual
// networks, GPUs, Windows, Spot, Dedicated and Confidential, log analytics.
package container
