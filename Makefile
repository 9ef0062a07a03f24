# Trailsight: `make demo` shows what it does, on the terminal and in the console; `make test` proves it. CI calls `make test`.
# Build output stays outside the checkout, so that a fresh clone builds warm.

CACHE ?= $(HOME)/.cache/trailsight
export CARGO_TARGET_DIR ?= $(CACHE)/target
VENV := $(CACHE)/venv
DEMO := $(CACHE)/demo
DEMO_CONSOLE = e2e/demo_service.py $(CARGO_TARGET_DIR)/release/trailsight $(DEMO)-console --tier organization
TOOLS := $(CACHE)/tools
export TRAILSIGHT_TEST_PYTHON := $(VENV)/bin/python
AWS_VENV := $(CACHE)/aws-venv
RUNTIMES := $(CACHE)/runtimes
export TRAILSIGHT_TEST_RUNTIMES := $(RUNTIMES)
export TRAILSIGHT_TEST_AWS := $(AWS_VENV)/bin/aws
NODE := $(CACHE)/e2e-node
# What the usual build leaves out, and tests do not.
FEATURES := --features trailsight/cluster
export TRAILSIGHT_TEST_NODE := $(NODE)/node_modules

# The console is built outside the checkout, too: its sources are copied. cargo takes it from there.
CONSOLE := $(CACHE)/console
CONSOLE_BUILD := $(CACHE)/console-build
export CONSOLE_DIST := $(CONSOLE)
CONSOLE_SOURCES := $(shell find console -name node_modules -prune -o -name dist -prune -o -type f -print) \
  crates/server/src/console_api/openapi.json
# Where it was built, a binary without it is an error.
WITH_CONSOLE := CONSOLE_REQUIRED=$$(test -e $(CONSOLE)/built && echo 1 || echo 0)
HAS_NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); if (a > 20 || (a == 20 && b >= 19)) console.log("yes")' 2>/dev/null)

.PHONY: demo demo-stop demo-console test nightly build install console browser lint unit fuzz deny tools bench clean

demo: build ## A stolen key in a made-up account, and what analyze says of it; then the console of an organization, in a bad night.
	rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(CARGO_TARGET_DIR)/release/trailsight simulate --tier demo --seed 7 --out $(DEMO)
	@echo
	$(CARGO_TARGET_DIR)/release/trailsight analyze $(DEMO)/AWSLogs --report $(DEMO)/report.html; \
	  code=$$?; test $$code -eq 10 || { echo "expected insights (exit code 10), got $$code" >&2; exit 1; }
	@echo
	@echo "The same as a page: $(DEMO)/report.html"
	@if test -e $(CONSOLE)/built; then \
	  echo "The console of an organization, in the middle of a bad night, is being filled …"; \
	  python3 $(DEMO_CONSOLE) --background && echo "It serves until you say: make demo-stop"; fi

demo-stop: ## Stops the console that `make demo` has started.
	python3 $(DEMO_CONSOLE) --stop

demo-console: build ## The same console for itself: prints its address, and serves until Ctrl-C.
	python3 $(DEMO_CONSOLE)

build: console ## The program, with its console: $(CARGO_TARGET_DIR)/release/trailsight.
	$(WITH_CONSOLE) cargo build --release --locked -p trailsight

install: console ## The same into ~/.cargo/bin.
	$(WITH_CONSOLE) cargo install --locked --path crates/trailsight

ifeq ($(HAS_NODE),yes)
console: $(CONSOLE_BUILD)/done ## The web page that the binary serves at /console/.
else
console:
	@echo "LEFT OUT: there is no Node.js of 20.19 or newer, so the console is not built" >&2
endif

$(CONSOLE_BUILD)/ready: console/package-lock.json
	cmp -s $< $@ || { mkdir -p $(CONSOLE_BUILD)/console && cp console/package.json $< $(CONSOLE_BUILD)/console && \
	  npm ci --prefix $(CONSOLE_BUILD)/console --silent --no-fund --no-audit; }
	cp $< $@

$(CONSOLE_BUILD)/done: $(CONSOLE_BUILD)/ready $(CONSOLE_SOURCES)
	cd $(CONSOLE_BUILD)/console && rm -rf src tests public
	(tar -c $(CONSOLE_SOURCES)) | tar -x -C $(CONSOLE_BUILD)
	cd $(CONSOLE_BUILD)/console && npm run --silent build
	cmp -s $(CONSOLE_BUILD)/console/dist/built $(CONSOLE)/built || \
	  { rm -rf $(CONSOLE) && cp -R $(CONSOLE_BUILD)/console/dist $(CONSOLE) && touch crates/console/build.rs; }
	touch $@

