# make run: the main job on the embedded dataset. make test: the tests that train nothing, in two minutes.
# make check: lint, types, import contract, the site, all tests. make docs: the site, in docs/_build/html.
# make strategies: the evidence for the default tuner and pruner. make bench: the speed beside plain KerasTuner and
# Optuna, into benchmarks/results.md, in some twenty minutes; make bench LONG=long: all of it, in a day.
# Each makes its own environment first, from the versions in constraints.txt; nothing else is needed but Python 3.11+.
PYTHON ?= python3
RUNS ?= 5 # replays of each strategy on each task; strategies.md says how many it has
BIN := .venv/bin
INSTALLED := .venv/installed
unexport PYTHONDONTWRITEBYTECODE # a hundred processes of the tests would compile the package anew

.PHONY: run test check docs strategies bench

run: $(INSTALLED)
	$(BIN)/toonvision

test: $(INSTALLED)
	$(BIN)/pytest -m "not training and not engine and not browser and not latex"

check: $(INSTALLED) docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses 3

docs: $(INSTALLED)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet -d docs/_build/doctrees docs docs/_build/html

strategies: $(INSTALLED)
	$(BIN)/python -m benchmarks.strategies $(RUNS)

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.bench $(LONG)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
