# Needs make, bash and Python 3.11 or later; everything else is installed into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
INSTALLED := .venv/installed
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

# What is compiled stays compiled: a run of the tests starts two dozen processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test soak check lint types client fmt openapi bench lock

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

run: $(INSTALLED) ## everything on this machine, until Ctrl-C; PORT, SANDBOX_PORT, HOST choose where
	@exec $(BIN)/python -m lld.stack run

# One more than the smallest machine has cores: a fifth of the tests' time is waiting.
test: $(INSTALLED) ## the test suite, with a PostgreSQL and a Valkey of its own
	@$(BIN)/python -m pytest -n 3 -m "not soak" $(ARGS)

soak: $(INSTALLED) ## the races and faults again, with rounds in the hundreds
	@$(BIN)/python -m pytest -n 2 -m soak $(ARGS)

check: lint types client ## what CI runs besides the tests

lint: $(INSTALLED) ## style, lengths, layers, Django's checks, missing migrations, drift of the API document
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python .ci/limits.py
	@$(BIN)/python .ci/saves.py
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py check
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@fresh=$$(mktemp); trap 'rm -f "$$fresh"' EXIT; \
	$(BIN)/python manage.py spectacular --fail-on-warn --validate --file "$$fresh"; \
	diff -u docs/api/openapi.yaml "$$fresh" || { echo "docs/api/openapi.yaml is out of date; run: make openapi"; exit 1; }

types: $(INSTALLED) ## mypy
	@$(BIN)/mypy .

client: $(INSTALLED) ## the sample client, by tsc against the API document
	@.ci/client

fmt: $(INSTALLED) ## format and fix what can be fixed
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

openapi: $(INSTALLED) ## write docs/api/openapi.yaml, its examples from calls
	@RECORD_EXAMPLES=1 $(BIN)/python -m pytest tests/contract/test_examples.py -k shape
	@$(BIN)/python manage.py spectacular --fail-on-warn --validate --file docs/api/openapi.yaml

bench: $(INSTALLED) ## measure, side by side, into bench/results.json
	@$(BIN)/python -m bench $(ARGS)

lock: $(INSTALLED) ## compile requirements/ from pyproject.toml
	@$(COMPILE) pyproject.toml -o requirements/base.txt
	@$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	@$(COMPILE) --group node -o requirements/node.txt

$(INSTALLED): requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name it with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing requirements into .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
