# Everything a contributor types. Needs only Python 3.11+ and make: uv is fetched into .tools when absent.
.DEFAULT_GOAL := help
# The first interpreter that is new enough; a pyenv or asdf shim that points nowhere is passed over.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
BIN := .venv/bin
MANIFESTS := pyproject.toml servicekit/pyproject.toml gateway/pyproject.toml invsys/pyproject.toml accounts/pyproject.toml
PYTEST_ARGS ?=
# Tests wait more than they compute, so more of them run at once than there are cores. Those that need the machine to
# themselves are marked `alone` and come first. Whoever names tests gets them one after the other, unless told `-n 3`.
JOBS ?= 3
PYTEST := $(BIN)/pytest
AT_ONCE := $(if $(PYTEST_ARGS),,-n $(JOBS) --dist worksteal)
# Beside release builds of the others, Moongate is measured on the distribution's release build of CPython, where there is
# one: what pyenv builds lacks profile-guided optimization, and costs a request 2 us of 25 more.
BENCH_PYTHON ?= $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo /usr/bin/python3 || echo '$(PYTHON)')
SCENARIO := plain
ROUNDS := 5
SECONDS := 3
BENCH_ARGS ?=
# What passes requests; the other tests see nothing of how that runs.
COMPILED := $(addprefix gateway/tests/,conformance fuzz \
	$(addprefix unit/,core protocol net routing upstream filters proxy observe worker) \
	$(patsubst %,integration/test_%.py,access drain failures filters flow hostile lasting overload own_answers requests \
	responses retries sse tls upstream_faults websocket))
CHECKS := check-format check-lint check-types check-test-types check-imports check-rooms

.PHONY: help setup lock run test test-slow test-slow-alone test-slow-beside test-compiled wheel bench check $(CHECKS) format
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.ready ## Start the whole system and print curl lines to paste (PORT=8080 STATE=var PORT_INVSYS= PORT_ACCOUNTS=)
	@exec env PYTHONPATH=tools $(BIN)/python -m run_system $(if $(PORT),--port '$(PORT)') \
		$(if $(PORT_INVSYS),--invsys-port '$(PORT_INVSYS)') $(if $(PORT_ACCOUNTS),--accounts-port '$(PORT_ACCOUNTS)') \
		$(if $(STATE),--state '$(STATE)')

test: .venv/.ready ## Every test that is not slow, three at once (JOBS=3); PYTEST_ARGS='-k name' narrows
	$(PYTEST) -m 'not slow' $(AT_ONCE) $(PYTEST_ARGS)

test-slow: .venv/.ready ## The slow tests: a GiB through the gateway, keep-alive races, load
	$(if $(PYTEST_ARGS),$(PYTEST) -m slow $(PYTEST_ARGS),$(MAKE) test-slow-alone test-slow-beside)

test-slow-alone: .venv/.ready
	$(PYTEST) -m 'slow and alone' $(PYTEST_ARGS)

test-slow-beside: .venv/.ready
	$(PYTEST) -m 'slow and not alone' $(AT_ONCE) $(PYTEST_ARGS)

test-compiled: .venv/compiled/.ready ## The tests of what passes requests, with the hot modules compiled as in the wheel
	@PYTHONPATH=$(<D) $(BIN)/python -c 'import moongate.proxy.exchange as it; assert it.__file__.endswith(".so"), it'
	PYTHONPATH='$(CURDIR)/$(<D)' $(PYTEST) -m 'not slow' $(AT_ONCE) $(or $(PYTEST_ARGS),$(COMPILED))

