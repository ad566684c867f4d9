// Package volume fills the volumes of container groups that are more than empty:
// clones of Git repositories, files, and shares, which are directories of this
// machine.
//
// # Shares
//
// An azureFile volume names a storage account, a share and the account's key. A
// share is the directory DIR/ACCOUNT/SHARE, where DIR is DATA/shares; the key is
// what the file DIR/ACCOUNT/.key holds, in base64 as Azure's are. Whoever may
// write there makes accounts and shares, for instance:
//
//	install -d -m 700 DATA/shares/myaccount DATA/shares/myaccount/myshare
//	head -c 64 /dev/urandom | base64 -w 0 > DATA/shares/myaccount/.key
//
// The package knows neither groups nor containers: it is told where to put a
// clone, and says where a share is.
package volume
