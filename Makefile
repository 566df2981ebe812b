# How Coursetill is run, checked and tested. `make help` lists the targets.

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

# What a Python must bring along. The shims of some version managers exist but do not run.
PROBE := import ensurepip, sqlite3, ssl, sys, venv; sys.exit(sys.version_info < (3, 11))
# The newest that setup.cfg claims goes first; later ones, which the suite was not run on, go last.
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3.14 python3.15 python3; do \
	if $$each -c "$(PROBE)" >/dev/null 2>&1; then echo $$each; break; fi; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --no-deps
# Built with the locked setuptools, as nothing may be fetched that is not locked.
INSTALL_SHOP := $(INSTALL) --no-build-isolation --editable .
CHECK := said=$$($(BIN)/python -m pip --disable-pip-version-check check) || { echo "$$said" >&2; \
	echo "setup.cfg and the lock files do not agree: run make lock." >&2; exit 1; }

# Each folder here is a package of its own: extensions/financial-aid holds coursetill_financial_aid,
# and its tests in coursetill_financial_aid_tests. There may be any number, and none.
EXTENSIONS := $(patsubst %/pyproject.toml,%,$(wildcard extensions/*/pyproject.toml))
PACKAGES := $(filter-out %_tests %.egg-info,$(wildcard $(addsuffix /coursetill_*,$(EXTENSIONS))))
# What is installed beside the shop: the simulators, which the demo and the tests need, what tests
# are written with, and these.
BESIDE := simulators testing $(EXTENSIONS)
DECLARED := $(wildcard $(addsuffix /pyproject.toml,$(BESIDE)) $(addsuffix /setup.cfg,$(BESIDE)))

RUNS := $(shell $(BIN)/python -c "" 2>/dev/null && echo yes)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: docs reference help run test bare check pythons lint features format wheels mutants bench interop lock clean browser gone

help: ## Say what there is to make.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# PORT and COURSETILL_DATABASE_URL reach the shop through the environment.
run: $(VENV)/.runs $(VENV)/.beside ## Sell courses on this machine: the demo shop, with a gateway that moves no money.
	@exec $(BIN)/coursetill demo

test: lint browser ## Check everything and run every test.
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal --durations=15

# What the shop's own tests are run with where no extension is installed, such as BARE=tests/core.
BARE ?= tests
NONE := from importlib.metadata import entry_points as e; assert not e(group="coursetill.extensions")

bare: browser ## Run the shop's own tests in an environment without any extension.
	@$(MAKE) --no-print-directory VENV=build/bare EXTENSIONS= build/bare/.tests build/bare/.beside
	@build/bare/bin/python -c '$(NONE)'
	@build/bare/bin/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal $(BARE)

check: lint ## Check everything and run the tests of the core: half a minute.
	@$(BIN)/python -m pytest tests/core --numprocesses=$(WORKERS) --dist=worksteal \
		--hypothesis-profile=quick

pythons: $(VENV)/.made ## Run the tests that a Python version can break on every one that is found.
	@$(BIN)/python -m tests.every_python

lint: $(VENV)/.tests $(VENV)/.beside ## Check style, types and who imports whom.
	@mkdir -p build
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy core adapters entrypoints simulators/coursetill_simulators \
		testing/coursetill_testing $(PACKAGES)
	$(BIN)/lint-imports --no-logo --cache-dir build/import-linter
	@$(BIN)/lint-imports --no-logo --cache-dir build/import-linter --config testing/imports.ini
	@for each in $(notdir $(PACKAGES)); do \
		sed "s/PACKAGE/$$each/g" extensions/imports.ini > build/imports-$$each.ini && \
		$(BIN)/lint-imports --no-logo --cache-dir build/import-linter \
			--config build/imports-$$each.ini || exit 1; \
	done

# Other scenarios go on after one has failed, and the pages say which did.
features: $(VENV)/.tests $(VENV)/.beside ## Run every feature, and write build/features/*.md with the results.
	@rm -rf build/features
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal \
		--scenario-results=build/features/results.json tests/features \
		$(wildcard extensions/*/coursetill_*_tests/test_feature.py) || true
	@$(BIN)/python -m tests.features.pages build/features/results.json build/features

format: $(VENV)/.tests ## Put the code into its usual shape.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

reference: $(VENV)/.tests ## Write docs/commands.md, docs/errors.md and docs/architecture.svg again from the code.
	@$(BIN)/python -m entrypoints.cli.app.reference > build/commands.md
	@mv build/commands.md docs/commands.md
	@$(BIN)/python -m entrypoints.cli.app.error_reference > build/errors.md
	@mv build/errors.md docs/errors.md
	@$(BIN)/python docs/site/architecture_picture.py docs/architecture.svg

wheels: $(VENV)/.tests $(VENV)/.beside ## Build the wheels, and run the demo from them in a fresh environment.
	@$(BIN)/python -m pytest tests/wheels

# The site is checked as it is built: a link that leads nowhere ends the build.
docs: reference build/site/venv/.made ## Make the documentation a site, in build/site/html, with search.
	@$(BIN)/python docs/site/site_source.py build/site/source
	@cp docs/site/zensical.toml build/site/
	@cd build/site && venv/bin/zensical build --strict --clean

build/site/venv/.made: requirements-docs.lock
	@mkdir -p build/site
	@$(PYTHON) -m venv build/site/venv
	@build/site/venv/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --requirement $<
	@touch $@

mutants: $(VENV)/.tests $(VENV)/.beside ## Change the core a little and see whether its tests notice; ONLY=core/money.py EVERY=10
	@$(BIN)/python -m tests.mutation.run $(ONLY) --every $(or $(EVERY),1) --workers $(WORKERS)

bench: $(VENV)/.tests ## Tell what a million discounts cost, on PostgreSQL; takes minutes.
	@$(BIN)/python -m tests.budgets.scale

# The vendor's client replaces urllib3 where it is installed: it has an environment of its own.
interop: $(VENV)/.tests build/interop/venv/.made ## Call the simulator with the vendor's own client.
	$(BIN)/python -m tests.interop.run build/interop/venv/bin/python

build/interop/venv/.made: tests/interop/requirements.txt
	@$(PYTHON) -m venv build/interop/venv
	@build/interop/venv/bin/python -m pip install --quiet --requirement $<
	@touch $@

UV := $(BIN)/python -m uv pip compile setup.cfg --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --extra build $(if $(UPGRADE),--upgrade)

lock: $(VENV)/.made ## Write the lock files again from setup.cfg; UPGRADE=1 takes newer versions.
	@$(PIP) install "uv >=0.13,<0.14"
	$(UV) --output-file requirements.lock
	$(UV) --constraints requirements.lock --extra test --extra lint \
		--output-file requirements-dev.lock
	$(UV) --constraints requirements-dev.lock --extra docs --output-file requirements-docs.lock
	@rm -rf coursetill.egg-info # left by the compiler, and found before the installed entry points

clean: ## Remove all that was made here, the environment too.
	rm -rf $(VENV) build dist *.egg-info
	rm -rf {extensions/*,simulators,testing}/{*.egg-info,build}
	find core adapters entrypoints extensions simulators testing tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser of the tests: the system's own where it can be had, else the one Playwright brings.
browser: $(VENV)/.tests
	@if test -x /usr/bin/chromium; then exit 0; fi; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium </dev/null >/dev/null && exit 0; \
	fi; \
	$(BIN)/python -m playwright install chromium

# The stamps below are written last, so an interrupted install is done again.
$(VENV)/.runs: $(VENV)/.made requirements.lock setup.cfg pyproject.toml
	@echo "Installing what the shop runs on"
	@$(INSTALL) --requirement requirements.lock
	@$(INSTALL_SHOP)
	@$(CHECK)
	@touch $@

$(VENV)/.tests: $(VENV)/.made requirements-dev.lock setup.cfg pyproject.toml
	@echo "Installing what the shop is tested with"
	@$(INSTALL) --requirement requirements-dev.lock
	@$(INSTALL_SHOP)
	@$(CHECK)
	@touch $@ $(VENV)/.runs

# Known to the environment as they stand in the folder; which are on, the settings say.
$(VENV)/.beside: $(VENV)/.runs $(DECLARED)
	@for each in $(BESIDE); do \
		$(INSTALL) --no-build-isolation --editable $$each || exit 1; \
	done
	@$(CHECK)
	@touch $@

# Made again when its Python has gone from the machine.
$(VENV)/.made: $(if $(RUNS),,gone)
	@$(or $(PYTHON),false) -c "$(PROBE)" 2>/dev/null || { \
		echo "Coursetill needs Python 3.11 or later with its venv module." >&2; \
		echo "Name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@touch $@
