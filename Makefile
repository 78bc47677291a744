# `make` lists the verbs. Each one sets up what it needs in .venv.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
BIN := .venv/bin
OUT ?= generated
PRISM = 5.14.2
SPECS = $(if $(REST),--rest '$(REST)') $(if $(TOOLBOX),--toolbox '$(TOOLBOX)')
GENERATOR = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/openapi-python-client generate --meta none --overwrite --fail-on-warning \
  --config openapi/generator.yaml --custom-template-path openapi/templates

.PHONY: help demo test quick lowest wheel compat release soak check check-generated lint types format generate drift regenerate vendor contract contract-mcp bench clean readme

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

.venv/pip.stamp:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

.venv/demo.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[local]'
	@touch $@

.venv/dev.stamp: .venv/pip.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev --editable '.[$(FACES)]'
	@touch $@

# ts-node for the recorded TypeScript programs; without npm or its registry they are skipped, with a reason.
.venv/ts-node.stamp: .venv/pip.stamp
	@npm install --silent --no-fund --no-audit --prefix .venv/ts-node ts-node@10 typescript@5 @types/node@20 || echo 'no ts-node'
	@touch $@

demo: .venv/demo.stamp ## run the twelve actions on the local backend, no account needed
	$(BIN)/python -m daytona_facade.demo

# These make the two halves of a run take about as long.
ALSO := tests/test_transport tests/test_cli
SERVERS := tests/test_local tests/conformance tests/hostile tests/soak

test: .venv/dev.stamp .venv/ts-node.stamp ## run every test, in two processes at once
	@log=.venv/servers.log; echo "Beside this, in $$log: $(SERVERS) $(ALSO)"; \
	$(BIN)/python -m pytest $(SERVERS) $(ALSO) > $$log 2>&1 & servers=$$!; trap 'kill $$servers 2> /dev/null || true' EXIT; \
	$(BIN)/python -m pytest $(addprefix --ignore=,$(SERVERS) $(ALSO)) && rest=0 || rest=$$?; \
	while kill -0 $$servers 2> /dev/null; do echo "$(SERVERS) $(ALSO): $$(grep -oE '\[ *[0-9]+%\]' .venv/servers.log | tail -1)"; \
	  for second in 1 2 3 4 5 6 7 8 9 10; do kill -0 $$servers 2> /dev/null && sleep 1 || break; done; done; \
	wait $$servers && served=0 || served=$$?; \
	cat .venv/servers.log; exit $$((rest | served))

quick: .venv/dev.stamp ## run the tests that need no server and are not slow, in under a minute
	@$(BIN)/python -m pytest -q -m 'not slow and not backend' $(addprefix --ignore=,$(SERVERS) tests/contract)

FACES := local,cli,mcp,langchain,pydantic-ai,openai-agents,fast
CORE_SUITES := $(addprefix tests/test_,actions client engine responses transport support adapters cli mcp)
LOWEST := .venv-lowest
DIST ?= dist

lowest: .venv/dev.stamp ## run the suites of core and faces over the lowest direct versions that pyproject.toml allows
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	@$(BIN)/uv pip compile --quiet --resolution lowest-direct --all-extras --python $(BIN)/python --no-annotate \
	  --no-header pyproject.toml --output-file $(LOWEST)/lowest.txt
	@$(BIN)/uv pip install --quiet --python $(LOWEST) --constraint $(LOWEST)/lowest.txt --group test --editable '.[$(FACES)]'
	@$(BIN)/uv pip list --quiet --python $(LOWEST) | grep -iE "^($$(sed -nE '/^(dependencies|[a-z-]+) = \[.*[<>]=/s/[^"]*"([A-Za-z0-9-]+)[^"]*"/\1|/gp' pyproject.toml | tr -d '\n], ' | sed 's/|$$//')) "
	@$(LOWEST)/bin/python -m pytest -q $(CORE_SUITES)

