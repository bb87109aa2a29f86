from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export import mtcnn
from emo_tf.export.exporter import export_model
from emo_tf.export.sources import read_exportables
from emo_tf.models.mtcnn import output_network, refinement_network
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

NETWORKS = ["mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet"]

# Kernels, biases and slopes of R-Net, as the package stores them.
RNET_CONVOLUTIONS = [(3, 3, 3, 28), (3, 3, 28, 48), (2, 2, 48, 64)]
RNET_HEADS = [(128, 4), (128, 2)]


def made_up_weights() -> list[np.ndarray]:
    shapes = [
        shape for kernel in RNET_CONVOLUTIONS for shape in (kernel, kernel[-1:], (1, 1, kernel[-1]))
    ]
    shapes += [(576, 128), (128,), (128,)]
    shapes += [shape for kernel in RNET_HEADS for shape in (kernel, kernel[-1:])]
    generator = np.random.default_rng(0)
    return [generator.normal(0, 0.1, shape).astype(np.float32) for shape in shapes]


def test_the_folded_convolution_takes_pixels_as_they_are():
    generator = np.random.default_rng(0)
    kernel, bias = generator.normal(size=(3, 3, 3, 10)), generator.normal(size=10)
    pixels = generator.integers(0, 256, (3, 3, 3))
    expected = np.tensordot((pixels - 127.5) / 128, kernel, 3) + bias
    folded_kernel, folded_bias = mtcnn._fold_normalisation(kernel, bias)
    np.testing.assert_allclose(np.tensordot(pixels, folded_kernel, 3) + folded_bias, expected)


def test_one_logit_stands_for_the_softmax_of_two():
    kernel, bias = np.array([[1.0, 3.0], [-2.0, 0.5]]), np.array([0.25, -1.0])
    logits = np.array([0.7, -0.4]) @ kernel + bias
    logit_kernel, logit_bias = mtcnn._fold_softmax(kernel, bias)
    (logit,) = np.array([0.7, -0.4]) @ logit_kernel + logit_bias
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(np.exp(logits)[1] / np.exp(logits).sum())


def test_columns_first_becomes_rows_first():
    volume = np.random.default_rng(0).normal(size=(2, 3, 4))  # height, width, channels
    kernel = np.random.default_rng(1).normal(size=(24, 5))
    expected = volume.transpose(1, 0, 2).ravel() @ kernel
    folded = mtcnn._fold_transposition(kernel, (None, 2, 3, 4))
    np.testing.assert_allclose(volume.ravel() @ folded, expected)


def test_five_x_and_five_y_become_five_points():
    assert mtcnn._pair_coordinates(np.arange(10)).tolist() == [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda weights: weights[:-2], "expected arrays for layer logit", id="missing"),
        pytest.param(
            lambda weights: [*weights, weights[-1]], "expected none after logit", id="left over"
        ),
    ],
)
def test_weights_of_another_network_are_refused(change, message):
    with pytest.raises(EmoError, match=message):
        mtcnn.load_weights(refinement_network(), change(made_up_weights()), mtcnn._RNET_LAYERS)


def test_the_output_networks_features_are_what_its_heads_read():
    network = output_network()
    outputs = network(np.random.default_rng(0).uniform(0, 255, (2, 48, 48, 3)).astype(np.float32))
    assert outputs["features"].shape == (2, 256)
    for head in ("logit", "box", "landmarks"):
        expected = network.get_layer(head)(outputs["features"])
        np.testing.assert_allclose(outputs[head], expected, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the package's own
@pytest.mark.parametrize(
    ("stage", "side", "name"), [(1, 30, "pnet"), (2, 24, "rnet"), (3, 48, "onet")], ids=str
)
def test_the_shipped_networks_answer_as_the_packages(stage, side, name):
    package = pytest.importorskip("mtcnn").MTCNN()
    images = np.random.default_rng(0).integers(0, 256, (4, side, side, 3), np.uint8)
    theirs = package.get_stage(stage_id=stage).model((images.astype(np.float32) - 127.5) / 128)
    model = LiteRTModel(weight_path(f"mtcnn_{name}"))
    fraction = {"fraction": np.zeros_like(images)} if name != "onet" else {}
    ours = model(image=images, **fraction)
    atol = 5e-3 if name == "onet" else 1e-5  # weights in half precision
    np.testing.assert_allclose(ours["score"][..., 0], theirs[-1][..., 1], atol=atol)
    np.testing.assert_allclose(ours["box"], theirs[0], atol=atol)
    if name == "onet":
        points = np.stack([theirs[1][:, :5], theirs[1][:, 5:]], axis=-1)
        np.testing.assert_allclose(ours["landmarks"].reshape(-1, 5, 2), points, atol=atol)


@pytest.fixture(scope="module")
def exportables():
    pytest.importorskip("mtcnn")
    return read_exportables(Path("mtcnn"))


def test_mtcnn_stands_for_the_three_networks(exportables):
    assert list(exportables) == NETWORKS
    for name, exportable in exportables.items():
        assert exportable.metadata.name == name
        assert exportable.metadata.licence == "MIT"
        assert "PyPI package mtcnn" in exportable.source
        assert exportable.calibration is None
        assert exportable.from_bytes is None
        assert not exportable.examples.real


@pytest.mark.parametrize(
    ("name", "precisions"),
    [
        ("mtcnn_pnet", ("float32",)),
        ("mtcnn_rnet", ("float32",)),
        ("mtcnn_onet", ("float32", "float16")),
    ],
    ids=NETWORKS,
)
def test_halves_are_left_to_the_network_that_bears_them(exportables, tmp_path, name, precisions):
    assert exportables[name].precisions == precisions
    with pytest.raises(EmoError, match=r"precision: expected .*float32\. Received: 'int8'"):
        export_model(exportables[name], tmp_path / "export", precisions=["int8"])
    assert not (tmp_path / "export").exists()


def test_the_logit_becomes_a_probability_and_the_rest_stays(exportables):
    heads = {"logit": np.array([[0.0], [np.log(3)]]), "box": np.array([[0.1, 0.2, 0.3, 0.4]])}
    outputs = exportables["mtcnn_pnet"].outputs(heads)
    assert set(outputs) == {"score", "box"}
    np.testing.assert_allclose(outputs["score"], [[0.5], [0.75]], atol=1e-6)
    np.testing.assert_array_equal(outputs["box"], heads["box"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "precision", "side"),
    [
        ("mtcnn_pnet", "float32", 40),
        ("mtcnn_rnet", "float32", 24),
        ("mtcnn_onet", "float16", 48),
    ],
    ids=NETWORKS,
)
def test_the_shipped_files_come_out_of_the_export(exportables, tmp_path, name, precision, side):
    report = export_model(exportables[name], tmp_path / "export", precisions=[precision])
    made = LiteRTModel(tmp_path / "export" / report["files"][precision]["path"])
    shipped = LiteRTModel(weight_path(name))
    assert made.metadata == shipped.metadata
    assert report["evaluation"] is None
    image = np.random.default_rng(0).integers(0, 256, (2, side, side, 3), np.uint8)
    inputs = dict.fromkeys(made.metadata.inputs, image)
    expected = shipped(**inputs)
    for output, array in made(**inputs).items():
        np.testing.assert_allclose(array, expected[output], atol=1e-5)
