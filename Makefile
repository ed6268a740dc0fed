# Every target makes what it needs. Python >= 3.11 and make are enough to start.
PYTHON ?= python3
PORT ?= 8000
FACTS ?=
ARGS ?=
DEV := .venv/installed
DEMO := .venv-demo/installed
export CONSENTRY_MODE ?= development

.PHONY: help demo test check serve bench messages lock docs pictures clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: $(DEMO) ## serve a filled demo world: make demo PORT=8123 FACTS=facts.json
	CONSENTRY_MODE=demo .venv-demo/bin/consentry-server demo --port $(PORT) $(if $(FACTS),--facts $(FACTS)) $(ARGS)

test: $(DEV) ## the whole suite, on SQLite and then on PostgreSQL
	.ci/chromium
	.ci/axe
	.ci/nginx
	.ci/test $(ARGS)

check: $(DEV) ## format, lint, types, layers, migrations, generated pages
	.ci/check

serve: $(DEV) ## a development server
	.venv/bin/consentry-server serve --port $(PORT) $(ARGS)

bench: $(DEV) ## figures beside a bare server, no verdicts
	bench/run $(ARGS)

messages: $(DEV) ## gather what is marked for translation, and compile what is translated
	CONSENTRY_MODE=test .venv/bin/python -m tests.architecture.words

lock: $(DEV) ## pin and hash what the pyprojects name (delete a lock first for newer versions)
	.ci/lock

docs: $(DEV) ## the handbook, as pages in docs/_build
	.venv/bin/sphinx-build --fail-on-warning --quiet docs docs/_build

pictures: $(DEV) ## the pictures that README and docs show, taken from the demo
	.ci/chromium
	PYTHONPATH=. CONSENTRY_MODE=test DJANGO_SETTINGS_MODULE=consentry_server.config.settings .venv/bin/python docs/pictures.py

clean: ## forget environments, caches and built pages
	rm -rf .venv .venv-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache docs/_build requirements/node_modules

$(DEV): requirements/build.txt requirements/dev.txt server/pyproject.toml client/pyproject.toml .ci/venv
	PYTHON=$(PYTHON) .ci/venv .venv dev server client

$(DEMO): requirements/build.txt requirements/server.txt server/pyproject.toml .ci/venv
	PYTHON=$(PYTHON) .ci/venv .venv-demo server server
