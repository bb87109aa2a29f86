import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.model_metadata import FORMAT_VERSION, ImageInput, ModelMetadata

METADATA = ModelMetadata(
    name="expression",
    task="expression",
    description="Apparent expression of a face.",
    version="3",
    inputs={"image": ImageInput(48, 64, "grey"), "level": ImageInput(None, None)},
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
    ],
    ids=["cut off", "a list", "empty", "fields missing", "no inputs", "odd input", "no labels"],
)
def test_what_is_no_metadata_names_the_file(text):
    with pytest.raises(EmoError, match=r"a\.tflite: emo_tf\.json is not valid metadata"):
        ModelMetadata.from_json(text, source="a.tflite")


def test_a_later_format_is_refused_by_its_number():
    with pytest.raises(EmoError, match=r"a\.tflite: expected metadata of format 1. Received: 2"):
        ModelMetadata.from_json(changed(format=2), source="a.tflite")
