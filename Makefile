# The two commands that matter: `make run` and `make test`. Everything they need beyond git, curl, make, a C compiler,
# rustup's cargo, Node and Python 3 they install themselves.
SHELL := /bin/bash
export CARGO_TARGET_DIR := $(or $(PELLUCID_TARGET_DIR),$(HOME)/.cache/pellucid/target)

.PHONY: test lint
test: lint ## run every test
	@echo "== tests"
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --workspace; else cargo test --workspace; fi

lint: ## formatting and lints
	@echo "== format and lints"
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
