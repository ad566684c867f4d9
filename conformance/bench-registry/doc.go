// Command bench-registry measures a registry of a cloud beside others on the same machine, in one run, and prints ratios.
//
//	make bench-registry            both transports, all sizes: about seven minutes
//	go run ./bench-registry -quick  fewer rounds, no layer of 1 GB: about two minutes
//
// The others are the distribution project's registry, built from the module proxy (folder distribution, a module of its own),
// and the docker-registry of Debian, installed with apt-get. One that is missing is left out, and the table says so. Both run
// without authentication, with the settings of their packages: a descriptor cache in memory, no access log. Ours verifies a
// bearer token, checks the role of its holder and writes its audit log with every request; over HTTPS it is `lazuli up`,
// over plain HTTP, which the cloud does not offer for registries, the same handler behind tools/plaincloud.
//
// What is measured, each in rounds that go through all servers in another order, on connections that are open already:
//
//   - a layer of 200 MB, one of 1 GB: pushed with POST, PATCH and PUT, as docker does, and pulled
//   - 50 layers of 100 KB with config and manifest, on four connections. The manifest is an artifact's: a cloud unpacks the
//     images that are pushed to it, in the background, which is not the registry's work
//   - GET of a manifest by its tag and HEAD of a blob, as many a second as 16 connections get
//   - the resident memory while 8 clients push 128 MB each
//
// The client is the same for all, and spares its processors: it knows the content it sends and does not look at what it gets but
// in the first round, and over HTTPS it hands the kernel 128 KiB at once, both ways, instead of record by record.
//
// The processor time of the servers says how much of the rate is the client's, who has the same cores. The ceiling is what a
// bare net/http server does that answers the same bytes.
//
// Everything runs in a sandbox, with the servers' files in memory (up to 7 GB): it is the programs that are compared, not the
// disk. Nothing stays. It needs root. Goals are printed as facts: the exit code is 0 unless something could not be measured. The raw numbers
// go to the file -json names.
package main
