# Two commands do all the set-up: `make demo` and `make test`. Each needs Python 3.11 or newer.

PYTHON ?= python3
# Package index to install torch from; empty for pip's own. It takes effect when $(VENV) is created.
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
# Modules are compiled on first import instead of by pip, which halves the time that installing torch takes.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile --constraint constraints.txt

# Without compiled modules on disk, every process compiles torch anew: some containers forbid them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-downloads test test-fast mutation lint format clean help

demo: demo-downloads $(VENV)/.installed  ## train all three networks, explain them and write one report
	$(BIN)/glassnet demo

demo-downloads:
	@echo "make demo downloads, where they are missing:"
ifdef TORCH_INDEX
	@echo "  torch from $(TORCH_INDEX) (about 200 MB for a CPU build)"
else
	@echo "  torch (about 200 MB for a CPU build, about 3 GB with CUDA, the default on Linux;"
	@echo "    CPU build: make demo TORCH_INDEX=URL, the URL from https://pytorch.org/get-started/locally)"
endif
	@echo "  other packages (about 120 MB), MNIST (20 MB), movie snippets (32 MB)"
	@echo "it writes packages to $(VENV)/, data to $${GLASSNET_CACHE:-$${XDG_CACHE_HOME:-~/.cache}/glassnet}, runs and the report to $${GLASSNET_RUNS:-runs}/"

test: $(VENV)/.installed-test  ## run the tests on all cores, up to four, one file at a time
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-fast: $(VENV)/.installed-test  ## run the tests that train nothing and open no browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" --durations 10 --durations-min 1 \
		--numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/.installed-lint  ## check format, style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

mutation: $(VENV)/.installed-mutation  ## put small faults into the code and count those that the tests notice
	nice $(BIN)/python benchmarks/mutation.py --out benchmarks/results/mutation.csv

format: $(VENV)/.installed-lint  ## format the code and fix its style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove the environment and the caches of the tools
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 10

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "glassnet: $(PYTHON) is older than Python 3.11"; \
		  echo "  name a newer one: make PYTHON=python3.12 demo"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing the pinned versions into $(VENV) (once, about a minute)"
ifdef TORCH_INDEX
	$(PIP) --no-deps --index-url $(TORCH_INDEX) torch
endif
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	$(PIP) --editable '.[test,lint]'
	@touch $@

$(VENV)/.installed-mutation: $(VENV)/.installed-test
	$(PIP) --editable '.[test,mutation]'
	@touch $@
