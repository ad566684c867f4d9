// Package console is Cloud Shell: a bash in a container of the cloud for each
// user, in the browser and for the clients of Azure's own service.
//
// It owns: Microsoft.Portal's consoles/default and userSettings/cloudconsole at
// the control plane, and what a console's own address answers:
//
//	PUT|GET|DELETE /providers/Microsoft.Portal/consoles/default   the caller's console
//	POST .../consoles/default/keepAlive                           puts its end off
//	POST {uri}/terminals?cols=&rows=&shell=bash                   a terminal, answers socketUri
//	POST {uri}/terminals/{id}/size?cols=&rows=                    resizes it
//	POST {uri}/accessToken                                        renews the sign-in
//	GET  {socketUri}                                              its web socket, once, within a minute
//
// # A console
//
// It is a sandbox of the runtime with one container, no container group: it is in
// no subscription, so nobody's role reaches it, an Owner's neither. It starts with
// the first PUT and ends when nothing was typed for Options.Idle, with DELETE, when
// its user is gone, and with this process. The home directory is kept for the next
// one until its user is deleted; everything else goes.
//
// # Signed in
//
// Programs in it find tokens of the user at MSI_ENDPOINT, on the sandbox's own
// loopback. None outlives the access token that the user's client showed last, so
// that the shell can act no longer than its user is signed in; what they may do is
// asked of the roles at each request, as everywhere. Beside it listens a proxy that
// leads to the cloud's names; all else is reached from the sandbox's own network,
// as any container group reaches it.
//
// # What it does not know
//
// What the image is made of, how tokens are signed, what the cloud's names are.
// Where it differs from Azure: only bash; files are kept in a directory of the
// cloud instead of a share; consoles are of the process that started them.
package console
