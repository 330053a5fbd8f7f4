# Needs Python 3.11 or later, make and git; everything else is installed into .venv from the lock files.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

PORT ?= 8000
SPEC := openapi/openapi.yaml
RELEASED = $(shell ls openapi/releases/*.yaml | sort -V | tail -n 1)
BIN := .venv/bin
DEVELOPMENT := env PRESSROOM_ENVIRONMENT=development $(BIN)/pressroom
FUZZ := tests/contract/test_fuzz.py
FUZZ_MOCK := tests/contractgen/mock/test_mock_fuzz.py
NO_SERVER := tests/contractgen tests/contractgen_runtime tests/rules tests/docs tests/house --ignore=tests/contractgen_runtime/postgres
DISTRIBUTIONS := ./src/contractgen_runtime ./src/contractgen .
SDK := tests/sdk
NODE_TOOLS := $(SDK)/node_modules/.package-lock.json
NODE_BIN := $(SDK)/node_modules/.bin
RESOLVE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL $(BIN)/uv pip compile --no-config --quiet --universal \
	--python-version 3.11 --generate-hashes --custom-compile-command 'make lock'
COMPILE := $(RESOLVE) --no-emit-package contractgen --no-emit-package contractgen-runtime pyproject.toml

# Compiled tests are kept: compiling them took a process of pytest as long as running a fifth of them.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.pytest_cache/pyc
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show what make can do
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/.installed ## Make .venv from the lock (any other target does it when needed)

.PHONY: run
run: .venv/.installed ## Serve at http://localhost:8000 (PORT=8000), with a PostgreSQL of its own
	@exec $(DEVELOPMENT) serve --port $(PORT)

.PHONY: dev
dev: .venv/.installed ## The same, with what is saved: a contract is generated again, code loaded again
	@$(BIN)/contractgen generate --watch & trap "kill $$! 2>/dev/null" EXIT INT TERM; \
	$(DEVELOPMENT) serve --reload --port $(PORT)

.PHONY: psql
psql: .venv/.installed ## Look into the development database
	@exec $(DEVELOPMENT) psql

.PHONY: seed
seed: .venv/.installed ## Fill the development database with users and posts
	@exec $(DEVELOPMENT) seed

.PHONY: reset
reset: .venv/.installed ## Empty the development database
	@exec $(DEVELOPMENT) reset

.PHONY: quick
quick: .venv/.installed ## Lint, types, import laws, drift and the contract's version
	@$(MAKE) --no-print-directory --jobs=2 types laws drift lint

.PHONY: check
check: quick ## quick, and the tests that need no server
	$(BIN)/pytest -m 'not slow' $(NO_SERVER)

.PHONY: test
test: EXAMPLES ?= 10
test: quick ## quick, the whole suite and a short fuzz, long tests by samples (EXAMPLES=10)
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest --ignore=$(SDK)
	@echo 'Long tests ran with samples: make test-full runs all of them, make mutants shows what they catch.'

.PHONY: test-full
test-full: EXAMPLES ?= 50
test-full: quick ## The same without samples: corpora, random schemas, a long fuzz (EXAMPLES=50)
	CONTRACTGEN_FULL=1 FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest --ignore=$(SDK)

.PHONY: pages
pages: .venv/.installed ## Do what every page of the documentation says, block by block
	CONTRACTGEN_FULL=1 $(BIN)/pytest tests/docs/test_pages.py

.PHONY: mutants
mutants: .venv/.installed ## Plant one fault at a time in a copy of the project: each must fail a test
	$(BIN)/python -m tests.mutants.run

.PHONY: fuzz
fuzz: EXAMPLES ?= 50
fuzz: SEEDS ?= 42
fuzz: .venv/.installed ## Fuzz a service against the contract, reports in reports/ (EXAMPLES=50 SEEDS="1 2 3" MAX_TIME=seconds)
	CONTRACTGEN_FULL=1 FUZZ_EXAMPLES=$(EXAMPLES) FUZZ_SEEDS="$(SEEDS)" FUZZ_MAX_TIME=$(MAX_TIME) FUZZ_REPORTS=reports $(BIN)/pytest $(FUZZ)

.PHONY: fuzz-mock
fuzz-mock: EXAMPLES ?= 10
fuzz-mock: .venv/.installed ## Fuzz mocks of this and of other contracts (EXAMPLES=10 an operation; minutes)
	CONTRACTGEN_FULL=1 FUZZ_MOCK_EXAMPLES=$(EXAMPLES) $(BIN)/pytest $(FUZZ_MOCK)

.PHONY: load
load: SCENARIO ?= smoke
load: .venv/.installed ## Load a service of its own and judge it by load/slo.toml (SCENARIO=smoke RATE= SECONDS= URL=)
	$(BIN)/python -m load.run --scenario $(SCENARIO) $(if $(RATE),--rate $(RATE)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(URL),--url $(URL))

.PHONY: bench
bench: .venv/.installed ## Measure what a request costs beside other stacks (PEERS="pressroom fastify"; needs Linux, wrk, Node.js)
	$(BIN)/python -m load.peers.bench $(PEERS)

.PHONY: generate
generate: .venv/.installed ## Write generated/ from the contract
	$(BIN)/contractgen generate

.PHONY: lint-contract
lint-contract: $(NODE_TOOLS) ## Lint the contract with redocly, spectral and the OWASP rules (needs Node)
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true REDOCLY_TELEMETRY=off \
		$(NODE_BIN)/redocly lint --config openapi/redocly.yaml $(SPEC)
	NODE_PATH=$(SDK)/node_modules $(NODE_BIN)/spectral lint --ruleset openapi/spectral.yaml --fail-severity hint $(SPEC)

.PHONY: sdk
sdk: .venv/.installed $(NODE_TOOLS) ## Generate SDKs from the served document and use the whole API through each (needs Node; some need Java)
	$(BIN)/pytest -rs --numprocesses=2 $(SDK)

.PHONY: dist
dist: .venv/.installed ## Build the wheels of contractgen-runtime, contractgen and pressroom into dist/
	rm -rf dist
	SOURCE_DATE_EPOCH=1577836800 $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --wheel-dir dist $(DISTRIBUTIONS)
	$(BIN)/twine check --strict dist/*.whl

.PHONY: docs
docs: .venv/.installed ## Build the pages of docs/ into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

.PHONY: image
image: ## Build the production image (needs Docker)
	docker build --tag pressroom --build-arg REVISION="$$(git rev-parse --short HEAD)" .

.PHONY: audit
audit: .venv/.installed ## Look up the locked libraries in the advisories of OSV (0 none, 1 some, 2 no advisory data here)
	@$(BIN)/python -m tests.security.audit

.PHONY: sbom
sbom: .venv/.installed ## Write a bill of materials of production to dist/pressroom.cdx.json (CycloneDX)
	@$(BIN)/python -m tests.security.sbom dist/pressroom.cdx.json

.PHONY: lock
lock: .venv/.installed ## Resolve the dependencies of pyproject.toml again
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(RESOLVE) --constraint requirements-dev.lock --output-file load/peers/requirements.lock load/peers/requirements.in

.PHONY: clean
clean: ## Remove what make made in this folder; the development database stays
	rm -rf .venv dist site load-results reports $(SDK)/node_modules load/peers/.venv load/peers/apps/fastify/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find generated src tests load -name __pycache__ -type d -prune -exec rm -rf {} +

# The parts of quick, for two processes: types and laws are the longest.
.PHONY: types
types: .venv/.installed
	$(BIN)/mypy

.PHONY: laws
laws: .venv/.installed
	$(BIN)/lint-imports

.PHONY: drift
drift: .venv/.installed
	$(BIN)/contractgen lint --strict
	$(BIN)/contractgen check
	$(BIN)/contractgen diff $(RELEASED) $(SPEC) --versions

.PHONY: lint
lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check

$(NODE_TOOLS): $(SDK)/package.json $(SDK)/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo 'This needs Node.js 20.19 or later with npm on the PATH.' >&2; exit 1; }
	npm --prefix $(SDK) ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Made anew when the lock changes, so that nothing stays which the lock no longer names.
.venv/.locked: requirements-dev.lock
	@python=; for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo 'Pressroom needs Python 3.11 or later; none of python3, python3.11 to python3.14 is. Try make PYTHON=/path/to/python.' >&2; \
		exit 1; \
	fi; \
	echo "Installing into .venv with $$("$$python" --version) (once; about a minute)" && \
	rm -rf .venv && "$$python" -m venv .venv && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/.installed: .venv/.locked $(addsuffix /pyproject.toml,$(DISTRIBUTIONS))
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(addprefix --editable ,$(DISTRIBUTIONS))
	@touch $@
