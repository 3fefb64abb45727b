# orderly: `make help` lists what can be made.

SHELL       := /bin/bash
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS     := -s -w -X orderly/internal/cli.version=$(VERSION)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
FUZZTIME    ?= 30s
BENCH       ?= .

.PHONY: help run assets build test test-go lint fuzz bench tools-for-tests clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: build ## build orderly and watch this host, with nothing to configure
	@state=$$(mktemp -d) && trap 'rm -rf "$$state"' EXIT && \
	  echo "ask it in another terminal:  bin/orderly status --socket $$state/orderly.sock" && \
	  ORDERLY_CONFIG= bin/orderly run --state-dir "$$state" --socket "$$state/orderly.sock"

build: assets ## build bin/orderly, one static file
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/orderly ./cmd/orderly

assets: ## graphs to zoom into, where npm is there; without them graphs are drawings
	@if command -v npm >/dev/null; then cd web && \
	  { [ -x node_modules/.bin/esbuild ] || npm install --package-lock=false --no-audit --no-fund --loglevel=error; } && npm run --silent build -- --log-level=warning || \
	  echo "graphs stay drawings: what bundles their script cannot be had"; \
	else echo "graphs stay drawings: there is no npm"; fi

test: assets tools-for-tests lint test-go ## everything that must hold before something lands

test-go: ## all Go tests, with the race detector
	go test -race -timeout 15m ./...

tools-for-tests: ## the real servers and the real Monit that tests run against, where they can be had
	@test/install-peers

lint: ## vet, staticcheck, formatting
	go vet ./...
	go run $(STATICCHECK) ./...
	@out=$$(go run $(GOFUMPT) -l cmd internal test) && if [ -n "$$out" ]; then echo "not formatted by gofumpt:"; echo "$$out"; exit 1; fi

fuzz: ## every fuzz target for FUZZTIME each (default 30s)
	@test/fuzz $(FUZZTIME)

bench: ## benchmarks of the Go packages; docs/performance.md tells how to measure beside Monit
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

clean: ## remove what was built
	rm -rf bin dist
