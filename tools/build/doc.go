// Command build builds what a user runs, below bin/:
//
//	bin/lazuli          the cloud, static, with runc and the slim az inside
//	bin/aci-helloworld  the article's sample application, static: an image for `lazuli push`
//
// The web portal is built before, into portal/dist, where Node.js is installed; else a line says so.
//
// Usage: go run ./tools/build [-az]. runc is built first, from the module go.mod names, because the binary carries it; its C
// parts need gcc and libseccomp-dev, which are installed with apt when missing. What is up to date is not built again.
// With -az the real Azure CLI is installed too; where that is not possible a line says so and the build still succeeds.
package main
