# Two targets matter: `make test` is everything CI asks, `make bench` prints the
# ratios we promise. Tools are built once into .tools.

SHELL := /bin/bash
TOOLS := $(CURDIR)/.tools
BIN   := $(TOOLS)/bin
export PATH := $(BIN):$(PATH)

TEMPL    := github.com/a-h/templ/cmd/templ@v0.3.977
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
MAILPIT  := github.com/axllent/mailpit@v1.27.11
AXE      := axe-core@4.14.0
HTML     := html-validate@10.17.0
ICAL     := ical.js@2.2.1
FUZZTIME ?= 30s

.PHONY: test fast tools system generate generated lint race fuzz promtool bench rush soak screenshots build demo clean

test: tools generated lint race promtool fuzz
	@echo "make test: all green"

# The same without root and without a browser: what is skipped says why.
fast:
	@.ci/fast

build:
	CGO_ENABLED=0 go build -trimpath -o sem ./cmd/sem

demo:
	go run ./cmd/sem demo

tools: $(BIN)/templ $(BIN)/golangci-lint $(BIN)/mailpit $(TOOLS)/node_modules/ical.js/package.json system

$(BIN)/templ:
	GOBIN=$(BIN) go install $(TEMPL)

$(BIN)/golangci-lint:
	GOBIN=$(BIN) go install $(GOLANGCI)

$(BIN)/mailpit:
	GOBIN=$(BIN) go install $(MAILPIT)

$(TOOLS)/node_modules/ical.js/package.json:
	mkdir -p $(TOOLS)
	npm install --prefix $(TOOLS) --no-save --no-audit --no-fund --ignore-scripts $(AXE) $(HTML) $(ICAL) >/dev/null

# Debian packages that stand in for the real world. Without root the tests that
# need one say so and are skipped; with CI=true a skip is a failure.
system:
	@.ci/system

generate:
	templ generate -path portal/views
	go run ./cmd/sem schema > configs/sem.schema.json

# Everything generated is made again and compared.
generated: $(BIN)/templ
	@.ci/generated

lint: $(BIN)/golangci-lint
	golangci-lint run ./...
	golangci-lint fmt --diff ./...

race:
	AXE=$(TOOLS)/node_modules/axe-core/axe.min.js go test -race -timeout 18m ./...

promtool:
	@.ci/metrics

fuzz:
	@.ci/fuzz $(FUZZTIME)

bench:
	@.ci/bench

# Thousands of random sequences of what citizens send, crashes and lost replies.
soak:
	go test -v -run TestModel ./aggregator/outbox -rapid.checks=3000 -timeout 60m

# The opening of a season: 5,000 citizens for 500 seats over real HTTP, a few
# minutes. make test has 200 for 20.
rush:
	SEM_RUSH_PEOPLE=5000 go test ./cmd/sem -run '^TestRush$$' -count=1 -v -timeout 20m

screenshots:
	SCREENSHOTS=$(CURDIR)/dist/screenshots go test ./portal -run TestScreenshots -count=1 -timeout 30m

clean:
	rm -rf $(TOOLS) sem dist
