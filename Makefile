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
# Arguments for `make run`.
ARGS ?=

MODULES := $(patsubst %/,%,$(dir $(shell git ls-files -co --exclude-standard -- go.mod '*/go.mod')))
REDOCLY := tools/redocly/node_modules/.bin/redocly
GOLANGCI_LINT := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint
COVERED := ./wrappers/...,./sandbox/...,./specs/spectest/...

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## show the whole way from credentials to a mounted widget, offline; ARGS are passed on
	go run ./cmd/fintoken demo $(ARGS)

.PHONY: generate
generate: ## make gen/ from specs/
	go generate ./...

.PHONY: generate-check
generate-check: ## fail if gen/ is not exactly what specs/ give, twice in a row
	bash tools/generate-check.sh

.PHONY: build
build: ## compile every package
	go build ./...

.PHONY: test
test: ## run all tests with the race detector
	go -C tools test -count=1 -short ./...
	go test -race ./...

.PHONY: cover
cover: ## measure what the tests cover; leaves coverage.out
	go test -coverpkg=$(COVERED) -coverprofile=coverage.out ./... | { grep -v 'no test files' || true; }
	@awk -f tools/cover.awk coverage.out

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
specs-validate: ## validate the documents with their examples and defaults
	go test -count=1 ./specs

.PHONY: specs-lint
specs-lint: $(REDOCLY) ## lint the documents
	$(REDOCLY) lint --config tools/redocly/redocly.yaml specs/*.yaml

.PHONY: specs-breaking
specs-breaking: ## fail on a change of the documents that breaks clients of BASE
	bash tools/oasdiff/breaking.sh '$(BASE)'

# npm writes the second file last, so an interrupted install is repeated.
$(REDOCLY): tools/redocly/node_modules/.package-lock.json
tools/redocly/node_modules/.package-lock.json: tools/redocly/package.json tools/redocly/package-lock.json
	npm ci --prefix tools/redocly --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: checks
checks: $(REDOCLY) ## seed faults into copies of the tree and see every check catch its own
	go -C tools test -count=1 ./checks

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
fmt: ## format the Go code
	$(GOLANGCI_LINT) fmt

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: tidy-check
tidy-check: ## fail if a go.mod or go.sum is not tidy, or a cached module was altered
	@failed=0; for dir in $(MODULES); do \
		echo "tidy $$dir"; \
		go -C $$dir mod tidy -diff && go -C $$dir mod verify || failed=1; \
	done; exit $$failed

.PHONY: footprint
footprint: ## show what importing one provider costs a program
	bash tools/footprint.sh

.PHONY: ci
ci: generate-check tidy-check lint specs checks test ## everything that has to pass before a merge

.PHONY: clean
clean: ## remove what was made here
	rm -rf .cache bin coverage.out tools/redocly/node_modules
