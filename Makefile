# Everything that is done to this tree, by hand or by a machine, is a target here. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Two targets at once would mix their output and share two cores.
.NOTPARALLEL:

# Tools are run with -modfile, which a workspace forbids.
export GOWORK := off
# The linter of the documents stays off the network.
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true

# What the documents are compared with to find breaking changes.
BASE ?= origin/main
# How long each fuzz target runs.
FUZZTIME ?= 20s
# Flags for `go test`, as in `make test TESTFLAGS=-count=1`, which takes no result from before.
TESTFLAGS ?=
# How long `make soak` runs.
SOAK ?= 5m
# Arguments for `make run` and `make mutate`.
ARGS ?=
# What a release is called, as in `make release VERSION=v1.2.3`, and where it is built.
VERSION ?=
DIST ?= dist

MODULES := $(patsubst %/,%,$(dir $(shell git ls-files -co --exclude-standard -- go.mod '*/go.mod')))
REDOCLY := tools/redocly/node_modules/.bin/redocly
GOLANGCI_LINT := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint
COVERED := ./wrappers/...,./sandbox/...,./specs/spectest/...,./cmd/...
# The tests that `make test` leaves to `make checks` and `make test-cli`: they run the pinned tools, or compile everything
# anew.
SLOW := ^Test(AddOperation|CleanSpecs|Floors|GenerateCheck|NewProvider|Specs|Release$$|Install$$|Gremlins$$|GremlinEnd$$|Lists$$|Baseline$$)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Where what a target prints is for a program or a paper to take, make does not print the command as well.
.PHONY: run
run: ## get every token once from a sandbox in the same process; ARGS are passed on
	@go run ./cmd/fintoken demo $(ARGS)

.PHONY: generate
generate: ## make specs/bundle and gen/ from the documents
	go generate ./...

.PHONY: update
update: ## write anew what tests compare with the documents, for people to read the difference of
	go test ./specs -run '^TestSurface$$' -update
	go test ./cmd/fintoken -run '^TestHidden$$' -update

