# The first two targets are what a newcomer needs: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Real data for the tests and benchmarks that need it; they say so and skip without.
SHARED ?= $(or $(EMO_TF_SHARED),../shared)
DEMO := demo/astronaut.png

.PHONY: demo test test-all lint bench bench-train bench-twin clean
.DELETE_ON_ERROR:

demo: $(VENV)/base.stamp $(DEMO)
	$(BIN)/emo-tf predict $(DEMO) --draw demo/annotated --json demo/astronaut.jsonl

test: $(VENV)/full.stamp
	$(BIN)/pytest -m "not slow"

test-all: lint
	$(BIN)/pytest

lint: $(VENV)/full.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.run --shared $(SHARED)

# Trains the shipped model anew, exports it and measures it; stopped, it goes on where it was.
bench-train: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.training --shared $(SHARED)

# Trains on EMOTIC's twin of three seeds, on both branches and on each alone (about an hour);
# stopped, it goes on where it was.
bench-twin: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.twin

clean:
	rm -rf $(VENV) demo build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "emo_tf: expected Python 3.11 to 3.13. Received: `$(PYTHON) --version 2>&1`;" \
		"name another one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo 'Making $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/base.stamp: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo 'Installing the runtime ...'
	@$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/full.stamp: $(VENV)/base.stamp
	@echo 'Installing the extras train and dev (3 GB, minutes) ...'
	@$(BIN)/pip install --quiet --editable '.[train,dev]'
	@touch $@

# The astronaut Eileen Collins (NASA, public domain), out of the scikit-image wheel.
$(DEMO): | $(VENV)/bin/python
	@mkdir -p demo/wheel
	@echo 'Fetching the photograph ...'
	@$(BIN)/pip download --quiet --no-deps --only-binary :all: --dest demo/wheel scikit-image
	@$(BIN)/python -c "import zipfile; from pathlib import Path; \
		wheel = next(Path('demo/wheel').glob('*.whl')); \
		Path('$@').write_bytes(zipfile.ZipFile(wheel).read('skimage/data/astronaut.png'))"
	@rm -r demo/wheel
