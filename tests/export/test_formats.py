"""Keras' other formats, run by their own libraries against Keras."""

import configparser
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export.formats import FORMATS, export_formats
from emo_tf.export.saved_model import serving_model
from emo_tf.model_metadata import ImageInput
from tests.small_context import SIZES, small_context_fusion

REPOSITORY = Path(__file__).parent.parent.parent
LIBRARIES = {"onnx": ("tf2onnx", "onnx", "onnxruntime"), "openvino": ("openvino",)}
TOLERANCE = 1e-5


def is_installed(name: str) -> bool:
    return all(map(importlib.util.find_spec, LIBRARIES[name]))


def needs(name: str) -> pytest.MarkDecorator:
    reason = f"the extra `formats` and onnxruntime: expected {', '.join(LIBRARIES[name])}"
    return pytest.mark.skipif(not is_installed(name), reason=reason)


installed_formats = pytest.mark.parametrize(
    "name", [pytest.param(name, id=name, marks=needs(name)) for name in FORMATS]
)


def run_onnx(path: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    assert {item.name: item.type for item in session.get_inputs()} == {
        name: "tensor(uint8)" if array.dtype == np.uint8 else "tensor(float)"
        for name, array in inputs.items()
    }
    names = [item.name for item in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def run_openvino(path: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    import openvino

    assert sorted(file.name for file in path.iterdir()) == ["model.bin", "model.xml"]
    # Some processors would compute in bfloat16.
    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(path / "model.xml", "CPU", hints)
    assert {item.any_name: item.element_type.to_dtype() for item in compiled.inputs} == {
        name: array.dtype for name, array in inputs.items()
    }
    # An output has its own name and may have that of the operation besides.
    outputs = {min(item.names, key=len): item for item in compiled.outputs}
    found = compiled(inputs)
    return {name: found[item] for name, item in outputs.items()}


RUN = {"onnx": run_onnx, "openvino": run_openvino}


@pytest.fixture(scope="module")
def context_model() -> keras.Model:
    """A model of people in context as it is served: uint8 pictures in."""
    inputs = {name: ImageInput(*size) for name, size in SIZES.items()}
    return serving_model(small_context_fusion(), inputs=inputs, outputs=dict)


def random_pictures(count: int, *sizes: tuple[int, int]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (count, *size, 3), np.uint8) for size in sizes]


def check_agreement(model: keras.Model, path: Path, *, name: str, inputs: dict) -> None:
    found = RUN[name](path, inputs)
    expected = model(inputs)
    assert set(found) == set(expected)
    for output, value in expected.items():
        value = keras.ops.convert_to_numpy(value)
        assert np.ptp(value, axis=0).max() > 100 * TOLERANCE
        np.testing.assert_allclose(found[output], value, rtol=TOLERANCE, atol=TOLERANCE)


@installed_formats
def test_a_context_model_answers_as_keras_does_under_the_same_names(name, context_model, tmp_path):
    files = export_formats(context_model, tmp_path, formats=[name])
    assert list(files) == [name]
    inputs = dict(zip(SIZES, random_pictures(3, *SIZES.values()), strict=True))
    check_agreement(context_model, files[name], name=name, inputs=inputs)
    one = {branch: pictures[:1] for branch, pictures in inputs.items()}
    assert all(value.shape[0] == 1 for value in RUN[name](files[name], one).values())


@installed_formats
@pytest.mark.parametrize("order", [("scene", "body"), ("body", "scene")], ids="-".join)
def test_inputs_and_outputs_of_one_shape_are_not_mixed_up(name, order, tmp_path):
    pictures = {branch: keras.Input((4, 4, 3), name=branch, dtype="uint8") for branch in order}
    box = keras.Input((4,), name="box")
    means = {
        branch: keras.ops.mean(keras.ops.cast(picture, "float32"), axis=(1, 2))
        for branch, picture in pictures.items()
    }
    outputs = {
        "vad": means["scene"] + 2 * means["body"],
        "score": 3 * means["scene"] - means["body"] + keras.ops.mean(box, axis=-1, keepdims=True),
    }
    model = keras.Model({**pictures, "box": box}, outputs)
    inputs = dict(zip(order, random_pictures(2, (4, 4), (4, 4)), strict=True))
    inputs["box"] = np.float32([[1, 2, 3, 4], [30, 20, 10, 0]])
    path = export_formats(model, tmp_path, formats=[name])[name]
    check_agreement(model, path, name=name, inputs=inputs)


@installed_formats
def test_an_earlier_file_is_replaced_and_nothing_else_left(name, context_model, tmp_path):
    first = export_formats(context_model, tmp_path, formats=[name])
    again = export_formats(context_model, tmp_path, formats=[name, name])
    assert first == again
    assert [path.name for path in tmp_path.iterdir()] == [first[name].name]
    assert first[name].name == {"onnx": "model.onnx", "openvino": "openvino"}[name]


@installed_formats
def test_a_format_that_fails_leaves_what_was_there(name, context_model, tmp_path, monkeypatch):
    path = export_formats(context_model, tmp_path, formats=[name])[name]
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    def fail(*arguments, **options):
        raise RuntimeError("no\n   such  operation")

    monkeypatch.setattr(context_model, "export", fail)
    with pytest.raises(EmoError, match=rf"{path}: expected.*context_fusion \(no such operation\)"):
        export_formats(context_model, tmp_path, formats=[name])
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}


@needs("onnx")
def test_an_operation_that_onnx_lacks_is_refused(tmp_path):
    matrix = keras.Input((3, 3), name="matrix")
    model = keras.Model({"matrix": matrix}, {"inverse": keras.ops.inv(matrix)}, name="inverter")
    with pytest.raises(EmoError, match=r"model\.onnx: expected .*inverter .*MatrixInverse"):
        export_formats(model, tmp_path, formats=["onnx"])
    assert not list(tmp_path.iterdir())


@needs("openvino")
def test_openvino_reports_nothing_to_its_makers(context_model, tmp_path):
    export_formats(context_model, tmp_path, formats=["openvino"])
    from openvino.tools.ovc import convert_impl

    assert convert_impl.tm.__name__ == "openvino.tools.ovc.telemetry_stub"
    assert "openvino_telemetry" not in sys.modules


def test_no_format_is_no_work(tmp_path):
    picture = keras.Input((2,), name="state")
    assert export_formats(keras.Model(picture, picture), tmp_path, formats=[]) == {}
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused_with_close_matches(context_model, tmp_path):
    with pytest.raises(EmoError, match="Unknown format: did you mean openvino"):
        export_formats(context_model, tmp_path, formats=["openvin"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_streaming_model_is_refused_with_the_reason(name, tmp_path):
    inputs = {taken: keras.Input((4,), name=taken) for taken in ("features", "state")}
    state = inputs["features"] + inputs["state"]
    model = keras.Model(inputs, {"score": 2 * state, "state": state})
    with pytest.raises(EmoError, match=r"online form cannot: equal names of states.*: state in"):
        export_formats(model, tmp_path, formats=[name])


def test_a_model_without_names_for_its_outputs_is_refused(tmp_path):
    picture = keras.Input((2,), name="picture")
    model = keras.Model({"picture": picture}, 2 * picture, name="nameless")
    with pytest.raises(EmoError, match=r"expected a model that returns a dict.*nameless"):
        export_formats(model, tmp_path, formats=["onnx"])


@pytest.mark.parametrize("name", FORMATS)
def test_a_missing_library_names_the_extra(name, context_model, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda library: None)
    with pytest.raises(EmoError, match=r"pip install 'emo_tf\[formats\]'.*Received: no "):
        export_formats(context_model, tmp_path, formats=[name])
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(all(map(is_installed, FORMATS)), reason="the other tests have run for real")
def test_all_pass_where_the_extra_is_installed(tmp_path):
    setup = configparser.ConfigParser()
    setup.read(REPOSITORY / "setup.cfg")
    extra = setup["options.extras_require"]["formats"].split()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, tmp_path / "extra", *extra, "openvino-telemetry"], check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not network", Path(__file__)]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'tests'}"],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "extra")},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