wheel: .venv/compiled/.ready ## The gateway's wheel for this machine and its Python, hot modules compiled, into dist/
	@mkdir -p dist && cp $(<D)/.wheel/*.whl dist/ && ls dist/*.whl

bench: .venv-bench/.ready ## CPU per request beside other gateways (SCENARIO=plain ROUNDS=5 SECONDS=3 BENCH_ARGS=--check)
	@$(MAKE) --no-print-directory .venv-bench/compiled/.ready || echo 'So only the interpreted gateway is measured.' >&2
	.venv-bench/bin/python -m benchmarks $(SCENARIO) --rounds $(ROUNDS) --seconds $(SECONDS) $(BENCH_ARGS)

check: .venv/.ready ## Format, lint, types, import rules, room cards, mirror tests, budgets: every problem at once
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

check-format:
	$(BIN)/ruff format --check .

check-lint:
	$(BIN)/ruff check .

check-types:
	$(BIN)/mypy servicekit/src gateway/src gateway/hatch_build.py invsys/src accounts/src tools benchmarks

check-test-types:
	MYPYPATH=tools:tests:gateway/tests $(BIN)/mypy --explicit-package-bases tests

check-imports:
	$(BIN)/lint-imports --no-logo --cache-dir .cache/import_linter

check-rooms:
	$(BIN)/python tools/check_rooms.py

format: .venv/.ready ## Put every file into the house format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

setup: .venv/.ready ## Install the locked environment into .venv

# Debian's python3 may lack ensurepip; then the system's pip, where there is one, fills the bare environment.
.tools/bin/uv:
	@$(if $(PYTHON),,echo 'No Python 3.11 or newer found: install one, or name it with make PYTHON=/path/to/python3' >&2; exit 1)
	@echo 'Fetching uv into .tools ...'
	@$(PYTHON) -m venv --clear .tools >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip .tools
	@if [ -x .tools/bin/pip ]; then .tools/bin/pip install --quiet --disable-pip-version-check uv; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m pip --python .tools/bin/python --disable-pip-version-check install --quiet uv; \
	else echo '$(PYTHON) has neither ensurepip nor pip: install python3-venv (Debian, Ubuntu) or uv, then try again' >&2; \
		exit 1; fi

.venv/.ready: INTERPRETER = $(or $(PYTHON),>=3.11)
.venv-bench/.ready: INTERPRETER = $(BENCH_PYTHON)
.venv/.ready .venv-bench/.ready: requirements.lock $(MANIFESTS) | $(filter .tools/%,$(UV))
	@echo 'Installing the locked environment into $(@D) ...'
	@$(UV) venv --quiet --allow-existing --no-python-downloads --python '$(INTERPRETER)' $(@D)
	@$(UV) pip sync --quiet --python $(@D)/bin/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(@D)/bin/python --no-deps --no-build-isolation --editable servicekit \
		--editable gateway --editable invsys --editable accounts
	@touch $@

INCLUDE := import sysconfig; print(sysconfig.get_path("include"))
.PHONY: .venv/compiler .venv-bench/compiler
.venv/compiler .venv-bench/compiler: %/compiler: %/.ready
	@command -v cc >/dev/null && test -e "$$($*/bin/python -c '$(INCLUDE)')/Python.h" || \
		{ echo 'To compile takes a C compiler and the headers of Python: apt-get install gcc python3-dev' >&2; exit 1; }

# The gateway as its wheel has it, beside an environment in which it runs from its sources: naming this folder in
# PYTHONPATH chooses it. Its hot modules are compiled, which takes half a minute and a C compiler with Python's headers.
.venv/compiled/.ready .venv-bench/compiled/.ready: %/compiled/.ready: %/.ready gateway/hatch_build.py \
		$(shell find gateway/src -name '*.py') | %/compiler
	@echo 'Compiling the gateway into $(@D) ...'
	@rm -rf $(@D)
	@HATCH_BUILD_HOOK_ENABLE_CUSTOM=true $(UV) build --quiet --wheel --no-build-isolation --python $*/bin/python \
		--out-dir $(@D)/.wheel gateway
	@$(UV) pip install --quiet --python $*/bin/python --no-deps --target $(@D) $(@D)/.wheel/*.whl
	@touch $@

lock: | $(filter .tools/%,$(UV)) ## Resolve requirements.lock anew from the manifests
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group dev --no-emit-package moongate-servicekit $(MANIFESTS) --output-file requirements.lock
