import keras
import pytest

from emo_tf import models
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import load_model, save_model

SMALL = {"scene_size": (48, 40), "body_size": (32, 36)}


@pytest.fixture(scope="module")
def fused() -> keras.Model:
    return models.create("context_fusion", **SMALL)


@pytest.fixture(scope="module")
def blanked() -> keras.Model:
    return models.create(
        "context_fusion", branches=("scene",), blank_person=True, score_kind="sigmoid", **SMALL
    )


def test_a_model_says_what_it_takes_and_returns(fused):
    metadata = context_metadata(
        fused,
        version="3",
        thresholds={"Affection": 0.25, "Yearning": 0.125},
        licence="CC0-1.0",
        provenance={"data": "made up"},
    )
    assert (metadata.name, metadata.task, metadata.version) == ("context_fusion", "emotic", "3")
    assert metadata.inputs == {"scene": ImageInput(48, 40), "body": ImageInput(32, 36)}
    assert metadata.outputs.keys() == fused.output.keys()
    assert "not bounded" in metadata.outputs["score"]
    assert metadata.labels == EMOTIC_CATEGORIES
    assert metadata.score_kind == "raw"
    assert metadata.thresholds == {"Affection": 0.25, "Yearning": 0.125}
    assert metadata.crop == {"preset": "person", "blank_person": False}
    assert metadata.arrays == {}
    assert "from scene and body" in metadata.description
    assert (metadata.licence, metadata.provenance) == ("CC0-1.0", {"data": "made up"})


def test_a_model_of_the_scene_alone_without_the_person_says_so(blanked):
    metadata = context_metadata(blanked, version="1")
    assert metadata.inputs == {"scene": ImageInput(48, 40)}
    assert metadata.crop["blank_person"] is True
    assert {name: array.shape for name, array in metadata.arrays.items()} == {"box": (4,)}
    assert metadata.score_kind == "sigmoid"
    assert "0 to 1" in metadata.outputs["score"]
    assert "from scene." in metadata.description
    assert (metadata.thresholds, metadata.provenance) == ({}, {})


def test_what_a_model_says_stays_the_same_in_text_and_through_a_file(blanked, tmp_path):
    metadata = context_metadata(blanked, version="1", thresholds={"Peace": 0.5})
    assert ModelMetadata.from_json(metadata.to_json(), source="text") == metadata
    save_model(blanked, tmp_path / "model.keras", metadata=metadata)
    revived, read = load_model(tmp_path / "model.keras")
    assert read == metadata
    assert context_metadata(revived, version="1", thresholds=read.thresholds) == metadata


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        pytest.param(
            {"Peace": 0.5, "peace": 0.5},
            "Unknown label of a threshold: did you mean Peace.*'peace'",
            id="unknown category",
        ),
        pytest.param(
            {"Peace": float("nan")},
            "threshold of Peace: expected a number. Received: nan",
            id="NaN",
        ),
    ],
)
def test_thresholds_that_cannot_be_are_refused(fused, thresholds, message):
    with pytest.raises(EmoError, match=message):
        context_metadata(fused, version="1", thresholds=thresholds)