browser: console ## The console in a real browser, against the real binary with made-up logs.
	@if ! test -e $(CONSOLE)/built; then echo "LEFT OUT: the console is not built, so no browser opens it" >&2; \
	elif ! command -v chromium >/dev/null && ! (apt-get install -qq -y chromium || { apt-get update -qq && apt-get install -qq -y chromium; }) >/dev/null 2>&1; \
	then echo "LEFT OUT: there is no chromium, and apt cannot install it, so no browser opens the console" >&2; \
	else cargo test --quiet --locked --workspace $(FEATURES) --no-run && \
	  TRAILSIGHT_BINARY=$(CARGO_TARGET_DIR)/debug/trailsight TRAILSIGHT_DEMO=$(CURDIR)/e2e/demo_service.py \
	  TRAILSIGHT_SNAPSHOTS=$(CURDIR)/console/tests/snapshots \
	  node --test $(CONSOLE_BUILD)/console/tests/; fi

# Two at once where one mostly waits: the browser, and the fuzz targets, which are one thread each.
test: tools console lint deny unit ## Everything that must hold.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target browser fuzz

nightly: ## What takes longer: thousands of simulated lives of a service, each with other faults and deaths.
	TRAILSIGHT_SEEDS=$${TRAILSIGHT_SEEDS:-5000} cargo test --locked -p server --test it simulation

lint:
	cargo fmt --all --check
	cargo clippy --workspace $(FEATURES) --all-targets --locked -- -D warnings

# Some of them wait for a service most of the time: one more than there are processors.
unit:
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-$$(($$(getconf _NPROCESSORS_ONLN) + 1))} cargo test --workspace $(FEATURES) --locked
	@command -v terraform >/dev/null || echo "LEFT OUT: there is no terraform" >&2

fuzz: ## A short run of each fuzz target, on the stable compiler.
	CACHE=$(CACHE) sh fuzz/run.sh $${FUZZ_SECONDS:-5}

deny:
	$(TOOLS)/bin/cargo-deny --locked --all-features check licenses bans sources

tools: $(VENV)/ready $(VENV)/readers $(AWS_VENV)/ready $(NODE)/ready $(RUNTIMES)/ready $(TOOLS)/bin/cargo-deny $(TOOLS)/bin/cargo-fuzz

$(TOOLS)/bin/cargo-%:
	cargo install --quiet --locked --root $(TOOLS) --target-dir $(CACHE)/target-tools cargo-$*

# What is installed stands by a copy of the file that asks for it: in a fresh clone, where that file is newer and the same,
# nothing is installed again.
$(VENV)/ready: crates/trailsight/tests/requirements.txt
	cmp -s $< $@ || { python3 -m venv $(VENV) && $(VENV)/bin/python -m pip install --quiet --requirement $<; }
	cp $< $@

$(VENV)/readers: e2e/readers.txt $(VENV)/ready
	{ cmp -s $< $@ || $(VENV)/bin/python -m pip install --quiet --requirement $<; } && cp $< $@ || \
	  echo "LEFT OUT: deltalake and DuckDB cannot be installed, so no other engine reads the lake" >&2

$(AWS_VENV)/ready: e2e/requirements.txt
	cmp -s $< $@ || { python3 -m venv $(AWS_VENV) && $(AWS_VENV)/bin/python -m pip install --quiet --requirement $<; }
	cp $< $@

$(NODE)/ready: e2e/javascript/package-lock.json
	if ! command -v npm >/dev/null; then echo "LEFT OUT: there is no npm, so the JavaScript SDK is not tried" >&2; \
	  else cmp -s $< $@ || { mkdir -p $(NODE) && cp e2e/javascript/package.json $< $(NODE) && \
	  npm ci --prefix $(NODE) --silent --no-fund --no-audit; } && cp $< $@; fi

# The versions that it pins are in install.rs; the crate's own small program installs, without the rest of the workspace.
$(RUNTIMES)/ready: crates/functions/src/runtimes/install.rs
	cmp -s $< $@ || cargo run --quiet --locked -p functions -- install python3.11 $(RUNTIMES)
	cp $< $@

bench: $(VENV)/readers ## Speed beside the peers, detection quality, event patterns, the service, the console, the lake: an hour and a half.
	python3 bench/speed/run.py
	cargo run --release --locked -p bench-detection
	cargo run --release --locked -p bench-patterns
	python3 bench/service/run.py
	python3 bench/console/run.py
	$(VENV)/bin/python bench/lake/run.py

clean:
	rm -rf $(DEMO)
	cargo clean
