# make prints its targets.

GO   ?= go
TOOL := $(GO) tool -modfile=.ci/tools.mod
export CGO_ENABLED ?= 0

help:
	@echo 'make demo      capture, anonymize, replay at 2x, judge and compare a recording that ships inside'
	@echo 'make test      run the tests (Go alone is enough)'
	@echo 'make check     gofumpt, vet, staticcheck, go mod tidy'
	@echo 'make bench     run the benchmarks, and the peers that are installed beside reprise'
	@echo 'make figures   measure what README and docs/performance.md say, and write it there: an hour on a quiet machine'
	@echo 'make box       runs with a known fault: is the right cause told first'
	@echo 'make gate      compare a sink with itself and with slower ones, on a busy and a quiet machine: 35 minutes'
	@echo 'make fuzz      run every fuzz target for FUZZTIME (10s); with DEEP=1 guided by the coverage of the standard library too'
	@echo 'make peers     the vendors'"'"' own npm packages judge what reprise signs (needs Node 20 and npm)'
	@echo 'make soak      run what takes minutes: kills, writers at once, damage, searches of capacity with their figures; 10 million records; then one real hour, beside a receiver'
	@echo 'make fixtures  make the corpora of fixtures/testdata again, byte for byte'
	@echo 'make build     build bin/reprise'
	@echo 'make module NAME=example.com/you/reprise   give the module the path that you publish it under'

demo: build
	./bin/reprise demo

# On a slow machine the scripts take ten minutes, which is where go test stops a package by itself.
TESTFLAGS ?= -timeout 30m
test:
	$(strip $(GO) test $(TESTFLAGS) ./...)

check:
	@out=$$($(TOOL) gofumpt -l .); test -z "$$out" || { echo "gofumpt would change:"; echo "$$out"; exit 1; }
	$(GO) vet -tags soak ./...
	$(TOOL) staticcheck -tags soak ./...
	$(GO) mod tidy -diff

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) run -C .ci/bench . all -short

# ONLY=peers,sizes names some of them. What a measurement is made of (CORPUS, TWILIO, RECORDING) is told as for the others.
figures:
	@set -e; for piece in $(if $(ONLY),$(shell echo $(ONLY) | tr , ' '),lateness begin peers sizes speeds synthesis); do $(GO) run -C .ci/bench . $$piece -write; done

# Draws on a simulated clock, and over sockets: minutes.
box:
	nice $(GO) run -C .ci/bench . box

# ONLY=busy-equal,rounds-20 names parts of it.
gate:
	$(GO) run -C .ci/bench . gate $(if $(ONLY),-only $(ONLY))

# The packages are those of .ci/peers/package-lock.json; their install scripts are not run.
peers:
	cd .ci/peers && npm ci --ignore-scripts --no-audit --no-fund && node --test

# As many packages side by side as there are processors. DEEP=1 guides by the coverage of the standard library too.
FUZZTIME ?= 10s
fuzz:
	@grep -rl --include='*_test.go' '^func Fuzz' anonymize capture cmd fixtures replay | xargs -n1 dirname | sort -u | \
	  FUZZTIME=$(FUZZTIME) DEEP=$(DEEP) GO=$(GO) xargs -n1 -P "$$(getconf _NPROCESSORS_ONLN)" .ci/fuzz

# The tests of these loops are in files called soak_test.go, built with the tag soak alone.
soak:
	$(GO) test -tags soak -run '^TestSoak' -count=1 -timeout 3h -v ./...
	$(GO) run -C .ci/bench . synthesis
	$(GO) run -C .ci/bench . hour

# Without a commit in its version, which stands in every corpus, each commit makes the same bytes.
fixtures:
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(GO) build -trimpath -buildvcs=false -o "$$tmp/bin/reprise" ./cmd/reprise; \
	mkdir "$$tmp/made"; cd "$$tmp/made"; PATH="$$tmp/bin:$$PATH" sh -e "$(CURDIR)/fixtures/testdata/make.sh"; \
	rm source.rpz; mv ./*.rpz "$(CURDIR)/fixtures/testdata/"

build:
	$(GO) build -trimpath -o bin/reprise ./cmd/reprise

module:
	@$(GO) run .ci/rehome.go $(NAME)

.PHONY: help demo test check bench figures box gate peers fuzz soak fixtures build module