wheel: .venv/pip.stamp ## build the wheel into dist/
	@rm -rf $(DIST); $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(DIST) .
	@ls $(DIST)/*.whl

compat: .venv/dev.stamp ## resolve core and extras beside the newest of their neighbours and print what clashes (needs an index)
	@$(BIN)/uv build --quiet --wheel --clear --out-dir .venv-compat
	@$(BIN)/python tests/release/compat.py .venv-compat/*.whl

release: .venv/dev.stamp ## build and prove what would be published; nothing is uploaded
	@$(BIN)/python tests/release/release.py $(DIST)

soak: .venv/dev.stamp ## mix all actions on a faulty local backend and watch for growth: [SECONDS=600]
	SOAK_SECONDS=$(or $(SECONDS),600) $(BIN)/python -m pytest -q tests/soak

check: check-generated lint types test ## what CI runs

lint: .venv/dev.stamp ## ruff and the import contract; writes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/dev.stamp ## mypy --strict and pyright; the tests by mypy's defaults
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/pyright

format: .venv/dev.stamp ## rewrite the hand-written code in the house format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

generate: .venv/dev.stamp ## write generated/ from openapi/ (a failed run leaves the old code)
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT; \
	for api in rest toolbox; do $(GENERATOR) --path openapi/$$api.yaml --output-path $$tmp/daytona_$$api; done; \
	mkdir -p $(OUT); \
	for api in rest toolbox; do rm -rf $(OUT)/daytona_$$api; mv $$tmp/daytona_$$api $(OUT)/; done

check-generated: .venv/dev.stamp ## fail unless generated/ is what openapi/ gives
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT; \
	$(MAKE) --silent --no-print-directory generate OUT=$$tmp > /dev/null; \
	diff -r -x __pycache__ $$tmp generated && echo "generated/ is in sync with openapi/"

readme: .venv/dev.stamp ## write README's table of actions and draw its picture from a real run
	PYTHONPATH=tests $(BIN)/python -m support.readme

drift: .venv/dev.stamp ## tell what new upstream specs mean: REST=path-or-URL TOOLBOX=path-or-URL [JSON=1] [UPDATE=1]
	@$(BIN)/python openapi/drift.py $(SPECS) $(if $(JSON),--json) $(if $(UPDATE),--update)

regenerate: .venv/dev.stamp ## drift, generate, types, test, then accept the specs: [REST=...] [TOOLBOX=...]
	@$(BIN)/python openapi/drift.py $(SPECS)
	@$(MAKE) --no-print-directory generate
	@echo "Changed in generated/ since the last commit:"; git --no-pager diff --stat HEAD -- generated && \
	git status --short --untracked-files=all -- generated | sed -n 's/^??/  new:/p' || echo "  (this is no git checkout)"
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory test
	@$(BIN)/python openapi/drift.py $(SPECS) --update > /dev/null

vendor: ## copy the library into another project: DEST=dir [PARENT=pkg.sub] [CORE=1: without cli, mcp, adapters, local]
	@openapi/vendor.sh '$(DEST)' '$(PARENT)' '$(CORE)'

.venv-prism/$(PRISM).stamp:
	@command -v npm > /dev/null || { echo "make contract: node is missing; it needs node 18.20 or newer, with npm" >&2; exit 1; }
	npm install --prefix .venv-prism --no-save --no-audit --no-fund --silent @stoplight/prism-cli@$(PRISM)
	@touch $@

MCP_STAMPS := $(addprefix .venv-mcp-,$(addsuffix /client.stamp,1.2.0 1.9.0 newest pydantic-ai))

.venv-mcp-1.2.0/client.stamp: CLIENT = 'mcp==1.2.0' 'pydantic<2.11'
.venv-mcp-1.9.0/client.stamp: CLIENT = 'mcp==1.9.0' 'pydantic<2.11'
.venv-mcp-newest/client.stamp: CLIENT = mcp
.venv-mcp-pydantic-ai/client.stamp: CLIENT = 'pydantic-ai-slim[mcp]'
.venv-mcp-%/client.stamp: .venv/pip.stamp
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet $(CLIENT)
	@touch $@

MCP_CONFORMANCE = 0.1.16

.venv-mcp-conformance/$(MCP_CONFORMANCE).stamp:
	@command -v npm > /dev/null || { echo "make contract-mcp: npm is missing" >&2; exit 1; }
	npm install --prefix .venv-mcp-conformance --no-save --no-audit --no-fund --silent node@24 @modelcontextprotocol/conformance@$(MCP_CONFORMANCE)
	@touch $@

contract-mcp: .venv/dev.stamp $(MCP_STAMPS) .venv-mcp-conformance/$(MCP_CONFORMANCE).stamp ## hold the MCP server to the protocol's suite and to clients of old and of now (needs npm)
	@PYTHONPATH=tests $(BIN)/python tests/contract/mcp_clients.py

contract: .venv/dev.stamp .venv-prism/$(PRISM).stamp ## run all actions through Stoplight Prism, which holds them to openapi/ (needs node)
	@PYTHONPATH=tests $(BIN)/python tests/contract/through_prism.py

PEERS := .venv-bench

INTO = $(PEERS)/bin/python -m uv pip install --quiet --python $(PEERS)

$(PEERS)/pip.stamp: .venv/pip.stamp Makefile
	$(BIN)/python -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --upgrade pip uv attrs
	for name in alone fast cli official httpx e2b; do $(BIN)/python -m venv --without-pip $(PEERS)/$$name; done
	$(INTO)/official daytona==0.226.1
	$(INTO)/httpx httpx
	$(INTO)/e2b e2b
	@touch $@

bench: $(PEERS)/pip.stamp ## measure the library beside its peers: [ARGS='--only bursting --rounds 3 --json']
	@$(PEERS)/bin/python -m uv build --quiet --wheel --clear --out-dir $(PEERS)/wheel
	@wheel=$$(echo $(PEERS)/wheel/*.whl); $(INTO)/alone --reinstall-package daytona-facade "$$wheel"; \
	for extra in fast cli; do $(INTO)/$$extra --reinstall-package daytona-facade "$$wheel[$$extra]"; done
	@for site in $(PEERS)/*/lib/python3*/site-packages; do $(PEERS)/bin/python -m compileall -q "$$site" || true; done
	@$(PEERS)/bin/python tests/benchmarks/bench.py $(ARGS)

clean: ## remove what the verbs made
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
