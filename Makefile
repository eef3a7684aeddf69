# make map          the sample city, from the extract to the released map
# make test         lint, types, rules of structure and all tests, with the newest versions
# make test-oldest  the tests without a browser, with the oldest versions that pyproject.toml allows
# make lock         write the four lock files anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip --disable-pip-version-check --quiet
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
CITY := sample_cities/helsinki

OLDEST := $(VENV)/oldest
AT_ONCE := --numprocesses auto --dist loadfile
# Rules of ours, through whole runs: what they call of libraries, other tests call with the oldest ones.
ONCE := test_tells.py test_releases.py test_forget.py test_canaries.py test_whole_run.py test_properties.py test_attacks.py \
	test_together.py test_crash.py test_actions.py test_mend.py test_mending.py test_open311.py test_agencies.py test_reported.py \
	test_places_sheet.py test_priorities.py test_report.py test_places_sea.py test_tally.py test_form.py test_field_sheets.py test_remote.py test_catalogue.py test_console.py test_words.py test_docs.py test_compare.py \
	test_change.py test_model.py test_placing.py test_places_survive.py test_changed_places.py test_same_street.py \
	test_agreement.py test_feelings.py test_propose.py test_init_again.py \
	test_skill.py
.PHONY: map test test-oldest lint lock clean

map: $(VENV)/run
	@$(BIN)/safeaudit publish $(CITY) --out maps/helsinki

test: $(VENV)/test lint
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| { echo "The tests open the maps in a browser: install Chromium first (Debian: apt-get install chromium)."; exit 1; }
	@$(BIN)/python -m pytest $(AT_ONCE)

# What old libraries say of their own old ways is shown, and is no error of ours.
test-oldest: $(OLDEST)/test
	@$(OLDEST)/bin/python -m pytest $(AT_ONCE) -m "not heavy" -W default::DeprecationWarning \
		$(addprefix --ignore=tests/,test_maps.py test_outputs_webmap.py test_outputs_panel.py test_public_page.py $(ONCE))

lint: $(VENV)/test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache

lock:
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra test --extra lint -c requirements.txt -o requirements-test.txt
	$(COMPILE) --group build -c requirements-test.txt -o requirements-build.txt
	$(COMPILE) pyproject.toml --extra test --resolution lowest-direct -c requirements-build.txt -o requirements-oldest.txt

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "safeaudit needs Python 3.11 or newer"'
	@$(PYTHON) -m venv $(VENV) 2>/dev/null \
		|| { rm -rf $(VENV); [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
			&& apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } \
		|| { echo "Python cannot make environments here: install its venv first (Debian: apt-get install python3-venv)."; exit 1; }

$(VENV)/run: requirements.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what safeaudit stands on into $(VENV) ..."
	@$(BIN)/python $(PIP) install --require-hashes -r requirements.txt -r requirements-build.txt
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test: requirements-test.txt $(VENV)/run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python $(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

$(OLDEST)/test: requirements-oldest.txt requirements-build.txt pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -c 'import sys; assert sys.version_info < (3, 14), "The oldest versions are built for Python 3.11 to 3.13: make test-oldest PYTHON=python3.11"'
	@echo "Installing the oldest versions that safeaudit allows into $(OLDEST) ..."
	@$(BIN)/python -m venv $(OLDEST)
	@$(OLDEST)/bin/python $(PIP) install --require-hashes -r requirements-oldest.txt -r requirements-build.txt
	@$(OLDEST)/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
