# Two commands: `make run` starts the workbench, `make test` runs its tests. Both make .venv first.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export HOST PORT DATA_DIR

.PHONY: run test check format messages clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

run: $(VENV)/.installed ## start everything on http://127.0.0.1:8000 (HOST=, PORT=, DATA_DIR= change it)
	@exec $(PY) manage.py up

test: $(VENV)/.installed-test ## run the whole test suite
	@exec $(PY) -m pytest $(PYTEST_ARGS)

check: $(VENV)/.installed-test ## linter, type checker, migrations, deployment checks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy mysite workers datasetviewer evaluation stylized_face
	$(PY) manage.py makemigrations --check --dry-run
	HTTPS=1 ALLOWED_HOSTS=example.org $(PY) manage.py check --deploy --fail-level WARNING

format: $(VENV)/.installed-test ## put the code into the house's shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

messages: $(VENV)/.installed-test ## collect the texts to translate and compile the catalogues (needs GNU gettext)
	$(PY) manage.py makemessages -l zh_Hans --no-location --no-obsolete --ignore .venv --ignore data --ignore tests
	$(PY) manage.py compilemessages --ignore .venv --ignore data

clean: ## remove the environment, not the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with PYTHON=, for example: make run PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(PY) -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.installed-test: requirements.txt requirements-test.txt | $(VENV)/bin/python
	$(PY) -m pip install --disable-pip-version-check --quiet --requirement requirements-test.txt
	@touch $@ $(VENV)/.installed