.PHONY: bundles
bundles: ## put the documents together, each with its slices: the part of generate that `make specs` looks at
	@for doc in specs/*.yaml; do go -C tools run ./bundle ../$$doc; done

.PHONY: generate-check
generate-check: ## fail if what is generated is not exactly what the documents give, twice in a row
	bash tools/generate-check.sh

.PHONY: build
build: ## compile every package
	go build ./...

.PHONY: test
test: ## run the tests with the race detector, but those that take minutes
	go -C tools test -count=1 -skip '$(SLOW)' ./...
	go test -race -timeout 30m -skip '$(SLOW)' $(TESTFLAGS) ./...

.PHONY: test-thorough
test-thorough: ## run whole the tests that take a sample in `make test`: schedules of the token source, edits of a snapshot, changes of examples
	go test -race -count=1 -run '^TestModel$$' ./wrappers/token -model.schedules=10000
	go test -race -count=1 -run '^TestEditedSnapshots$$' ./sandbox -edits.every=1
	go test -race -count=1 -run '^TestSlicesCheckAsTheWholeDoes$$' ./specs/spectest -near.every=1

.PHONY: test-busy
test-busy: ## run the tests on a machine that has other work to do: beside eight threads that spin
	go -C tools build -o ../bin/busy ./busy
	exec bin/busy -n 8 $(MAKE) test TESTFLAGS=-count=1

.PHONY: cover
cover: ## measure what the tests cover; leaves coverage.out
	go test -coverpkg=$(COVERED) -coverprofile=coverage.out ./... | { grep -v 'no test files' || true; }
	@awk -f tools/cover.awk coverage.out

.PHONY: test-modules
test-modules: ## run the tests of the modules that are not the root's
	go -C wrappers/otelrest test -race ./...
	go -C tools test -count=1 ./requirements
	go -C tools/canary test -count=1 ./...
	go -C bench vet ./...
	go -C bench test -count=1 ./...

# The clients for Node that the tests of sandbox/compat call.
sandbox/compat/node/node_modules/.package-lock.json: sandbox/compat/node/package-lock.json
	npm ci --prefix sandbox/compat/node --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: test-compat
test-compat: sandbox/compat/node/node_modules/.package-lock.json ## show that clients which nobody here wrote work against the sandbox
	go -C sandbox/compat test -count=1 ./...

.PHONY: test-faults
test-faults: ## run every fault against every operation and count the cells
	@go test -race -count=1 -v -run '^(TestFaultMatrix|TestSweep)$$' ./wrappers/faults | { grep -E '^(fault matrix|sweep|ok|FAIL|panic)|^ *--- FAIL' || true; }

.PHONY: requirements
requirements: sandbox/compat/node/node_modules/.package-lock.json ## run the tests that docs/requirements.md and docs/promises.md name, and fail on one that is missing or did not run
	go -C tools run ./requirements

.PHONY: canary
canary: ## run all tests and search what they print for the secrets they use
	go -C tools/canary run .

.PHONY: mutate
mutate: ## change one line at a time and see a test fail; takes hours, or less with ARGS such as wrappers/rest or -gremlins=false
	go -C tools run ./mutate $(ARGS)

.PHONY: soak
soak: ## make calls for SOAK against a server with faults; the last line is the figures
	go test -count=1 -timeout 0 -v -run '^TestSoak$$' ./wrappers/faults -args -soak=$(SOAK)

.PHONY: bench-token
bench-token: ## measure the token source beside other libraries' caches
	@go -C bench run ./token

.PHONY: bench-sandbox
bench-sandbox: ## measure the sandbox beside a plain handler, Prism and stripe-mock; wants wrk
	npm ci --prefix bench/sandbox/prism --ignore-scripts --no-audit --no-fund
	mkdir -p bin
	go -C bench/sandbox/stripemock build -o $(CURDIR)/bin/stripe-mock github.com/stripe/stripe-mock
	go -C bench build -o $(CURDIR)/bin/bench-sandbox ./sandbox
	cd bench && ../bin/bench-sandbox -stripe-mock ../bin/stripe-mock

.PHONY: bench-call
bench-call: ## measure a call beside other libraries'
	@go -C bench run ./call

.PHONY: bench-webhook
bench-webhook: ## measure what it costs to take an event, beside the HMAC and the JSON decode that nobody can do without
	@go -C bench run ./webhook

.PHONY: bench-start
bench-start: ## measure how quick the program starts, beside programs by hand
	@go -C bench run ./start -check

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
		done; \
	done

.PHONY: specs
specs: specs-validate specs-lint specs-breaking ## check the OpenAPI documents: validity, style, compatibility with BASE

.PHONY: specs-validate
specs-validate: bundles ## validate the documents with their examples and defaults
	go test -count=1 ./specs

.PHONY: specs-lint
specs-lint: $(REDOCLY) bundles ## lint the documents
	$(REDOCLY) lint --config tools/redocly/redocly.yaml specs/bundle/*.yaml sandbox/admin.yaml

.PHONY: specs-breaking
specs-breaking: bundles ## fail on a change of the documents that breaks clients of BASE
	bash tools/oasdiff/breaking.sh '$(BASE)'

# npm writes the second file last, so an interrupted install is repeated.
$(REDOCLY): tools/redocly/node_modules/.package-lock.json
tools/redocly/node_modules/.package-lock.json: tools/redocly/package.json tools/redocly/package-lock.json
	npm ci --prefix tools/redocly --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: checks
checks: $(REDOCLY) ## seed faults into copies of the tree and see every check catch its own
	go -C tools test -count=1 -timeout 30m ./checks
	go -C tools test -count=1 ./mutate

.PHONY: workflows-check
workflows-check: ## check the files in .github: pins, permissions, make targets, every module watched
	go -C tools test -count=1 -run '^TestGitHub' ./checks

.PHONY: lint
lint: ## lint the Go code of every module
	@failed=0; for dir in $(MODULES); do \
		if [ -n "$$(go -C $$dir list ./... 2>/dev/null)" ]; then \
			echo "golangci-lint $$dir"; \
			(cd $$dir && $(GOLANGCI_LINT) run ./...) || failed=1; \
		fi; \
	done; exit $$failed

.PHONY: fmt
fmt: ## format the Go code of every module, and mend what the linter can
	@for dir in $(MODULES); do \
		if [ -n "$$(go -C $$dir list ./... 2>/dev/null)" ]; then (cd $$dir && $(GOLANGCI_LINT) run --fix ./...); fi; \
	done

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: tidy-check
tidy-check: ## fail if a go.mod or go.sum is not tidy, or a cached module was altered
	@failed=0; for dir in $(MODULES); do \
		echo "tidy $$dir"; \
		go -C $$dir mod tidy -diff && go -C $$dir mod verify || failed=1; \
	done; exit $$failed

.PHONY: install
install: ## install the program where `go install` puts programs
	go install -trimpath -ldflags='-s -w' ./cmd/fintoken

.PHONY: test-tools
test-tools: ## install what tests need besides Go, with apt: shells, a terminal, curl; without it they are skipped
	@missing=; for program in tmux zsh fish curl; do command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	test -f /usr/share/bash-completion/bash_completion || missing="$$missing bash-completion"; \
	if [ -n "$$missing" ]; then \
		as=; [ "$$(id -u)" = 0 ] || as=sudo; \
		$$as apt-get update && $$as apt-get install --yes --no-install-recommends $$missing; \
	fi

.PHONY: test-cli
test-cli: export FINTOKEN_NO_SKIP := 1
test-cli: test-tools ## run the program as its users do: in shells, in a terminal, installed from a module proxy, from a release
	go test -count=1 ./cmd/...
	go -C tools test -count=1 ./release/...

.PHONY: release
release: ## build archives, bills of materials, checksums and the Homebrew formula of VERSION into DIST
	tools/release/release.sh '$(VERSION)' '$(DIST)'

.PHONY: release-publish
release-publish: ## make a GitHub release of what is in DIST
	tools/release/publish.sh '$(VERSION)' '$(DIST)'

.PHONY: footprint
footprint: ## show what importing one provider costs a program
	@bash tools/footprint.sh

.PHONY: ci
ci: export FINTOKEN_NO_SKIP := 1
ci: test-tools generate-check tidy-check lint specs checks requirements test-compat test-modules test-cli test-thorough test ## everything that must pass before a merge

.PHONY: clean
clean: ## remove what was made here
	rm -rf .cache bin $(DIST) coverage.out tools/redocly/node_modules
