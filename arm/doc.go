// Package arm is the hall of the control plane. A room hands it a [Provider]:
// a table of resource types with handlers that know only meaning. The hall does
// the rest: routing by case-insensitive resource id, api-version, authentication,
// authorization by the action derived from the table, lenient decoding with
// unknown properties kept, the envelope, tags, ETag, paging, 200/201/202,
// long-running operations, cascading delete and resuming after a crash.
//
// # State
//
// The hall keeps one record a resource: envelope (id, location, tags, sku,
// identity, created, state) and the JSON its room has no field for. A room keeps
// its own tables and writes them in the same transaction. A PUT of a type with
// Ensure writes intent and answers 201 with Azure-AsyncOperation; Ensure then
// makes the world agree, in this process or, after a crash, in the next one:
// Accepted -> (Ensure) -> Succeeded | Failed. A delete of a type with Release
// marks the record Deleting, releases, then removes it; start-up finishes it.
//
// Management groups are the hall's own, between tenant and subscriptions: the
// root, named as the tenant, is always there. [Hall.Above] tells the checker of
// roles which groups a scope inherits from.
//
// # Several processes
//
// On a shared etcd cluster every operation, delete and deployment carries the
// process that does it. A process shows that it lives by a row with a lease; when
// it ends, one of the others takes up what it left ([Options].Tenure).
//
// # What it does not know
//
// Any room, how tokens verify, what properties mean. Where it differs from
// Azure: any well-formed api-version is accepted for every type and answered
// with one superset shape; resource providers are always registered.
package arm
