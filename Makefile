# Targets for a fresh machine: python3 (3.11 or newer), pip and make. Node.js only for npm servers.
# Nothing is installed outside this folder except the caches of pip, uv and npm.

PYTHON ?= python3
BIN := .venv/bin
DEMO := build/demo

.PHONY: demo test check bench format clean lock

demo: .venv/installed  ## Install everything and run the main job on real servers
	@bash scripts/demo.sh $(BIN) $(DEMO)

test: .venv/installed  ## Run the tests
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
	$(BIN)/python bench/classification.py
	$(BIN)/python bench/memory.py
	$(BIN)/python bench/sync.py
	$(BIN)/python bench/starts.py
	$(BIN)/python bench/warm.py
	$(BIN)/python bench/site.py

format: .venv/installed  ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/installed  ## Choose newest versions anew and write constraints.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-emit-index-url --no-header --python-version 3.11 \
	  --all-extras --group dev --group bench pyproject.toml --output-file constraints.txt

clean:  ## Remove what the other targets made
	rm -rf .venv build dist

# pip brings uv; uv brings the rest, at the locked versions.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --group dev --editable '.[postgres]'
	@touch $@
