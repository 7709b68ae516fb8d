# The habits. `make run` and `make test` are all that a newcomer needs: each installs what is missing (on Debian 12, as
# root), builds, and does its job; a second call does only what is new.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
BUILD := cmake --build --preset

.PHONY: help run build install dev docs test soak sanitize bench fuzz format lint setup clean

help:      ## this list
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: [^#]*## /\t/' | expand -t 12

run: build ## the sandbox and a few operations against it
	@tools/tour build/release/fairlead

build: setup ## the release binary: build/release/fairlead
	@cmake --preset release >/dev/null && $(BUILD) release -j $(JOBS)

install: build ## the program to PREFIX/bin (default /usr/local)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local) --strip

dev: setup ## the debug binary and all tests: build/dev
	@cmake --preset dev >/dev/null && $(BUILD) dev -j $(JOBS)

test: dev lint ## all tests, the real cluster among them where its programs are there
	@tools/test-packages
	@tools/ctest build/dev -j $(JOBS)

sanitize: setup ## the tests under the address, undefined behaviour and thread sanitizers
	@tools/test-packages
	@cmake --preset asan >/dev/null && $(BUILD) asan -j $(JOBS) && tools/ctest build/asan -LE cluster -j $(JOBS)
	@cmake --preset tsan >/dev/null && $(BUILD) tsan -j $(JOBS) && tools/ctest build/tsan -L unit -j $(JOBS)

fuzz: setup ## every fuzz target for SECONDS_EACH (default 60), or those of TARGETS
	@tools/setup fuzz/packages.txt
	@cmake --preset fuzz >/dev/null && $(BUILD) fuzz $(if $(TARGETS),--target $(addsuffix _fuzz,$(TARGETS))) -j $(JOBS) && tools/fuzz build/fuzz $(or $(SECONDS_EACH),60)

soak: test sanitize ## the long campaigns
	@FAIRLEAD_POLICY_PAIRS=1000000 build/dev/gate_test --gtest_filter='PolicyReference.*'
	@FAIRLEAD=$(CURDIR)/build/dev/fairlead tests/support/with-sandbox --pods 0 -- tests/changes/kill_test.py --changes 1000 --points 200 --write docs/changes_campaign.md
	@FAIRLEAD=$(CURDIR)/build/dev/fairlead tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/killed_test.py --kills 100 --write docs/agents_campaign.md
	@FAIRLEAD=$(CURDIR)/build/dev/fairlead tests/cluster/cluster run -- python3 tests/diagnosis/faults_test.py --slow
	@$(MAKE) fuzz SECONDS_EACH=600

bench: build ## speed and memory beside curl, kubectl and an MCP peer; the sandbox at scale
	@tools/test-packages && tools/setup bench/packages.txt
	@bench/run --fairlead build/release/fairlead
	@bench/sandbox --fairlead build/release/fairlead

docs: build ## docs/operations.md from the catalog
	@build/release/fairlead ops -o markdown > docs/operations.md

format: ## clang-format over all sources
	@tools/setup <(echo clang-format) && tools/cxx-sources | xargs clang-format -i

lint: ## architecture rules, shell scripts, formatting, file sizes
	@tools/check-architecture
	@tools/lint

setup: ## what the build needs, from Debian
	@tools/setup

clean: ## removes build/
	@rm -rf build
