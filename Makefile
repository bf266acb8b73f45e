# Two commands do it all: `make run` and `make test`. `make` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
# Nothing calls home: no telemetry from any tool.
export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
# The machine's own certificates: hospitals sit behind proxies that have theirs.
export UV_SYSTEM_CERTS := true

.PHONY: help run test check format bench pictures lock clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## Build the demo plan through the door and open the screens (SERVE=0: stop after the summary)
	@$(BIN)/veinway run $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/dev.stamp ## Run every test
	@.ci/install-browser
	@.ci/install-postgresql
	@$(BIN)/pytest -m "" -n 2 --dist loadgroup

check: $(VENV)/dev.stamp ## Format, lint, types, contract drift
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/veinway contracts check

format: $(VENV)/dev.stamp ## Put the code in its format and rewrite what contracts derive
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/veinway contracts derive

bench: $(VENV)/bench.stamp ## Measure: ratios to the limit and to peers, printed as tables
	@$(BIN)/python -m tests.bench

pictures: $(VENV)/dev.stamp ## Take the screenshots in docs/ again, from the demo
	@$(BIN)/veinway run --no-serve
	@$(BIN)/python -m tests.apps.pictures

lock: $(VENV)/dev.stamp ## Resolve the locks again from pyproject.toml
	@for extra in "" dev bench; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    $${extra:+--extra dev} $$( [ "$$extra" = bench ] && echo --extra bench ) pyproject.toml -o requirements$${extra:+-$$extra}.lock; done

clean: ## Remove the demo's state (var/); the sources and the environment stay
	rm -rf var

# The environment: Python's own venv, uv from a hashed line, then exactly what the lock says.
$(VENV)/uv.stamp: .ci/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Veinway needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Name another one with: make run PYTHON=python3.12")'
	@echo "Making the environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/uv.lock
	@touch $@

$(VENV)/run.stamp: $(VENV)/uv.stamp requirements.lock pyproject.toml
	@echo "Installing what requirements.lock names …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@echo "Installing what requirements-dev.lock names …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements-bench.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-bench.lock
	@touch $@
