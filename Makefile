# `make help` lists the targets. Everything happens in VENV; nothing is installed elsewhere.

VENV ?= .venv
DEMO ?= 1
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)
# Without compiled modules every process would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough, `python3` preferred.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

# One more than there are processors: some tests wait for other processes. A gigabyte each.
TEST_PROCESSES ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); [ "$$n" -lt 6 ] && echo $$((n + 1)) || echo 6)

hash = $(shell cat $(1) | cksum | cut -d ' ' -f 1)
RUNTIME := $(VENV)/.installed-$(call hash,requirements.txt)
TOOLS := $(VENV)/.tools-$(call hash,requirements.txt requirements-dev.txt)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help install run serve init check test proof crawl lint fmt bench demo-reset demo-order i18n migration docs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Start everything on this machine, with the demo company (HOST, PORT, DATA_DIR, ...)
	@DEMO=$(DEMO) exec $(BIN)/python app.py

test: $(TOOLS) $(MESSAGES) ## Run all tests (T=path for some; REQUIRE_ALL=1: nothing may be missing)
	@$(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --dist worksteal $(T)

proof: $(TOOLS) $(MESSAGES) ## Run the long proofs: races with killed processes, load, crawlers
	@$(BIN)/python -m pytest -q -m "proof or crawler" $(T)

crawl: $(TOOLS) $(MESSAGES) ## Ask every screen and endpoint, of which `make test` asks a part
	@$(BIN)/python -m pytest -q -m crawler -n $(TEST_PROCESSES) --dist worksteal $(T)

lint: $(TOOLS) ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fmt: $(TOOLS) ## Bring the code into shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(TOOLS) $(MESSAGES) ## Measure against the baselines (B=name for one)
	@$(BIN)/python -m benchmarks $(B)

check: install ## Prove the invariants on the whole database
	@$(BIN)/flask check

demo-order: install ## Let one order travel from booking to the settlement
	@DEMO=1 $(BIN)/flask demo-order

demo-reset: install ## Forget the demo company (asks first; YES=1 does not)
	@DEMO=1 $(BIN)/flask demo-reset $(if $(YES),--yes)

init: install ## Migrate the database and add what is missing (production: after each update)
	@$(BIN)/flask init

serve: install ## Serve on PostgreSQL and Redis: web, workers and one scheduler (see Procfile)
	@exec $(BIN)/python -m app.server.serve

i18n: $(TOOLS) ## Collect the strings of code and templates, and compile the translations
	@$(BIN)/pybabel -q extract -F pyproject.toml -k _l -k lazy_gettext -k N_ --no-location --sort-output -o var/messages.pot .
	@$(BIN)/pybabel -q update -i var/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete
	@$(BIN)/pybabel -q compile -d translations

docs: $(TOOLS) ## Write the documents that are made from the code
	@$(BIN)/python -m app.server.parameter_docs
	@$(BIN)/python -m app.server.role_docs

migration: $(TOOLS) ## Write a migration from what the models say now (M="what changed")
	@$(BIN)/python -m app.server.new_revision $(or $(M),change)

install: $(RUNTIME) $(MESSAGES)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found on PATH."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(BIN)/python
	@echo "Installing what the product needs..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@rm -f $(VENV)/.installed-* && touch $@

$(TOOLS): $(RUNTIME)
	@echo "Installing what the tests need..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f $(VENV)/.tools-* && touch $@

%.mo: %.po | $(RUNTIME)
	@$(BIN)/pybabel -q compile -f -i $< -o $@ -l $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
