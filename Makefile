# Everything a contributor types. Needs only Python 3.11+ and make: uv is fetched into .tools when absent.
.DEFAULT_GOAL := help
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
BIN := .venv/bin
PYTHON ?= python3
MANIFESTS := pyproject.toml gateway/pyproject.toml invsys/pyproject.toml

.PHONY: help setup lock
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready ## Install the locked environment into .venv

.tools/bin/uv:
	$(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: requirements.lock $(MANIFESTS) | $(filter .tools/%,$(UV))
	$(UV) venv --quiet --allow-existing --python '>=3.11' .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable gateway --editable invsys
	@touch $@

lock: | $(filter .tools/%,$(UV)) ## Resolve requirements.lock anew from the manifests
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group dev $(MANIFESTS) --output-file requirements.lock
