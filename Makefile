# Everything a person or a machine runs. Needs Python >= 3.11, git and make; the rest is fetched into .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
SYNC := $(UV) sync --frozen --inexact --quiet
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup demo test check spark faults accuracy bench-setup bench browser clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.core ## install kembali into .venv
demo: .venv/.core ## start the demo shop and print a sign-in link
	@$(BIN)/kembali demo

test: .venv/.dev browser ## run the tests
	$(PYTEST) -m "not spark and not slow" -n 2 --dist loadfile --ignore tests/web/test_api_schema.py
	$(PYTEST) tests/web/test_api_schema.py  # its calls share one name, by which workers would take them for one

check: .venv/.dev ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

spark: .venv/.dev ## the same expressions on a local Spark cluster (needs Java 17)
	$(SYNC) --extra spark
	$(PYTEST) -m spark

faults: .venv/.dev ## kill, race and disorder at full size, and a real Vendure shop
	$(PYTEST) -m slow tests/faults tests/story

accuracy: .venv/.dev ## published tables, planted truths, at full size
	$(PYTEST) -m "slow or not slow" tests/accuracy

bench-setup: .venv/.dev ## what the benchmarks need beside kembali: peers and a load generator
	$(SYNC) --group bench
	@sh bench/peers/ensure_wrk.sh

bench: bench-setup ## all benchmarks, small
	set -e; for file in bench/*.py; do case $$file in */throwaway.py|*/__init__.py) ;; *) $(BIN)/python $$file --quick;; esac; done

browser: .venv/.dev
	@PYTHON=$(BIN)/python sh tests/web/ensure_chromium.sh

clean: ## remove what was installed, never your data
	rm -rf tests/story/*/node_modules .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/uv:
	@echo "Setting up .venv (once; about two minutes on a slow line)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kembali needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"

.venv/.core: pyproject.toml uv.lock | .venv/bin/uv
	$(SYNC) --no-dev
	@touch $@

.venv/.dev: .venv/.core
	$(SYNC)
	@touch $@
