# Every target is a thin cover over script/ or manage.py; `make` lists them.
python := .venv/bin/python
export HOST PORT

.DEFAULT_GOAL := help
.PHONY: help setup dev run test lint format bench messages requirements soak

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is needed to run, into .venv/; start nothing
	./script/setup

dev: ## Install what is needed to run, test and check
	./script/setup --dev

run: ## Serve on HOST and PORT (127.0.0.1 and 8000)
	./script/run

test: ## All tests on SQLite and PostgreSQL
	./script/test

lint: ## Style, types, import order, migrations, catalogues
	./script/lint

format: dev ## Put Python into the house format
	$(python) -m ruff check --fix-only .
	$(python) -m ruff format .

bench: setup ## Measure against the budgets, one line per case
	@$(python) -m bench

messages: dev ## Collect new strings into the Finnish and Swedish catalogues and compile them
	$(python) manage.py update_catalogues

requirements: dev ## Pin every package again after a change in pyproject.toml (newest: make requirements UPGRADE=--upgrade)
	$(python) -m uv pip compile pyproject.toml $(UPGRADE) --universal --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --quiet --output-file requirements/base.txt
	$(python) -m uv pip compile pyproject.toml $(UPGRADE) --extra dev --constraints requirements/base.txt --universal \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet \
		--output-file requirements/dev.txt

soak: dev ## Property-based tests with fifty times the examples, many writers and respondents at once for long (with DATABASE_URL of PostgreSQL)
	HYPOTHESIS_PROFILE=soak $(python) -m pytest -m hypothesis -p no:cacheprovider
	HYPOTHESIS_PROFILE=soak $(python) -m pytest tests/documents/test_concurrency.py \
		tests/browser/test_writing_together.py tests/reviews/test_load.py tests/reviews/test_hostile.py -p no:cacheprovider
