# make lab    install and start the app          make test   everything that CI checks
# make bench  measure it beside its alternatives   make clean  remove what these commands made
# make picture  the README's picture, taken anew
# make base-model  the small language model that scenarios/language_model/base holds, trained anew

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: lab test check bench picture base-model clean

lab: .venv/lab
	@$(BIN)/tui-lab

test: check
	$(BIN)/pytest

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m tests.benchmarks

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/lab: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/dev: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable '.[dev]'
	@touch $@ .venv/lab

picture: .venv/dev
	$(BIN)/python -m tests.terminal.picture README.svg

base-model: .venv/lab
	$(BIN)/python -m tui_lab.scenarios.language_model.base

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
