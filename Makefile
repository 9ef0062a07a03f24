# Trailsight: `make demo` shows what it does, `make test` proves it. CI calls `make test`.
# Build output stays outside the checkout, so that a fresh clone builds warm.

CACHE ?= $(HOME)/.cache/trailsight
export CARGO_TARGET_DIR ?= $(CACHE)/target
VENV := $(CACHE)/venv
DEMO := $(CACHE)/demo
TOOLS := $(CACHE)/tools
export TRAILSIGHT_TEST_PYTHON := $(VENV)/bin/python
AWS_VENV := $(CACHE)/aws-venv
RUNTIMES := $(CACHE)/runtimes
export TRAILSIGHT_TEST_RUNTIMES := $(RUNTIMES)
export TRAILSIGHT_TEST_AWS := $(AWS_VENV)/bin/aws
NODE := $(CACHE)/e2e-node
export TRAILSIGHT_TEST_NODE := $(NODE)/node_modules

.PHONY: demo test nightly build lint unit fuzz deny tools bench clean

demo: build ## A made-up account for ten days, a stolen key in the last night, and what analyze says of it.
	rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(CARGO_TARGET_DIR)/release/trailsight simulate --tier demo --seed 7 --out $(DEMO)
	@echo
	$(CARGO_TARGET_DIR)/release/trailsight analyze $(DEMO)/AWSLogs --report $(DEMO)/report.html; \
	  code=$$?; test $$code -eq 10 || { echo "expected insights (exit code 10), got $$code" >&2; exit 1; }
	@echo
	@echo "The same as a page: $(DEMO)/report.html"

build:
	cargo build --release --locked -p trailsight

test: tools lint deny unit fuzz ## Everything that must hold.

nightly: ## What takes longer: thousands of simulated lives of a service, each with other faults and deaths.
	TRAILSIGHT_SEEDS=$${TRAILSIGHT_SEEDS:-5000} cargo test --locked -p server --test it simulation

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

unit:
	cargo test --workspace --locked
	@command -v terraform >/dev/null || echo "LEFT OUT: there is no terraform" >&2

fuzz: ## A short run of each fuzz target, on the stable compiler.
	CACHE=$(CACHE) sh fuzz/run.sh $${FUZZ_SECONDS:-5}

deny:
	$(TOOLS)/bin/cargo-deny --locked --all-features check licenses bans sources

tools: $(VENV)/ready $(AWS_VENV)/ready $(NODE)/ready $(RUNTIMES)/python3.11/runtime.json $(TOOLS)/bin/cargo-deny $(TOOLS)/bin/cargo-fuzz

$(TOOLS)/bin/cargo-%:
	cargo install --quiet --locked --root $(TOOLS) --target-dir $(CACHE)/target-tools cargo-$*

$(VENV)/ready: crates/trailsight/tests/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --requirement $<
	touch $@

$(AWS_VENV)/ready: e2e/requirements.txt
	python3 -m venv $(AWS_VENV)
	$(AWS_VENV)/bin/python -m pip install --quiet --requirement $<
	touch $@

$(NODE)/ready: e2e/javascript/package-lock.json
	mkdir -p $(NODE) && cp e2e/javascript/package.json $< $(NODE)
	if command -v npm >/dev/null; then npm ci --prefix $(NODE) --silent --no-fund --no-audit && touch $@; \
	  else echo "LEFT OUT: there is no npm, so the JavaScript SDK is not tried" >&2; fi

# The versions that it pins are in install.rs; the crate's own small program installs, without the rest of the workspace.
$(RUNTIMES)/python3.11/runtime.json: crates/functions/src/runtimes/install.rs
	cargo run --quiet --locked -p functions -- install python3.11 $(RUNTIMES)
	touch $@

bench: ## Speed beside the peers, detection quality, event patterns, the service: an hour.
	python3 bench/speed/run.py
	cargo run --release --locked -p bench-detection
	cargo run --release --locked -p bench-patterns
	python3 bench/service/run.py

clean:
	rm -rf $(DEMO)
	cargo clean
