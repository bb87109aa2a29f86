# The first two targets are what a newcomer needs: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Real data for the tests and benchmarks that need it; they say so and skip without.
SHARED ?= $(or $(EMO_TF_SHARED),../shared)
DEMO := demo/astronaut.png
# The runs that the shipped models of expressions come out of, and where exports go.
RUN ?= runs/expression_photographs
TSM_RUN ?= runs/video_tsm_photographs
EXPORTS ?= .bench/exports
WEIGHTS := emo_tf/weights
# Tests of one file stay together, for what they share is made once a process.
JOBS ?= 2
PYTEST := $(BIN)/pytest --numprocesses $(JOBS) --dist loadfile

.PHONY: demo test test-all lint docs bench bench-train bench-twin bench-group-twin bench-video-twin \
	weights clean
.DELETE_ON_ERROR:

demo: $(VENV)/base.stamp $(DEMO)
	$(BIN)/emo-tf predict $(DEMO) --draw demo/annotated --json demo/astronaut.jsonl

test: $(VENV)/full.stamp
	$(PYTEST) -m "not slow"

test-all: lint
	$(PYTEST)

lint: $(VENV)/full.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The site of the documentation, in site/; the variable silences the theme's note on its successor.
docs: $(VENV)/docs.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Within the hour. A peer that cannot be installed is reported as absent. pip takes PyTorch's default
# build; for the smaller one without GPUs, before:
# .venv/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu
bench: $(VENV)/full.stamp
	-$(BIN)/pip install --quiet --editable '.[bench]'
	$(BIN)/python -m benchmarks.run --shared $(SHARED)

# Trains the shipped model anew, exports it and measures it; stopped, it goes on where it was.
bench-train: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.training --shared $(SHARED)

# Trains on EMOTIC's twin of three seeds, on both branches and on each alone (about an hour);
# stopped, it goes on where it was.
bench-twin: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.twin

# Trains on the groups' twin of three seeds: picture, faces, both with attention and averaged (half
# an hour, beside as much to draw and to prepare them); stopped, it goes on where it was.
bench-group-twin: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.group_twin

# Makes the shipped models, each with the report of its export, and out of the reports their cards.
weights: $(VENV)/full.stamp
	$(BIN)/emo-tf export --run $(RUN) --out $(EXPORTS)/expression \
		--precision float16 --precision int8 --note "$$(cat benchmarks/expression_note.md)"
	$(BIN)/emo-tf export --run $(TSM_RUN) --out $(EXPORTS)/expression_tsm \
		--precision float16 --precision int8 --note "$$(cat benchmarks/expression_tsm_note.md)"
	$(BIN)/emo-tf export --run mtcnn --out $(EXPORTS)/mtcnn
	cp $(EXPORTS)/expression/model_float16.tflite $(WEIGHTS)/expression_float16.tflite
	cp $(EXPORTS)/expression/model_int8.tflite $(WEIGHTS)/expression_int8.tflite
	cp $(EXPORTS)/expression/report.json $(WEIGHTS)/expression.json
	cp $(EXPORTS)/expression_tsm/model_float16.tflite $(WEIGHTS)/expression_tsm_float16.tflite
	cp $(EXPORTS)/expression_tsm/model_int8.tflite $(WEIGHTS)/expression_tsm_int8.tflite
	cp $(EXPORTS)/expression_tsm/report.json $(WEIGHTS)/expression_tsm.json
	cp $(EXPORTS)/mtcnn/mtcnn_pnet/model_float32.tflite $(WEIGHTS)/mtcnn_pnet.tflite
	cp $(EXPORTS)/mtcnn/mtcnn_rnet/model_float32.tflite $(WEIGHTS)/mtcnn_rnet.tflite
	cp $(EXPORTS)/mtcnn/mtcnn_onet/model_float16.tflite $(WEIGHTS)/mtcnn_onet.tflite
	for name in mtcnn_pnet mtcnn_rnet mtcnn_onet; do \
		cp $(EXPORTS)/mtcnn/$$name/report.json $(WEIGHTS)/$$name.json || exit; done
	$(BIN)/python -m benchmarks.cards

# Trains on the videos' twin of three seeds, with the temporal shift and on one frame (an hour);
# stopped, it goes on where it was.
bench-video-twin: $(VENV)/full.stamp
	$(BIN)/python -m benchmarks.video_twin

clean:
	rm -rf $(VENV) demo site build *.egg-info

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
	@echo 'Installing the extras train, serve and dev (3 GB, minutes) ...'
	@$(BIN)/pip install --quiet --editable '.[train,serve,dev]'
	@touch $@

$(VENV)/docs.stamp: $(VENV)/base.stamp
	@echo 'Installing the extra docs ...'
	@$(BIN)/pip install --quiet --editable '.[docs]'
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
