# A developer's commands. Each target sets up what it needs; `make` alone lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SILENT:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# Tests and `make up` start many processes, which should not compile everything again.
export PYTHONDONTWRITEBYTECODE :=

PACKAGES := attendance_service attendancectl benchmarks development examples gateway heartbeat_relay servicekit testkit tests tracking_service
PYTHON_OF_VENV := .venv/bin/python
# Stamp files: each is newer than its inputs.
INSTALLED := .venv/.installed
COMPILED := astegni/.compiled gateway/astegni.binpb
BASELINE := protos/released/v1.binpb
# Lock files must not contain an index or a link directory of the machine that compiles them.
PIP_COMPILE := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

.PHONY: help
help: ## list the targets
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: $(INSTALLED) $(COMPILED) ## run everything on this machine until Ctrl-C (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m development.up $(ARGS)

.PHONY: down
down: $(INSTALLED) ## stop what `make up` runs in another shell
	$(PYTHON_OF_VENV) -m development.down $(ARGS)

.PHONY: ctl
ctl: $(INSTALLED) $(COMPILED) ## run attendancectl on what `make up` runs, for instance ARGS=doctor
	$(PYTHON_OF_VENV) -m development.ctl $(ARGS)

.PHONY: token
token: $(INSTALLED) ## print a bearer token, for instance ARGS="--user 101 --role tutor"
	$(PYTHON_OF_VENV) -m development.ctl token $(ARGS)

.PHONY: psql
psql: $(INSTALLED) ## open the database in psql, or run ARGS='-c "SELECT 1"'
	$(PYTHON_OF_VENV) -m development.psql $(ARGS)

.PHONY: migrate
migrate: $(INSTALLED) ## migrate the database of DATABASE_URL, else the one of `make up`
	$(PYTHON_OF_VENV) -m development.ctl migrate $(ARGS)

.PHONY: verify
verify: $(INSTALLED) ## verify that nobody has rewritten the ledger (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m development.ctl verify $(ARGS)

.PHONY: export
export: $(INSTALLED) ## print what both services know of one person as JSON (ARGS="--user 205")
	$(PYTHON_OF_VENV) -m development.ctl export $(ARGS)

.PHONY: erase
erase: $(INSTALLED) ## erase one person from the tables of both services for ever (ARGS="--user 205")
	$(PYTHON_OF_VENV) -m development.ctl erase $(ARGS)

.PHONY: browser
browser: $(INSTALLED) ## get the browser that the tests drive, where Chromium is not installed
	command -v chromium >/dev/null || .venv/bin/playwright install chromium >&2

.PHONY: test
test: $(INSTALLED) $(COMPILED) ## run the tests (ARGS="-k name" runs some)
	.venv/bin/pytest $(ARGS)

.PHONY: test-all
test-all: $(INSTALLED) $(COMPILED) ## run the tests that are too slow for every run, too, and more rounds of the others
	THOROUGH=1 .venv/bin/pytest $(ARGS)

.PHONY: test-citus
test-citus: $(INSTALLED) $(COMPILED) ## run the tests of databases on the Citus cluster of CITUS_DATABASE_URL
	@test -n "$(CITUS_DATABASE_URL)" || { echo "set CITUS_DATABASE_URL: docs/several-databases.md#tests" >&2; exit 2; }
	CITUS_DATABASE_URL="$(CITUS_DATABASE_URL)" .venv/bin/pytest -n0 tests/integration/tracking \
		tests/integration/personal_data tests/integration/attendance $(ARGS)

.PHONY: test-upgrade
test-upgrade: $(INSTALLED) $(COMPILED) ## run the version before beside this one, and the last release's relay against it (needs the history of git)
	.venv/bin/pytest tests/e2e/test_upgrade.py $(ARGS)

.PHONY: fuzz
fuzz: $(INSTALLED) $(COMPILED) ## send generated input to everything for a time (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m development.fuzz $(ARGS)

.PHONY: bench
bench: $(INSTALLED) $(COMPILED) ## measure the tracking service and print tables (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m benchmarks $(ARGS)

