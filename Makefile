# make map   the sample city, from the extract to the map
# make test  everything that CI checks
# make lock  write the two lock files anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CITY := sample_cities/helsinki

.PHONY: map test lint lock clean

map: $(VENV)/run
	@$(BIN)/safeaudit run $(CITY) --out maps/helsinki

test: $(VENV)/test lint
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "The tests open the maps in a browser: install Chromium first (Debian: apt-get install chromium)."; exit 1; }
	@$(BIN)/python -m pytest -q

lint: $(VENV)/test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

lock:
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.txt
	uv pip compile pyproject.toml --extra build --extra test --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links -c requirements.txt -o requirements-test.txt

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "safeaudit needs Python 3.11 or newer"'
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
		|| { rm -rf $(VENV); [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
			&& apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } \
		|| { echo "Python cannot make environments here: install its venv first (Debian: apt-get install python3-venv)."; exit 1; }

$(VENV)/run: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what safeaudit stands on into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test: requirements-test.txt $(VENV)/run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@
