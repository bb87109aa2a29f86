import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.model_metadata import (
    FILE_NAME,
    FORMAT_VERSION,
    SCORE_KINDS,
    ArrayInput,
    ImageInput,
    ModelMetadata,
)

METADATA = ModelMetadata(
    name="expression",
    task="expression",
    description="Apparent expression of a face.",
    version="3",
    inputs={
        "image": ImageInput(48, 64, "grey"),
        "level": ImageInput(None, None),
        "clip": ImageInput(48, 64, frames=8),
    },
    arrays={"box": ArrayInput((4,), "where"), "state": ArrayInput((None, 3, 2), "from before")},
    outputs={"probabilities": "one a label"},
    labels=("happy", "sad"),
    score_kind="softmax",
    temperature=1.5,
    thresholds={"happy": 0.25},
    crop={"preset": "box", "margin": 0.3},
    licence="Apache-2.0",
    provenance={"data": "made up"},
)


def changed(**values) -> str:
    return json.dumps(json.loads(METADATA.to_json()) | values)


def test_metadata_survives_the_round_trip():
    assert ModelMetadata.from_json(METADATA.to_json(), source="a.tflite") == METADATA


def test_fields_of_a_later_writer_are_passed_over():
    read = ModelMetadata.from_json(changed(weather="fine"), source="a.tflite")
    assert read == METADATA


def test_files_written_before_there_were_clips_and_arrays_still_read():
    values = json.loads(METADATA.to_json())
    del values["arrays"], values["inputs"]["clip"]
    for image in values["inputs"].values():
        del image["frames"]
    read = ModelMetadata.from_json(json.dumps(values), source="a.tflite")
    pictures = {name: METADATA.inputs[name] for name in ("image", "level")}
    assert read == replace(METADATA, inputs=pictures, arrays={})


@pytest.mark.parametrize(
    ("image", "shape"),
    [
        pytest.param(ImageInput(48, 64), (48, 64, 3), id="picture"),
        pytest.param(ImageInput(None, None, "grey"), (None, None, 1), id="any size"),
        pytest.param(ImageInput(48, 64, frames=8), (8, 48, 64, 3), id="clip"),
    ],
)
def test_an_image_knows_its_shape_without_the_batch(image, shape):
    assert image.shape == shape


def test_a_name_is_an_images_or_an_arrays():
    arrays = {name: ArrayInput((4,), "") for name in ("box", "level", "image")}
    with pytest.raises(EmoError, match=r"^arrays: .* no image has\. Received: image, level$"):
        replace(METADATA, arrays=arrays)
    text = changed(arrays={"image": {"shape": [4], "description": ""}})
    with pytest.raises(EmoError, match=r"^a\.tflite: arrays: expected names that no image has"):
        ModelMetadata.from_json(text, source="a.tflite")


def test_states_are_the_arrays_that_are_given_back():
    assert METADATA.states == {}
    outputs = {**METADATA.outputs, "state": "for the next frame"}
    assert replace(METADATA, outputs=outputs).states == {"state": METADATA.arrays["state"]}


def test_an_image_knows_its_channels():
    assert ImageInput(48, 48, "grey").channels == 1
    assert ImageInput(48, 48).channels == 3


def test_an_unknown_colour_is_refused():
    with pytest.raises(EmoError, match="did you mean grey"):
        ImageInput(48, 48, "gray")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"format": FORMAT_VERSION, "name": "expression"}),
        changed(inputs=None),
        changed(inputs={"image": {"depth": 3}}),
        changed(labels=None),
        changed(arrays=None),
        changed(arrays={"box": {"description": ""}}),
        changed(arrays={"box": {"shape": 4, "description": ""}}),
    ],
    ids=[
        *("cut off", "a list", "empty", "fields missing", "no inputs", "odd input", "no labels"),
        *("no arrays", "array without a shape", "array of an odd shape"),
    ],
)
def test_what_is_no_metadata_names_the_file(text):
    with pytest.raises(EmoError, match=r"a\.tflite: emo_tf\.json is not valid metadata"):
        ModelMetadata.from_json(text, source="a.tflite")


def test_a_later_format_is_refused_by_its_number():
    with pytest.raises(EmoError, match=r"a\.tflite: expected metadata of format 1. Received: 2"):
        ModelMetadata.from_json(changed(format=2), source="a.tflite")


