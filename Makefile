PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV ?= uv
# Each worker has its own MongoDB and Redis, for which it waits more than it works.
COUNT := $(shell count=$$(($$(nproc) * 2)); echo $$((count > 6 ? 6 : count)))
WORKERS ?= --numprocesses $(COUNT) --dist loadfile
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
.PHONY: help run test lint check bench lock clean

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

run: $(VENV)/.run-installed ## start sessiond on port 8000, with its own MongoDB and Redis if none are set
	@exec $(BIN)/python server.py serve

test: $(VENV)/.test-installed ## run all tests on real servers; ARGS="-k words" for some
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

lint: $(VENV)/.test-installed ## format check, ruff, mypy, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

check: lint test ## everything that CI checks

bench: $(VENV)/.test-installed ## run the benchmarks, one after the other
	@set -e; for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

lock: ## resolve the dependencies anew into the lock files (needs uv)
	$(COMPILE) --extra embedded --extra build setup.cfg -o requirements.lock
	$(COMPILE) --extra embedded --extra build --extra test -c requirements.lock setup.cfg -o requirements-test.lock

clean: ## remove the environment, caches and build results; the data in .data stays
	rm -rf $(VENV) build dist *.egg-info .coverage .hypothesis
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	PYTHON="$(PYTHON)" scripts/make-environment $(VENV)
	@touch $@

$(VENV)/.run-installed: requirements.lock setup.cfg | $(VENV)/.made
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

$(VENV)/.test-installed: requirements-test.lock setup.cfg | $(VENV)/.made
	$(PIP) --require-hashes -r requirements-test.lock
	$(PIP) --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@
