.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# On all cores. At the end it lists the failures, the errors, and each test that was skipped or is expected to fail, with
# the reason.
TESTS := $(BIN)/python -m pytest -n auto --dist worksteal -rfEsx

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.core ## install into .venv and run the tool on seeds/
	$(BIN)/newsdedup ingest seeds/

test: $(VENV)/.dev ## install what is needed and run all tests except the slow ones, on all cores
	@echo 'The slow tests are left to `make test-all`.'
	$(TESTS) -m 'not slow'

test-all: $(VENV)/.dev ## run the slow tests too: killed processes, many duplicates, very long articles
	$(TESTS)

lint: $(VENV)/.dev ## check the style
	$(BIN)/ruff format --check src tests benchmarks action.py
	$(BIN)/ruff check src tests benchmarks action.py

types: $(VENV)/.dev ## check the types, strictly
	$(BIN)/mypy

gate: $(VENV)/.dev ## check that seeds/ has no findings except those in its baseline
	$(BIN)/newsdedup check seeds/ --baseline seeds/.newsdedup-baseline.json

check: lint types test-all gate quality ## everything that CI runs

quality: $(VENV)/.dev ## measure matching, cross-validated, beside rivals and against pinned floors (minutes)
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/related.py

bench: $(VENV)/.core ## measure speed and memory beside rensa, datasketch and datatrove, on ../shared/bulk (many minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python benchmarks/speed.py

train: $(VENV)/.dev ## rebuild the shipped models from ../shared/gold
	$(BIN)/python benchmarks/train.py
	$(BIN)/python benchmarks/train_related.py

format: $(VENV)/.dev ## apply the style
	$(BIN)/ruff check --fix src tests benchmarks action.py
	$(BIN)/ruff format src tests benchmarks action.py

clean: ## remove everything that make created
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis build dist

.PHONY: help demo test test-all lint types gate check quality bench train format clean
