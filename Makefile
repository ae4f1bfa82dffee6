# The two commands that matter are `make run` and `make test`; `make help` lists the rest.
# Needed on the machine: git, curl, make, a C compiler, rustup's cargo, Node 20, Python 3.11. The rest they fetch.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Everything that is costly to make lives outside the clone, so that a new clone starts warm.
CACHE := $(or $(PELLUCID_CACHE),$(HOME)/.cache/pellucid)
export CARGO_TARGET_DIR := $(or $(PELLUCID_TARGET_DIR),$(CACHE)/target)
export PATH := $(CACHE)/tools/bin:$(PATH)
PYTHON := $(CACHE)/venv/bin/python
DEBUG_BIN := $(CARGO_TARGET_DIR)/debug/pellucid
RELEASE_BIN := $(CARGO_TARGET_DIR)/release/pellucid
NEXTEST_VERSION := 0.9.143

DATA ?= ./pellucid-data
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
say = @printf '\n== %s\n' "$(1)"

.PHONY: help run build test fmt lint bench update-golden web-check web-test rust-lint rust-test python-test browser-test \
	python-ready browser-ready nextest-ready format-check

help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: build ## build web and server in release and serve on 127.0.0.1:9529 (DATA=./pellucid-data)
	$(call say,serving http://127.0.0.1:9529 from $(DATA); stop with Ctrl-C)
	@exec $(RELEASE_BIN) serve --data $(DATA)

build: web/dist/index.html ## build web and server in release
	$(call say,server in release: the first build takes some twenty minutes on two cores)
	cargo build --release --locked -p pellucid-server

# The quick ones first: a missing space should not cost a build.
test: format-check web-check web-test web/dist/index.html rust-lint rust-test python-test browser-test ## install what the tests need, then run everything
	$(call say,everything passed)

fmt: web/node_modules/.ready ## format everything
	cargo fmt --all
	npm --prefix web run format

lint: format-check web-check web/dist/index.html rust-lint ## formatting and lints only

bench: build ## load a release server over loopback and print what it took
	$(call say,bench: ingest)
	cargo run --release --locked -p xtask -- bench ingest --bin $(RELEASE_BIN) $(BENCH)

update-golden: web/dist/index.html nextest-ready ## rewrite golden files, openapi.json and the web's generated types
	UPDATE=1 cargo nextest run --workspace --locked
	cargo xtask gen

# ---- the steps of `make test`

format-check:
	$(call say,formatting)
	cargo fmt --all --check

web-check: web/node_modules/.ready
	$(call say,web: lint and types)
	npm --prefix web run check

web-test: web/node_modules/.ready
	$(call say,web: component tests)
	npm --prefix web run test

rust-lint:
	$(call say,clippy)
	cargo clippy --workspace --all-targets --locked -- -D warnings

# One build serves unit tests, smoke runs of the benches and, through the binary it leaves, the end-to-end tests.
rust-test: nextest-ready
	$(call say,rust: build)
	cargo build --workspace --all-targets --locked
	$(call say,rust: tests)
	cargo nextest run --workspace --all-targets --locked

python-test: python-ready
	$(call say,the real OpenLIT against the real server)
	PELLUCID_BIN=$(DEBUG_BIN) $(PYTHON) -m pytest -q -p no:cacheprovider tests/e2e

browser-test: python-ready browser-ready web/node_modules/.ready
	$(call say,the same in a browser)
	PELLUCID_BIN=$(DEBUG_BIN) PELLUCID_PYTHON=$(PYTHON) node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.test.mjs

# ---- what they stand on

web/node_modules/.ready: web/package.json web/package-lock.json
	$(call say,web: npm packages)
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.ready $(WEB_SOURCES)
	$(call say,web: build)
	npm --prefix web run build
	@touch $@

# Compared by content, for the environment outlives the clone that made it.
python-ready:
	@if ! cat examples/kimi-flask/requirements.txt tests/e2e/requirements.txt | cmp -s - $(CACHE)/venv/installed.txt; then \
		printf '\n== python packages of the tests\n'; \
		rm -rf $(CACHE)/venv; python3 -m venv $(CACHE)/venv; \
		$(PYTHON) -m pip install -q --disable-pip-version-check -r examples/kimi-flask/requirements.txt -r tests/e2e/requirements.txt; \
		cat examples/kimi-flask/requirements.txt tests/e2e/requirements.txt > $(CACHE)/venv/installed.txt; \
	fi

nextest-ready:
	@if ! cargo nextest --version >/dev/null 2>&1; then \
		printf '\n== cargo-nextest\n'; \
		cargo install cargo-nextest --version $(NEXTEST_VERSION) --locked --root $(CACHE)/tools; \
	fi

browser-ready:
	@tests/e2e/install-browser.sh
