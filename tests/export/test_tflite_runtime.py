"""The files answer on small boards as they do here: in tflite-runtime 2.14 under NumPy 1."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

from emo_tf.export.metadata import embed_metadata
from emo_tf.export.saved_model import export_saved_model
from emo_tf.export.tflite import convert_tflite
from emo_tf.models.context_fusion import context_metadata
from emo_tf.runtime.litert import INTERPRETER_MODULES, LiteRTModel
from emo_tf.weights import weight_path
from tests.small_context import small_context_fusion

REPOSITORY = Path(__file__).parent.parent.parent
SHIPPED = ("expression_float16", "expression_int8", "mtcnn_onet")
CONVERTED = ("context_float32", "context_int8")
# Of an output's largest value. Two steps of the integers behind the expressions' softmax are 0.07
# of a logit, which moves a probability by 0.03 of itself.
TOLERANCES = {"float": 1e-4, "int8": 0.03}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.network,
    pytest.mark.skipif(
        sys.version_info[:2] != (3, 11) or sys.platform != "linux",
        reason="the wheels of tflite-runtime 2.14 end with Python 3.11, and are for Linux",
    ),
]

RUNNER = """
import sys
from pathlib import Path

import numpy as np

from emo_tf.runtime.litert import LiteRTModel

folder = Path(sys.argv[1])
for path in map(Path, sys.argv[2:]):
    inputs = dict(np.load(folder / f"{path.stem}_inputs.npz"))
    np.savez(folder / f"{path.stem}_outputs.npz", **LiteRTModel(path, threads=1)(**inputs))
interpreters = {"ai_edge_litert", "tflite_runtime", "tensorflow"} & set(sys.modules)
print(np.__version__.split(".")[0], *interpreters)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    """Model files by name: shipped ones and a model of people in context."""
    folder = tmp_path_factory.mktemp("files")
    model = small_context_fusion()
    metadata = context_metadata(model, version="1")
    saved_model = export_saved_model(
        model, folder / "saved_model", inputs=metadata.inputs, outputs=dict
    )
    files = {name: weight_path(name) for name in SHIPPED}
    for name in CONVERTED:
        content = convert_tflite(
            saved_model,
            quantisation=name.removeprefix("context_"),
            representative=lambda: (
                random_pictures(metadata.inputs, count=1, seed=seed) for seed in range(16)
            ),
        )
        files[name] = folder / f"{name}.tflite"
        files[name].write_bytes(embed_metadata(content, metadata))
    return files


def random_pictures(inputs, *, count: int, seed: int) -> dict[str, np.ndarray]:
    """Returns uint8 pictures (count, H, W, channels) by input, each in shades of its own."""
    rng = np.random.default_rng(seed)
    pictures = {}
    for name, image in inputs.items():
        shade = rng.integers(0, 192, (count, 1, 1, image.channels))
        noise = rng.integers(0, 64, (count, image.height, image.width, image.channels))
        pictures[name] = (shade + noise).astype(np.uint8)
    return pictures


@pytest.fixture(scope="module")
def inputs(files) -> dict[str, dict[str, np.ndarray]]:
    """What each file is called with."""
    return {
        name: random_pictures(LiteRTModel(path, threads=1).metadata.inputs, count=3, seed=99)
        for name, path in files.items()
    }


@pytest.fixture(scope="module")
def outputs_on_a_board(files, inputs, tmp_path_factory) -> dict[str, dict[str, np.ndarray]]:
    """What each file answers in an environment of tflite-runtime."""
    folder = tmp_path_factory.mktemp("board")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "tflite-runtime==2.14.0", "numpy<2"]
    subprocess.run(install, check=True)
    for name, arrays in inputs.items():
        np.savez(folder / f"{name}_inputs.npz", **arrays)
    done = subprocess.run(
        [python, "-c", RUNNER, folder, *files.values()],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "tflite_runtime"]
    return {name: dict(np.load(folder / f"{name}_outputs.npz")) for name in files}


@pytest.mark.parametrize("interpreter", [INTERPRETER_MODULES[0], INTERPRETER_MODULES[2]])
@pytest.mark.parametrize("name", [*SHIPPED, *CONVERTED])
def test_a_file_answers_on_a_board_as_here(name, interpreter, files, inputs, outputs_on_a_board):
    model = LiteRTModel(files[name], threads=1, interpreter=interpreter)
    expected, found = model(**inputs[name]), outputs_on_a_board[name]
    assert set(found) == set(expected)
    tolerance = TOLERANCES["int8" if name.endswith("int8") else "float"]
    for output, value in expected.items():
        assert np.ptp(value, axis=0).max() > 0
        np.testing.assert_allclose(found[output], value, atol=tolerance * np.abs(value).max())
