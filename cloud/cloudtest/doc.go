// Package cloudtest starts a whole cloud for a test: the real store in a
// directory of the test's, every room wired as in production, real HTTPS with
// the cloud's own certificates, tokens from its own token service. Only the
// clock, which tests move, and the runtime, which is container/fake, are not
// those of a running cloud.
//
//	c := cloudtest.New(t)
//	owner := c.As("owner")
//	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
//	c.As("stranger").Do("GET", c.Group("rg"), "", 403, "AuthorizationFailed")
//
// It knows what any client of the cloud knows, and how to open one.
package cloudtest