.PHONY: bench-sockets
bench-sockets: $(INSTALLED) $(COMPILED) ## measure the presence socket through the gateway (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m benchmarks --sockets $(ARGS)

.PHONY: evaluate
evaluate: $(INSTALLED) $(COMPILED) ## measure how often suggestions are right, on simulated classes (ARGS=--help explains)
	$(PYTHON_OF_VENV) -m benchmarks.evaluation $(ARGS)

.PHONY: check
check: lint lint-js types protos ## lint, types and protos

.PHONY: lint
lint: $(INSTALLED) $(COMPILED) ## check style, formatting and the direction of imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache --no-logo

.PHONY: lint-js
lint-js: $(INSTALLED) ## check style, formatting and imports of the JavaScript (needs npm's registry the first time)
	$(PYTHON_OF_VENV) -m development.javascript check

.PHONY: format
format: $(INSTALLED) ## format the code and fix what can be fixed automatically
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(PYTHON_OF_VENV) -m development.javascript format

.PHONY: types
types: $(INSTALLED) $(COMPILED) ## check types
	.venv/bin/mypy

.PHONY: protos
protos: $(INSTALLED) $(COMPILED) ## compile the protos, lint them, and compare them with the released contract
	.venv/bin/buf lint gateway/astegni.binpb
	.venv/bin/buf breaking gateway/astegni.binpb --against $(BASELINE)

.PHONY: openapi
openapi: $(INSTALLED) $(COMPILED) ## generate the OpenAPI document from the protos and the examples
	$(PYTHON_OF_VENV) -m development.openapi

.PHONY: authorization
authorization: $(INSTALLED) $(COMPILED) ## write docs/authorization.md from the table of who may make which call
	$(PYTHON_OF_VENV) -m development.authorization

.PHONY: dashboard
dashboard: $(INSTALLED) ## write the dashboard of Grafana from the questions in development/dashboard
	$(PYTHON_OF_VENV) -m development.dashboard

.PHONY: sbom
sbom: $(INSTALLED) ## write the bill of materials (sbom.json) and docs/licences.md
	$(PYTHON_OF_VENV) -m development.dependencies

.PHONY: screenshots
screenshots: $(INSTALLED) $(COMPILED) browser ## take the pictures of the documents from the demo
	$(PYTHON_OF_VENV) -m testkit.screenshots

.PHONY: release-protos
release-protos: protos ## record the current protos as the released contract
	.venv/bin/buf build gateway/astegni.binpb --exclude-source-info --output $(BASELINE)

.PHONY: lock
lock: $(INSTALLED) ## pin the dependencies of pyproject.toml (ARGS=--upgrade takes newer versions)
	echo "Pinning the services' packages ..." >&2
	$(PIP_COMPILE) --output-file requirements.lock pyproject.toml $(ARGS)
	echo "Pinning the development packages ..." >&2
	$(PIP_COMPILE) --extra development --constraint requirements.lock --output-file requirements-development.lock pyproject.toml $(ARGS)

.PHONY: reset
reset: ## delete the demo database, the keys and the logs of `make up`
	test ! -e $(INSTALLED) || $(PYTHON_OF_VENV) -m development.down --quiet
	rm -rf .state

.PHONY: clean
clean: reset ## remove everything that make created
	rm -rf .venv node_modules astegni gateway/astegni.binpb sbom.json .screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up prints to standard error, because `make token` must print only a token.
$(INSTALLED): requirements-development.lock development/find-python
	python=$$(development/find-python) && echo "Creating .venv with $$python ..." >&2 && \
		"$$python" -m venv --clear .venv >&2
	echo "Installing the packages of $< (a minute or two) ..." >&2
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $< >&2
	touch $@

$(COMPILED) &: $(INSTALLED) $(shell find protos -name '*.proto') development/protos.py
	echo "Compiling the protos ..." >&2
	$(PYTHON_OF_VENV) -m development.protos >&2
	touch $(COMPILED)
