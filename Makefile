# make demo and make test need Python 3.11 or newer and nothing else; they set up the rest.

PYTHON ?=
VENV ?= .venv
ARGS ?=
# Tests wait for the durable engine more than they compute. Each process keeps its own databases.
WORKERS ?= 4 --dist worksteal

BIN := $(VENV)/bin
READY := $(VENV)/.licbot-ready
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--all-extras --generate-hashes --no-emit-index-url --no-header \
	--output-file requirements.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types layers bench lock upgrade clean

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(READY)  ## start the bot, a licensed system and a local workspace (ARGS="--port 8080")
	@$(BIN)/licbot demo $(ARGS)

test: $(READY)  ## run the tests (ARGS="-k surplus")
	@$(BIN)/pytest --numprocesses $(WORKERS) $(ARGS)

check: lint format types layers  ## lint, formatting, types, layers

lint: $(READY)
	@$(BIN)/ruff check --quiet .

format: $(READY)
	@$(BIN)/ruff format --quiet --check .

types: $(READY)
	@$(BIN)/mypy

layers: $(READY)
	@$(BIN)/lint-imports --no-logo

bench: $(READY)  ## measure, and print the figures
	@$(BIN)/python -m tests.bench $(ARGS)

lock: $(READY)  ## lock again after a change in pyproject.toml, and move nothing else
	@$(LOCK)

upgrade: $(READY)  ## lock the newest of everything
	@$(LOCK) --upgrade

clean:  ## remove what was made here, and the virtual environment
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find licbot plugins tests -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.txt pyproject.toml scripts/setup
	@scripts/setup $(VENV) $(PYTHON)
	@touch $@
