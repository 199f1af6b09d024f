# Every command first makes the environment it needs; a second start finds it there and asks no network.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p && break; done)
PY := .venv/bin/python
TESTS ?= tests
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint articles stop status erase clean venv venv-dev scope-matrix hostile bench-scope bench-directories

help:
	@echo "make run       everything on this machine: http://127.0.0.1:8080 (another port: make run PORT=9000)"
	@echo "make test      all tests but the browser's (a part: make test TESTS=tests/supervisor ARGS=-x)"
	@echo "make lint      style, types, layers, templates, translations"
	@echo "make scope-matrix  every route by every role and unit, and random probes (FULL=1: 50,000 of them)"
	@echo "make hostile   injection strings through every input, equal verdicts of all ways in (FULL=1: 5,000 strings, 10,000 rows)"
	@echo "make bench-scope   what the scope costs on a list of targets and on pages (FULL=1: 1,000,000 targets)"
	@echo "make bench-directories  lists, exports and imports of targets beside stock views and a bare COPY (FULL=1: 1,000,000)"
	@echo "make articles  which code and which tests stand behind each article"
	@echo "make status    what runs where; make stop ends embedded servers that were left running"
	@echo "make clean     removes caches and test leftovers; make erase removes the data of this clone"

venv:
	@"$(PYTHON)" .ci/bootstrap.py

venv-dev:
	@"$(PYTHON)" .ci/bootstrap.py --dev

run: venv
	@exec $(PY) run.py

test: venv-dev
	@$(PY) -m pytest $(TESTS) --ignore=tests/browser -n 2 --dist loadfile $(ARGS)

scope-matrix: venv-dev
	@SCOPE_MATRIX=full $(PY) -m pytest -n 2 --dist loadfile tests/sweep --deselect tests/sweep/test_probes.py $(ARGS)
	@PROBES=$(if $(FULL),50000,5000) $(PY) -m pytest -n 2 --dist load tests/sweep/test_probes.py $(ARGS)

hostile: venv-dev
	@FULL=$(FULL) $(PY) -m pytest -n 2 --dist loadfile tests/hostile tests/directories/verdicts $(ARGS)

bench-scope: venv-dev
	@FULL=$(FULL) $(PY) -m bench.scope

bench-directories: venv-dev
	@FULL=$(FULL) KEEP=$(KEEP) $(PY) -m bench.directories
	@FULL=$(FULL) $(PY) -m bench.imports

lint: venv-dev
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	@$(PY) -m tools.templates
	@$(PY) -m tools.translations

articles: venv-dev
	@$(PY) -m app.regulation.articles

status: venv
	@$(PY) -m app.supervisor status

stop: venv
	@$(PY) -m app.supervisor stop

erase: venv
	@$(PY) -m app.supervisor erase

clean:
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build dist
	find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -x $(PY) ] && [ -d var/test ]; then $(PY) -m app.supervisor erase --yes --home var/test/servers; fi
	rm -rf var/test
