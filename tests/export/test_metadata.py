import zipfile
from dataclasses import replace

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.export import metadata as metadata_module
from emo_tf.export.metadata import BUFFER_ALIGNMENT, embed_metadata, write_metadata
from emo_tf.model_metadata import ImageInput
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

MODEL = weight_path("mtcnn_onet")
LABELS = ("left", "top", "right", "bottom")  # as many as `box` has values


@pytest.fixture(scope="module")
def metadata():
    shipped = LiteRTModel(MODEL).metadata
    return replace(shipped, name="ünder test", labels=LABELS, temperature=1.25)


def table_of(content: bytes) -> bytes:
    """Returns the FlatBuffer with the TFLite Metadata."""
    model = schema.ModelT.InitFromPackedBuf(content)
    (buffer,) = [item.buffer for item in model.metadata if item.name == b"TFLITE_METADATA"]
    return bytes(model.buffers[buffer].data)


def test_the_model_answers_as_before_and_carries_what_was_written(tmp_path, metadata):
    path = write_metadata(MODEL, tmp_path / "new" / "model.tflite", metadata=metadata)
    images = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 3), np.uint8)
    expected = LiteRTModel(MODEL, threads=1)(image=images)
    model = LiteRTModel(path, threads=1)
    assert model.metadata == metadata
    for name, array in model(image=images).items():
        np.testing.assert_array_equal(array, expected[name])
    assert [file.name for file in path.parent.iterdir()] == ["model.tflite"]


def test_the_zip_holds_the_labels_one_a_line(tmp_path, metadata):
    path = write_metadata(MODEL, tmp_path / "model.tflite", metadata=metadata)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["emo_tf.json", "labels.txt"]
        assert archive.read("labels.txt").decode() == "left\ntop\nright\nbottom\n"
        assert all(item.compress_type == zipfile.ZIP_STORED for item in archive.infolist())
    path = write_metadata(MODEL, path, metadata=replace(metadata, labels=()))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["emo_tf.json"]


def test_weights_stay_aligned(metadata):
    content = embed_metadata(MODEL.read_bytes(), metadata)
    start = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    model = schema.Model.GetRootAs(content)
    lengths = []
    for index in range(model.BuffersLength()):
        buffer = model.Buffers(index)
        if buffer.DataLength():
            address = buffer.DataAsNumpy().__array_interface__["data"][0]
            assert (address - start) % BUFFER_ALIGNMENT == 0
            lengths.append(buffer.DataLength())
    assert max(lengths) > 500_000


def test_writing_again_replaces_and_gives_the_same_bytes(metadata):
    once = embed_metadata(MODEL.read_bytes(), metadata)
    other = embed_metadata(once, replace(metadata, name="other"))
    assert other != once
    assert embed_metadata(other, metadata) == once


def test_the_table_names_the_label_file_beside_the_output_that_it_labels(metadata):
    table = table_of(embed_metadata(MODEL.read_bytes(), metadata))
    assert table[4:8] == b"M001"
    assert table.count(b"labels.txt") == 1
    assert "ünder test".encode() in table
    plain = table_of(embed_metadata(MODEL.read_bytes(), replace(metadata, labels=("one", "two"))))
    assert b"labels.txt" not in plain


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"inputs": {"picture": ImageInput(48, 48)}},
            r"metadata.inputs, metadata.arrays: expected .* image. Received: picture",
            id="input",
        ),
        pytest.param(
            {"outputs": {"score": ""}}, r"metadata.outputs: .* Received: score", id="output"
        ),
    ],
)
def test_other_names_than_the_models_are_refused(tmp_path, metadata, change, message):
    with pytest.raises(EmoError, match=message):
        write_metadata(MODEL, tmp_path / "model.tflite", metadata=replace(metadata, **change))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_model_is_refused(tmp_path, metadata):
    text = tmp_path / "text.tflite"
    text.write_text("renamed text")
    with pytest.raises(EmoError, match=r"text.tflite: expected a TFLite model"):
        write_metadata(text, tmp_path / "model.tflite", metadata=metadata)
    with pytest.raises(EmoError, match=r"nowhere.tflite: cannot be read"):
        write_metadata(tmp_path / "nowhere.tflite", tmp_path / "model.tflite", metadata=metadata)


def test_a_failure_leaves_the_old_file(tmp_path, metadata, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")
    monkeypatch.setattr(metadata_module, "_zip", lambda metadata: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_metadata(MODEL, path, metadata=metadata)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
