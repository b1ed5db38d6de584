# watchfloor: two commands are enough, `make run` and `make test`. Needs Python 3.11 or newer and make, nothing else.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto

.PHONY: help setup run test check format docs bench clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed: install it, or name it: make setup PYTHON=python3.12"; exit 3; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP) ## Environment with hash-locked dependencies; leaves .venv/bin/watchfloor

run: $(STAMP) ## Crawl the demo site, index it, open the reading site on 127.0.0.1:8000
	$(BIN)/watchfloor demo

test: $(STAMP) ## The whole test suite (no network beyond loopback)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: $(STAMP) ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## Put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## Write the generated parts of docs/ anew (settings, outcomes, commands, outlets)
	$(BIN)/python docs/generate.py

bench: $(STAMP) ## Benchmarks beside a peer, small sizes; each file in benchmarks/ has --help for the full ones
	$(BIN)/python -m benchmarks.bench_extract
	$(BIN)/python -m benchmarks.bench_index
	$(BIN)/python -m benchmarks.bench_search
	$(BIN)/python -m benchmarks.bench_engines
	$(BIN)/python -m benchmarks.bench_relevance
	$(BIN)/python -m benchmarks.bench_hostile
	$(BIN)/python -m benchmarks.bench_durability
	$(BIN)/python -m benchmarks.bench_complete
	$(BIN)/python -m benchmarks.bench_crawl
	$(BIN)/python -m benchmarks.bench_health --outlets 12 --each 1
	$(BIN)/python -m benchmarks.bench_quotations
	$(BIN)/python -m benchmarks.bench_stories --articles 3000 --peer-articles 200

clean: ## Remove the environment and caches; data folders stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info build
