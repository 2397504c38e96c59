# The commands of the project; the work is done by the scripts in .ci/.
# `make run` and `make test` install what is missing, once, and say so.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
ENV := source .ci/env.sh

.PHONY: help run test prove build bench lists page lint fmt e2e clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: ## Build and start the gateway on http://localhost:8080 (ARGS="--config x.yaml" is passed on)
	@.ci/setup build
	@.ci/page dev
	@$(ENV); say "server: dev build"; cargo build -p server; say "starting"; \
	exec "$$CARGO_TARGET_DIR/debug/gatehouse" serve $(ARGS)

test: ## Check everything: format, lints, licences, Rust tests, the page in Chromium, SDKs
	@.ci/test

prove: ## The full-size proofs, on the release build; writes docs/proofs.md
	@.ci/prove

build: ## Make the release binary, dist/gatehouse
	@.ci/setup build
	@.ci/page release
	@$(ENV); say "server: release build"; cargo build --release -p server; \
	install -m 755 "$$CARGO_TARGET_DIR/release/gatehouse" dist/gatehouse; say "dist/gatehouse is ready"

bench: build ## Measure beside nginx, into docs/benchmarks.md (ARGS="--rounds 1 --keys 0" is passed on)
	@$(ENV); cargo build --release -p load; bench/run dist/gatehouse "$$CARGO_TARGET_DIR/release/load" $(ARGS)

lists: ## Time every list over a million keys, into docs/benchmarks.md
	@.ci/setup build
	@bench/lists

page: ## Build only the page, into dist/site
	@.ci/setup build
	@.ci/page dev

lint: ## Format check, clippy, licences
	@.ci/test lint

fmt: ## Format the Rust code
	@$(ENV); cargo fmt --all

e2e: ## Only the tests in Chromium (ARGS="02-console-keys --headed" is passed to Playwright)
	@.ci/setup build
	@.ci/setup tests
	@.ci/page dev
	@$(ENV); cargo build -p server; cd end2end; \
	GATEHOUSE_BIN="$$CARGO_TARGET_DIR/debug/gatehouse" npm run --silent test -- $(ARGS)

clean: ## Remove what was built; installed tools and ./data stay
	@$(ENV); cargo clean; rm -rf dist end2end/results end2end/screenshots
