# Entries only; what they do is in tools/.
export GOFLAGS := -buildvcs=false

.PHONY: build quickstart test check bench bench-groups bench-registry conformance

build: ; go run ./tools/build

# With AZ=real the unmodified Azure CLI is installed and used instead of the built-in one.
quickstart: ; go run ./tools/build $(if $(filter real,$(AZ)),-az) && ./bin/lazuli quickstart $(if $(AZ),--az $(AZ))

test: ; go run ./tools/check

check: ; go run ./tools/check -quick

bench: build ; cd conformance && go run ./bench

# Container groups alone: beside docker, podman and bare runc, 40 at once, memory.
bench-groups: build ; cd conformance && go run ./bench -only containers,groups,sizes -limit 5m

# The registry alone: beside the distribution project's and Debian's, over HTTP and HTTPS.
bench-registry: build ; cd conformance && go run ./bench-registry

# The official suites of the OCI distribution specification, alone: the program of 2026 and the tests of version 1.1.
conformance: ; cd conformance && go test -count=1 -v -run TestDistribution ./oci
