// Package portal walks through the web portal as a user does: Chromium, driven by the scripts in web/e2e, against a cloud of
// the built binary with real containers. Pictures of every step are left in web/shots, which git ignores.
package portal
