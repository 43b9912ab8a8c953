# Every target does its own set-up: a machine needs only Python 3.11 or newer and make.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(if $(shell $(p) -c 'import sys; print(int(sys.version_info >= (3, 11)))' 2>/dev/null | grep 1),$(p))))
BIN := .venv/bin
PORT ?= 8080
SPEED ?= 1
N ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench crash fuzz migration schema lifecycles lock screenshots clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# A stamp holds the hash of what was installed, so that the second time nothing is done.
.venv/.run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/.run ## make the environment in .venv

run: .venv/.run ## start the demo on http://127.0.0.1:8080 (PORT=…, SPEED=60 for a fast day)
	@$(BIN)/zhiban demo --port $(PORT) --speed $(SPEED)

test: .venv/.dev ## run the tests
	@$(BIN)/pytest -n 2 --dist worksteal -q

check: .venv/.dev ## format, lint, types, import contracts, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: .venv/.dev ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/.dev ## measure, each figure beside a baseline of the same run
	@$(BIN)/python -m tests.bench

crash: .venv/.dev ## kill the service at every crash point, N times each (N=10)
	@$(BIN)/pytest tests/crash -n 2 --dist worksteal -q --crash-rounds=$(N)

fuzz: .venv/.dev ## send N broken requests to every way in (N=1000000)
	@$(BIN)/pytest tests/soak/fuzz -n 2 --dist worksteal -q -rP --fuzz-requests=$(N)

migration: .venv/.dev ## write the next migration from the tables (NAME=what_changes)
	@$(BIN)/python -m scripts.new_migration $(NAME)
	@$(BIN)/ruff format -q bot/storage/migrations

schema: .venv/.run ## write runbooks/schema.json and data/schema anew from the loaders
	@$(BIN)/python -m runbooks.language.schema

lifecycles: .venv/.dev ## draw docs/contributing/lifecycles.md anew from the tables
	@$(BIN)/python -m tests.support.lifecycles

screenshots: .venv/.dev ## make docs/images from the running demo
	@$(BIN)/python -m scripts.screenshots

lock: ## write the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group build -o requirements.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group build --group dev -o requirements-dev.lock pyproject.toml

clean: ## remove the environment and the demo's state
	rm -rf .venv var
