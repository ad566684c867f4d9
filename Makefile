# Entries only; what they do is in tools/.
export GOFLAGS := -buildvcs=false

.PHONY: build quickstart test check bench

build: ; go run ./tools/build

quickstart: ; go run ./tools/build -az && ./bin/lazuli quickstart

test: ; go run ./tools/check

check: ; go run ./tools/check -quick

bench: build ; cd conformance && go run ./bench
