# Every target does its own set-up: a machine needs only Python 3.11 or newer and make.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(if $(shell $(p) -c 'import sys; print(int(sys.version_info >= (3, 11)))' 2>/dev/null | grep 1),$(p))))
BIN := .venv/bin
# Hundreds of processes of the tests import the same modules: without what Python keeps of them each would compile all anew.
unexport PYTHONDONTWRITEBYTECODE
PORT ?= 8080
SPEED ?= 1
N ?= 1
WORKERS := -n 4 --dist worksteal  # more than two cores need: some tests wait for servers and processes; each worker takes 7 s to begin
ONLY ?= tests/browser tests/crash tests/docs tests/servers tests/stories tests/unit/bot tests/unit/handlers/runs tests/unit/runbooks

.DEFAULT_GOAL := help
.PHONY: help setup synapse run test coverage static check format bench soak repeat crash fuzz mutation migration schema lifecycles lock screenshots clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# A stamp is newer than what was installed, so that the second time nothing is done. What only tests need is compiled when it is
# first imported (--no-compile): most of it never is, and compiling all of it is half of the time.
.venv/.run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.mutation: requirements-mutation.lock .venv/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.lock
	@touch $@

.venv-synapse/.done: requirements-synapse.lock
	@test -x .venv-synapse/bin/python || $(PYTHON) -m venv .venv-synapse
	.venv-synapse/bin/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-synapse.lock
	@touch $@

synapse: .venv-synapse/.done ## install a Matrix homeserver to test against

setup: .venv/.run ## make the environment in .venv

run: .venv/.run ## start the demo on http://127.0.0.1:8080 (PORT=…, SPEED=60 for a fast day)
	@$(BIN)/zhiban demo --port $(PORT) --speed $(SPEED)

test: .venv/.dev ## run the tests
	@$(BIN)/pytest $(WORKERS) -q

coverage: .venv/.dev ## run the tests and measure which branches they take; the floor stands in pyproject.toml
	@$(BIN)/pytest $(WORKERS) -q --cov --cov-report=json:coverage.json
	@$(BIN)/python -m tests.support.floor

static: .venv/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: static ## format, lint, types, import contracts, tests with branch coverage
	@$(MAKE) --no-print-directory coverage

format: .venv/.dev ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/.dev ## measure, each figure beside a baseline of the same run
	@$(BIN)/python -m tests.bench

# Hours, before a release: what the tests try a part of at its whole size, then every test that waits for something 50 times.
soak: .venv/.dev ## histories, races, fuzz, a million lines, every crash point, repeats, mutations: all at full size (hours)
	@ZHIBAN_FULL=1 $(BIN)/pytest -m soak $(WORKERS) -q --timeout=0 --crash-rounds=10 --fuzz-requests=1000000 --argument-lines=1000000
	@$(MAKE) --no-print-directory repeat N=50
	@$(MAKE) --no-print-directory mutation

repeat: .venv/.dev ## run what waits for a real clock, process or socket N times (N=50 ONLY=tests/servers)
	@$(BIN)/pytest $(ONLY) $(WORKERS) -q --repeat=$(N)

crash: .venv/.dev ## kill the service at every crash point, N times each (N=10)
	@ZHIBAN_FULL=1 $(BIN)/pytest tests/crash $(WORKERS) -q --crash-rounds=$(N)

fuzz: .venv/.dev ## send N broken requests to every way in (N=1000000)
	@$(BIN)/pytest tests/soak/fuzz $(WORKERS) -q -rP --fuzz-requests=$(N)

mutation: .venv/.mutation ## change one thing of the mechanisms, then of the guards, at a time: does a test notice? (hours)
	@$(BIN)/python -m tests.soak.mutation

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
	echo 'matrix-synapse==1.163.2' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -o requirements-synapse.lock -
	echo 'mutmut==3.8.1' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements-dev.lock -o requirements-mutation.lock -

clean: ## remove the environment and the demo's state
	rm -rf .venv .venv-synapse mutants var
