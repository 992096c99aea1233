# Needs python3 (3.11 or newer), make and a registry of Python packages; the rest is set up by the targets.
# Every target can be run again: what is already there costs nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .cache/bench-venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STATE ?= .demo
PYTEST ?= $(PY) -m pytest
# arguments for pytest, as in: make unit ARGS='-k policy'
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup tools demo demo-up demo-down test lint format unit cluster integration molecule bench docs pin clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/.installed ## make .venv from requirements/dev.txt
	@:

define check_python
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make: '$(PYTHON)' is missing or older than 3.11 ($$($(PYTHON) --version 2>&1)); name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make: '$(PYTHON)' has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

# $(1): folder of the environment, $(2): its requirements. The stamp is a copy of them, so that a file which is
# only newer (a checkout, a pin that changed nothing) costs nothing, and no environment in use is cleared.
define make_venv
	@if cmp -s $(2) $(1)/.installed; then touch $(1)/.installed; else \
		echo "setup: $(1) from $(2) (about a minute)"; \
		$(PYTHON) -m venv --clear $(1); \
		$(1)/bin/python -m pip install --quiet --require-hashes -r $(2); \
		cp $(2) $(1)/.installed; fi
endef

$(VENV)/.installed: requirements/dev.txt
	$(check_python)
	$(call make_venv,$(VENV),$<)

$(BENCH_VENV)/.installed: requirements/bench.txt
	$(check_python)
	$(call make_venv,$(BENCH_VENV),$<)

tools: setup ## find or build minio and mc
	@$(PY) -m tests.support.binaries minio mc

demo-up: setup
	@$(PY) -m tests.support.embedded up --state $(STATE)
	@$(PY) -m tests.support.sample_data --dest $(STATE)/data

demo: demo-up ## the whole job on an embedded MinIO with sample data
	GEOCROP_DEMO_STATE=$(abspath $(STATE)) $(BIN)/ansible-playbook -i inventory/demo playbooks/site.yml $(ARGS) || status=$$?; \
		$(PY) -m tests.support.embedded status --state $(STATE); exit $${status:-0}

demo-down: setup ## stop the embedded MinIO
	@$(PY) -m tests.support.embedded down --state $(STATE)

test: lint unit integration molecule ## everything: lint, unit, integration, molecule

lint: setup ## ruff, mypy, yamllint, ansible-lint, and whether the references are in step
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline --strict
	$(PY) -m docs.generate --check

format: setup ## rewrite the Python files as lint wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: setup ## tests without a server, and ansible-test's view of the modules
	$(PYTEST) tests/unit tests/sanity $(ARGS)

cluster: tools ## find or build the API server of Kubernetes that tests use
	@$(PY) -m tests.support.kube

integration: tools cluster ## tests against a real MinIO
	$(PYTEST) tests/integration $(ARGS)

molecule: tools ## the molecule scenarios, against the embedded MinIO
	$(PY) -m tests.support.molecule_run $(ARGS)

bench: tools $(BENCH_VENV)/.installed ## measure against mc, s5cmd, rclone, aws and community.aws
	BENCH_VENV=$(abspath $(BENCH_VENV)) $(PY) -m tests.benchmark $(ARGS)

docs: setup ## write the module and role reference under docs/
	$(PY) -m docs.generate $(ARGS)

pin: ## pin requirements/*.txt again from their .in files
	$(check_python)
	@test -x .cache/pin/bin/uv || { $(PYTHON) -m venv .cache/pin && .cache/pin/bin/python -m pip install --quiet --require-hashes -r requirements/pin.txt; }
	requirements/pin.sh .cache/pin/bin/uv

clean: ## stop the demonstration; remove what make made (the built tools in .cache/bin stay)
	@if test -x $(PY) && test -e $(STATE)/minio.json; then $(PY) -m tests.support.embedded down --state $(STATE); fi
	@rm -rf $(STATE) $(VENV) $(BENCH_VENV) .cache/pin .cache/build .cache/go-work .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov reports
	@find . -path ./.git -prune -o -path ./.cache -prune -o -name __pycache__ -type d -exec rm -rf {} +
