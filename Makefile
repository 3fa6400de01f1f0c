# Every target sets up what it needs. `make help` lists them.
#
#   make test PYTHON=python3.13      another interpreter (the environment is made anew)
#   make test VENV=/tmp/venv         another place for the environment
#   make test PYTEST_ARGS="-k risk"  more for pytest
#   make test WORKERS=0              one test after another, as a debugger wants it

SHELL = /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
OLDEST_PYTHON ?= python3.11
VENV ?= .venv
OLDEST_VENV ?= .venv-oldest
UV ?= uv
BENCH ?=
WORKERS ?= auto
PYTEST_ARGS ?=

DEMO_WARDS = E05999001 E05999002
DEMO_WEEK = 2026-W10
DEMO_MADE_ON = 2026-02-20
BIN = $(VENV)/bin
# A file's tests stay on one worker, which makes what they share once. Long files start first
# (tests/support_long_files.py); xdist's own order, by number of tests, has them last.
PYTEST = python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# A stamp holds the interpreter's version in its name, so that PYTHON=… is never quietly ignored.
python_tag = $(shell $(1) -c 'import platform; print(platform.python_version())' 2>/dev/null)
TAG := $(call python_tag,$(PYTHON))
RUN = $(VENV)/.locked-run-$(TAG)
DEV = $(VENV)/.locked-dev-$(TAG)
PACKAGE = $(VENV)/.package-$(TAG)

.PHONY: help
help: ## this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

# Set-up ------------------------------------------------------------------------------------------

$(RUN): requirements/run.txt
	@sh scripts/venv.sh create "$(PYTHON)" "$(VENV)"
	@sh scripts/venv.sh lock "$(VENV)" requirements/run.txt
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@sh scripts/venv.sh lock "$(VENV)" requirements/dev.txt
	@touch $@

$(PACKAGE): pyproject.toml corridors/__init__.py $(RUN)
	@sh scripts/venv.sh package "$(VENV)"
	@touch $@

.PHONY: install
install: $(PACKAGE) ## the environment in .venv, with the `corridors` command in .venv/bin

.PHONY: install-dev
install-dev: $(PACKAGE) $(DEV) ## the same, with everything that tests and linters need

.PHONY: chromium
chromium: $(DEV) ## a Chromium for the browser tests, if there is none yet
	@sh scripts/chromium.sh "$(BIN)/python"

.PHONY: postgis
postgis: ## a PostgreSQL with PostGIS for the database tests, if there is none yet
	@sh scripts/postgis.sh

# Use ---------------------------------------------------------------------------------------------

.PHONY: demo
demo: install ## plan the demo week in both demo wards and say where the maps are
	@for ward in $(DEMO_WARDS); do \
		$(BIN)/corridors plan . "$$ward" --week $(DEMO_WEEK) --made-on $(DEMO_MADE_ON) || exit; \
	done
	@echo; echo "Open these in a browser (a public notice only where something may be published):"
	@for ward in $(DEMO_WARDS); do \
		ls "$(CURDIR)/maps/working/$$ward/$(DEMO_WEEK)/map_OS.html" || exit; \
		notice="$(CURDIR)/maps/public/$$ward/$(DEMO_WEEK)/notice.html"; \
		if [ -f "$$notice" ]; then echo "$$notice"; fi; \
	done

.PHONY: bench
bench: install-dev chromium ## measure; one line a figure: name value unit. BENCH=name for one benchmark
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: pictures
pictures: demo chromium ## the README's pictures, from the demo's pages
	$(BIN)/python scripts/make_pictures.py
	$(BIN)/python scripts/make_risk_picture.py

# Checks ------------------------------------------------------------------------------------------

.PHONY: lint
lint: install-dev ## formatting, lint, types, and the order of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: test
test: lint chromium postgis ## lint, then all tests but the slow ones
	$(BIN)/$(PYTEST) -m "not slow" $(PYTEST_ARGS)

.PHONY: test-all
test-all: lint chromium postgis ## lint, then all tests
	$(BIN)/$(PYTEST) $(PYTEST_ARGS)

FUZZ ?= 100000

.PHONY: fuzz
fuzz: install-dev ## read 100,000 damaged files, or FUZZ=number, and say what became of them (nightly)
	CORRIDORS_FUZZ=$(FUZZ) $(BIN)/python -m pytest -n $(WORKERS) --dist load -p no:cacheprovider \
		tests/sources/test_fuzz_readers.py $(PYTEST_ARGS)

# The oldest versions have wheels for Python 3.11 and 3.12 only.
OLDEST = $(OLDEST_VENV)/.locked-oldest

$(OLDEST): requirements/oldest.txt pyproject.toml
	@sh scripts/venv.sh create "$(OLDEST_PYTHON)" "$(OLDEST_VENV)"
	@sh scripts/venv.sh lock "$(OLDEST_VENV)" requirements/oldest.txt
	@sh scripts/venv.sh package "$(OLDEST_VENV)"
	@touch $@

.PHONY: test-oldest
test-oldest: $(OLDEST) ## tests (none slow, none in a browser) with the oldest versions we allow
	$(OLDEST_VENV)/bin/$(PYTEST) -m "not slow and not browser" $(PYTEST_ARGS)

# Upkeep ------------------------------------------------------------------------------------------

.PHONY: format
format: $(DEV) ## format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: ## write requirements/*.txt anew from pyproject.toml, with the newest versions
	@sh scripts/lock.sh "$(PYTHON)" "$(UV)"

.PHONY: clean
clean: ## remove environments, caches and the demo's maps; never another ward's
	rm -rf .venv .venv-oldest .venv-lock build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	for ward in $(DEMO_WARDS); do rm -rf "maps/working/$$ward" "maps/public/$$ward"; done
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