@pytest.mark.parametrize("kind", SCORE_KINDS)
def test_each_kind_of_score_is_taken(kind):
    assert replace(METADATA, score_kind=kind).score_kind == kind


IMPOSSIBLE = [
    pytest.param(
        {"score_kind": "sigmoids"},
        "Unknown score_kind: did you mean sigmoid.*'sigmoids'",
        id="kind of score",
    ),
    pytest.param(
        {"thresholds": {"happy": 0.1, "hapy": 0.2}},
        "Unknown label of a threshold: did you mean happy.*'hapy'",
        id="threshold of no label",
    ),
    pytest.param(
        {"thresholds": {"happy": 0.5}, "labels": ()},
        "Unknown label of a threshold: .*'happy'",
        id="thresholds without labels",
    ),
    pytest.param(
        {"thresholds": {"sad": float("nan")}},
        "threshold of sad: expected a number. Received: nan",
        id="threshold not a number",
    ),
    pytest.param(
        {"thresholds": {"sad": float("inf")}},
        "threshold of sad: expected a number. Received: inf",
        id="endless threshold",
    ),
]


@pytest.mark.parametrize(("values", "message"), IMPOSSIBLE)
def test_scores_and_thresholds_that_cannot_be_are_refused(values, message):
    with pytest.raises(EmoError, match=message):
        replace(METADATA, **values)


@pytest.mark.parametrize(("values", "message"), IMPOSSIBLE)
def test_a_file_that_says_what_cannot_be_is_named(values, message):
    with pytest.raises(EmoError, match=rf"^a\.tflite: {message}"):
        ModelMetadata.from_json(changed(**values), source="a.tflite")


def test_a_threshold_may_be_any_number_since_raw_scores_are_not_bounded():
    assert replace(METADATA, score_kind="raw", thresholds={"sad": -3, "happy": 40.5})


@pytest.mark.parametrize("before", [b"", b"TFL3 and more"], ids=["a zip", "a zip at the end"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["as is", "zip"])
def test_metadata_is_read_from_a_file(tmp_path, before, method):
    path = tmp_path / "modèle.tflite"
    path.write_bytes(before)
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr("labels.txt", "happy")
        archive.writestr(FILE_NAME, METADATA.to_json())
    assert ModelMetadata.read(path) == METADATA


def zipped(name: str, content: bytes, *, method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def damaged(method: int) -> bytes:
    content = bytearray(zipped(FILE_NAME, METADATA.to_json().encode(), method=method))
    content[60] ^= 0xFF
    return bytes(content)


def locked() -> bytes:
    content = zipped(FILE_NAME, b"{}")
    directory = content.index(b"PK\x01\x02")
    return content[: directory + 8] + b"\x01" + content[directory + 9 :]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"TFL3 and no zip", id="no zip"),
        pytest.param(zipped("labels.txt", b"happy"), id="a zip without it"),
        pytest.param(zipped(FILE_NAME, b"{}")[:-9], id="cut short"),
        pytest.param(zipped(FILE_NAME, b"\xff\xfe"), id="not text"),
        pytest.param(damaged(zipfile.ZIP_STORED), id="damaged"),
        pytest.param(damaged(zipfile.ZIP_DEFLATED), id="damaged and compressed"),
        pytest.param(locked(), id="with a password"),
    ],
)
def test_a_file_without_metadata_or_with_damaged_ones_is_named(tmp_path, content):
    path = tmp_path / "odd.tflite"
    path.write_bytes(content)
    with pytest.raises(EmoError, match=r"odd\.tflite: expected a model with emo_tf\.json in it"):
        ModelMetadata.read(path)


def test_metadata_that_make_no_sense_name_their_file(tmp_path):
    path = tmp_path / "odd.keras"
    path.write_bytes(zipped(FILE_NAME, b'{"format": 9}'))
    with pytest.raises(EmoError, match=r"odd\.keras: expected metadata of format 1. Received: 9"):
        ModelMetadata.read(path)


def test_a_missing_file_is_named_as_missing(tmp_path):
    with pytest.raises(EmoError, match=r"none\.keras: expected a model\. Received: no such file"):
        ModelMetadata.read(tmp_path / "none.keras")


def test_a_folder_holds_no_metadata(tmp_path: Path):
    with pytest.raises(EmoError, match="expected a model with"):
        ModelMetadata.read(tmp_path)
