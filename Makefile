# make run: the main job on the embedded dataset. make check: lint, types, import contract, tests.
# Both make their own environment first, from the versions in constraints.txt; nothing else is needed but Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: run check

run: $(INSTALLED)
	$(BIN)/toonvision

check: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
