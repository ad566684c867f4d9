// Package dns answers for the cloud's domain D, and passes every other question on.
//
// It owns the zone: D itself with SOA and NS, the hosts of the cloud's services (exact names and
// wildcards, which lead to the cloud's listeners), a static table, and the names that container groups
// publish, which it asks for one by one. It answers over UDP and TCP, with EDNS0; answers that do not fit are
// truncated so that the client asks again over TCP. A question's spelling is kept (0x20).
//
//	exists, has such addresses     the addresses, authoritative
//	exists, has none of that type  no data: empty answer with SOA
//	does not exist                 NXDOMAIN with SOA
//	ends in localhost              127.0.0.1 and ::1, never passed on (RFC 6761)
//	anything else                  passed to the upstreams; without upstreams REFUSED; if none answers SERVFAIL
//
// Wildcards follow RFC 4592: one applies only beneath the closest name that exists. A region's name in the
// static table therefore keeps the wildcard of D away from groups of that region that are not published.
//
// The server is for local programs and, where the operator says so, for container groups: other peers
// are dropped unanswered; a peer that asks more often than its rate is sent, with an answer no larger than its
// question, to TCP, where it asks one at a time; connections and questions in flight are bounded. So it
// cannot serve to amplify. It does not cache, does not sign, and does not know what a service or a container
// group is.
//
// Records of container groups live 5 seconds: a group that is made anew may come back at another address.
package dns
