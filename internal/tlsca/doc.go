// Package tlsca is the cloud's own certificate authority.
//
// It owns three files in one directory: ca.key (the private key, mode 0600), ca.pem (the certificate to
// trust) and bundle.pem (the system's roots and ours, for REQUESTS_CA_BUNDLE and SSL_CERT_FILE). The
// authority is made once, lives ten years, and may vouch for nothing but the cloud's domain, localhost and
// loopback addresses: the certificate says so in critical name constraints, so that trusting it gives
// nobody power over other names, not even somebody who steals the key.
//
// Leaf certificates are made when a client asks for a name. Each covers that one name: a wildcard
// covers a single label only, so it can fit neither vault.D and name.vault.D nor name.region.service.D, and
// browsers refuse *.localhost altogether. Leaves and their keys live in memory, are renewed when a third
// of their time is left, and the number kept is bounded because the names are the callers' to choose.
//
// The package does not know which names exist, and it does not install anything into a system's or a
// browser's trust store.
package tlsca
