// Command aci-helloworld is the sample application of the article: a web server of one page.
//
// It listens on port 80, or on the port the variable PORT names, answers every path with the page, and writes one line per
// request to standard output, where `az container logs` finds it. SIGTERM ends it once the requests in hand are answered.
// It is built without cgo, so the image that holds it needs no other file:
//
//	CGO_ENABLED=0 go build -o DIR/aci-helloworld ./examples/aci-helloworld
//	lazuli push DIR REGISTRY/aci-helloworld:v1
//
// It knows nothing of Lazuli and imports the standard library only.
package main
