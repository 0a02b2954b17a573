# What a person runs and what CI runs: `make demo`, `make test`. Everything that is made lies in target/, dist/, .cache/ and .venv/.
# Nothing is assumed beyond Rust, Python 3 with headers and venv, and a C compiler; .ci/prerequisites checks, and installs what it can.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
export PATH := $(HOME)/.cargo/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE := 1

PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
OCTOPRINTS := 1.11.8 2.0.0rc7

STEP := .ci/step
STAMPS := .cache/stamps
TOOLS := .venv/tools
DEV_WHEELS := .cache/wheels
STUBTEST := .cache/stubtest

# A stamp is named after what it depends on, so that it holds across checkouts that touch every file's time.
NODE_RED_KEY := $(shell cksum < tests/node_red/package-lock.json | cut -d' ' -f1)
SYNAPSE_KEY := $(shell cksum < tests/synapse/requirements.txt | cut -d' ' -f1)
REQUIREMENTS_KEY := $(shell cksum < tests/requirements.txt | cut -d' ' -f1)
TOOLS_MADE := $(TOOLS)/.made-$(REQUIREMENTS_KEY)
VENVS_MADE := $(TOOLS_MADE) $(OCTOPRINTS:%=.venv/octoprint-%/.made)
INSTALLED := $(OCTOPRINTS:%=.venv/octoprint-%/.installed)

NATIVE_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml $(shell find crates -type f -not -path '*/__pycache__/*' -not -path '*/target/*')
PLUGIN_SOURCES := pyproject.toml $(wildcard README.md LICENSE) $(shell find plugin -type f -not -path '*/__pycache__/*')

PYTHON_PLACES := plugin tests bench crates/octohooks-py/python

.PHONY: help
help: ## Says what there is.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# ---- what people run ----

.PHONY: demo
demo: $(INSTALLED) ## A print on a real OctoPrint with its webhooks; ONCE=1 ends by itself and tells by its exit code.
	@$(STEP) "build octohooks" cargo build --package octohooks
	@cd tests && ONCE="$(ONCE)" exec "$(CURDIR)/$(TOOLS)/bin/python" -m demo

.PHONY: test
test: lint test-rust test-pages test-python ## Everything that must pass, from formatting to end to end.
	@echo "Everything passed."

.PHONY: test-rust
test-rust: $(STAMPS)/prerequisites ## The tests of the crates.
	@if cargo nextest --version >/dev/null 2>&1; then \
	  $(STEP) "tests of the crates" cargo nextest run --workspace --no-fail-fast; \
	else \
	  $(STEP) "tests of the crates" cargo test --workspace --no-fail-fast; \
	fi

.PHONY: test-pages
test-pages: ## The tests of the pages' pure parts; they need Node.js.
	@if command -v node >/dev/null 2>&1; then \
	  $(STEP) "tests of the pages" node --test crates/octohooks-api/pages_tests/; \
	else \
	  echo "Node.js is not here: the tests of the pages' pure parts are left out (what people see is tested in Chromium)."; \
	fi

.PHONY: test-python
test-python: $(INSTALLED) $(STAMPS)/browser $(STAMPS)/receiver $(STAMPS)/node-red $(STAMPS)/synapse ## The tests of the plugin, and end to end on every OctoPrint; or those that PYTEST_ARGS chooses.
ifeq ($(PYTEST_ARGS),)
	@$(STEP) "tests of the plugin and end to end, the OctoPrints beside each other" $(TOOLS)/bin/python -m pytest tests \
	  -m "not alone" --numprocesses $(words $(OCTOPRINTS)) --dist loadgroup
	@$(STEP) "tests that compare times, by themselves" $(TOOLS)/bin/python -m pytest tests -m alone
else
	@$(STEP) "some tests of the plugin and end to end" $(TOOLS)/bin/python -m pytest tests $(PYTEST_ARGS)
endif

.PHONY: lint
lint: lint-rust lint-python ## Formatting, lints, types.

.PHONY: lint-rust
lint-rust: $(STAMPS)/prerequisites
	@$(STEP) "formatting of Rust (make fmt mends it)" cargo fmt --all --check
	@$(STEP) "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings

.PHONY: lint-python
lint-python: $(TOOLS_MADE) $(STAMPS)/native-wheel
	@$(STEP) "ruff" $(TOOLS)/bin/ruff check $(PYTHON_PLACES)
	@$(STEP) "formatting of Python (make fmt mends it)" $(TOOLS)/bin/ruff format --check $(PYTHON_PLACES)
	@$(STEP) "mypy" $(TOOLS)/bin/python -m mypy
	@rm -rf $(STUBTEST)
	@$(TOOLS)/bin/python -m pip install --quiet --no-deps --no-index --target $(STUBTEST) $(DEV_WHEELS)/octohooks-*.whl
	@$(STEP) "the stub of the native module" env PYTHONPATH=$(STUBTEST) MYPYPATH=$(STUBTEST) \
	  $(TOOLS)/bin/python -m mypy.stubtest octohooks

.PHONY: fmt
fmt: $(TOOLS_MADE) ## Formats everything.
	@cargo fmt --all
	@$(TOOLS)/bin/ruff check --quiet --fix-only $(PYTHON_PLACES)
	@$(TOOLS)/bin/ruff format $(PYTHON_PLACES)

