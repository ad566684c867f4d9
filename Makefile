# Entries only; what they do is in tools/.
export GOFLAGS := -buildvcs=false

.PHONY: build quickstart test check bench conformance

build: ; go run ./tools/build

quickstart: ; go run ./tools/build -az && ./bin/lazuli quickstart

test: ; go run ./tools/check

check: ; go run ./tools/check -quick

bench: build ; cd conformance && go run ./bench

# The official suite of the OCI distribution specification, alone.
conformance: ; cd conformance && go test -count=1 -v -run TestDistributionSpecification ./oci