.PHONY: wheels
wheels: $(TOOLS_MADE) ## Both wheels as people install them, small: into dist/.
	@rm -f dist/*.whl
	@$(STEP) "wheel octohooks (size profile)" $(TOOLS)/bin/maturin build --manifest-path crates/octohooks-py/Cargo.toml \
	  --profile wheel --locked --compression-level 9 --out dist
	@$(STEP) "wheel octoprint-webhooks" $(TOOLS)/bin/hatchling build -t wheel -d dist
	@ls -l dist/*.whl

.PHONY: dev-wheels
dev-wheels: $(STAMPS)/native-wheel $(STAMPS)/plugin-wheel ## Both wheels as the tests use them, quick to build: into .cache/wheels/.

.PHONY: venvs
venvs: $(VENVS_MADE) ## The virtual environments: one per OctoPrint, one for the tools.

.PHONY: install
install: $(INSTALLED) ## Puts the wheels under test into every OctoPrint.

.PHONY: fuzz
fuzz: ## Feeds the parsers with garbage, a minute each; needs a nightly Rust. SECONDS_EACH=600 for longer.
	@cargo +nightly fuzz --version >/dev/null 2>&1 || $(STEP) "install cargo-fuzz" cargo install cargo-fuzz --locked
	@for target in templates pictures; do \
	  mkdir -p fuzz/corpus/$$target; \
	  $(STEP) "fuzz $$target" cargo +nightly fuzz run $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
	    -max_total_time=$${SECONDS_EACH:-60} -timeout=10; \
	done

.PHONY: soak
soak: ## The store's crash tests in full: 1,000 kills, 200 power cuts.
	@$(STEP) "soak" env SOAK=1 cargo nextest run --package octohooks-store --no-fail-fast

.PHONY: bench
bench: $(TOOLS_MADE) .venv/bench/.made ## What the plugin costs, each figure beside its limit; BENCH_ARGS=--quick takes three minutes.
	@$(MAKE) wheels
	@$(STEP) "install what is measured" .venv/bench/bin/python -m pip install --quiet --no-deps --no-index \
	  --force-reinstall dist/*.whl
	@$(STEP) "build the Rust half" cargo build --profile wheel --locked --package octohooks-bench
	@PYTHONPATH=tests $(TOOLS)/bin/python -m bench --native target/wheel/octohooks-bench --out .cache/bench.jsonl $(BENCH_ARGS)

.PHONY: clean
clean: ## Removes everything that was made.
	rm -rf target dist .cache .venv .mypy_cache .ruff_cache .pytest_cache
	find plugin tests crates -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- how it is made ----

$(STAMPS)/prerequisites:
	@.ci/prerequisites build "$(PYTHON)"
	@mkdir -p $(@D) && touch $@

$(STAMPS)/browser $(STAMPS)/receiver:
	@.ci/prerequisites $(@F)
	@mkdir -p $(@D) && touch $@

.PHONY: $(STAMPS)/node-red
$(STAMPS)/node-red: $(STAMPS)/node-red-$(NODE_RED_KEY)

$(STAMPS)/node-red-$(NODE_RED_KEY):
	@mkdir -p $(@D) && rm -f $(STAMPS)/node-red-*
	@if .ci/node-red .cache/node-red; then touch $@; fi

.PHONY: $(STAMPS)/synapse
$(STAMPS)/synapse: $(STAMPS)/synapse-$(SYNAPSE_KEY)

$(STAMPS)/synapse-$(SYNAPSE_KEY): | $(STAMPS)/prerequisites
	@mkdir -p $(@D) && rm -f $(STAMPS)/synapse-*
	@if .ci/synapse "$(PYTHON)" .venv/synapse; then touch $@; fi

$(TOOLS_MADE): | $(STAMPS)/prerequisites
	@$(STEP) "environment for the tools" .ci/venv "$(PYTHON)" $(TOOLS) --requirement tests/requirements.txt
	@rm -f $(TOOLS)/.made-* && touch $@

.venv/octoprint-%/.made: | $(STAMPS)/prerequisites
	@$(STEP) "environment for OctoPrint $*" .ci/venv "$(PYTHON)" $(@D) "octoprint==$*"
	@touch $@

.venv/bench/.made: | $(STAMPS)/prerequisites
	@$(STEP) "environment for measuring" .ci/venv "$(PYTHON)" $(@D) "octoprint==1.11.8"
	@touch $@

$(STAMPS)/native-wheel: $(NATIVE_SOURCES) $(TOOLS_MADE)
	@mkdir -p $(DEV_WHEELS) $(@D) && rm -f $(DEV_WHEELS)/octohooks-*.whl
	@$(STEP) "wheel octohooks (for the tests)" $(TOOLS)/bin/maturin build --manifest-path crates/octohooks-py/Cargo.toml \
	  --profile dev --out $(DEV_WHEELS)
	@touch $@

$(STAMPS)/plugin-wheel: $(PLUGIN_SOURCES) $(TOOLS_MADE)
	@mkdir -p $(DEV_WHEELS) $(@D) && rm -f $(DEV_WHEELS)/octoprint_webhooks-*.whl
	@$(STEP) "wheel octoprint-webhooks" $(TOOLS)/bin/hatchling build -t wheel -d $(DEV_WHEELS)
	@touch $@

.venv/octoprint-%/.installed: .venv/octoprint-%/.made $(STAMPS)/native-wheel $(STAMPS)/plugin-wheel
	@$(STEP) "install into OctoPrint $*" $(@D)/bin/python -m pip install --quiet --no-deps --no-index --force-reinstall \
	  $(DEV_WHEELS)/octohooks-*.whl $(DEV_WHEELS)/octoprint_webhooks-*.whl
	@touch $@
