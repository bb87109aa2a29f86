"""What a model card tells of a model and of what was measured."""

import re
from dataclasses import replace

import pytest

from emo_tf.export.class_tables import class_tables
from emo_tf.export.model_card import model_card
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata

METADATA = ModelMetadata(
    name="made_up",
    task="expression",
    description="Apparent expression of a face: one of two.",
    version="1",
    inputs={
        "image": ImageInput(48, 40, colour="grey"),
        "scene": ImageInput(None, None),
        "faces": ImageInput(112, 96, faces=15),
    },
    arrays={"box": ArrayInput((4,), "Corners of the person.")},
    outputs={"probabilities": "Probability of each expression."},
    labels=("happy", "sad"),
    temperature=0.8768,
    crop={"preset": "box", "margin": 0.25},
    detection={"min_face": 20},
    licence="CC0-1.0",
)
TEXT = {
    "title": "A model of two expressions",
    "about": "It tells how people look.",
    "data": "Twelve drawings.",
    "recipe": "1. `emo-tf train made_up`: 3 epochs",
    "works_best": "on drawings",
    "limits": "the sad ones are few",
    "note": "Cut short.",
    "request": "`image_bytes`: bytes.",
    "stream_frames": None,
    "details": "A further table.",
}
CLASSES = {
    "labels": ["happy", "sad"],
    "confusion": [[90, 10], [30, 0]],
    "reliability": {
        "examples": [0, 0, 0, 50, 80],
        "confidence": [0, 0, 0, 40.0, 75.0],
        "correct": [0, 0, 0, 30, 60],
    },
}


def difference(*relative: float) -> dict:
    """A difference from Keras by library."""
    return {
        f"library {number}": {"probabilities": {"largest": 9.0, "relative": value, "mean": 0.0}}
        for number, value in enumerate(relative)
    }


def figures(accuracy: float | None, sad: float | None) -> dict:
    slices = {
        "label=happy": {"examples": 3000, "accuracy": 0.75},
        "label=sad": {"examples": 589, "accuracy": sad},
    }
    return {"metrics": {"accuracy": accuracy, "mean_recall": 0.5}, "slices": slices}


REPORT = {
    "emo_tf": "0.1.0",
    "model": {"parameters": 1_543_077},
    "examples": {"source": "made up, the test split", "real": True, "count": 3589},
    "evaluation": {
        "dataset": "made_up",
        "split": "test",
        "use": "training chose by them",
        "primary": "accuracy",
    },
    "keras": figures(0.70123, 0.25),
    "files": {
        "saved_model": {
            "path": "saved_model",
            "bytes": 7_004_000,
            "difference": difference(1.234e-7),
            **figures(0.70123, 0.25),
        },
        "int8": {
            "path": "model_int8.tflite",
            "bytes": 1_630_915,
            "difference": difference(0.0123, 0.0456),
            "latency_ms": {"1": {"median": 2.14}, "2": {"median": 1.26}},
            **figures(None, None),
            "classes": CLASSES,
        },
    },
    "card": TEXT,
}
COMPARED = {
    **REPORT,
    "examples": {"source": "made-up patches", "real": False, "count": 4},
    "evaluation": None,
    "keras": {"metrics": {}, "slices": {}},
    "files": {
        name: {key: value for key, value in file.items() if key != "classes"}
        | {"metrics": {}, "slices": {}}
        for name, file in REPORT["files"].items()
    },
}


@pytest.fixture(scope="module")
def card() -> str:
    return model_card(REPORT, METADATA)


def test_the_card_tells_what_each_file_was_measured_to_reach(card):
    header = "| file | size | accuracy | mean recall | from Keras | 1 thread | 2 threads |"
    keras_row = "| Keras |  | 0.7012 | 0.5000 |  |  |  |"
    saved_model = "| `saved_model` | 7.00 MB | 0.7012 | 0.5000 | 1.2e-07 |  |  |"
    int8 = "| `model_int8.tflite` | 1.63 MB | - | 0.5000 | 4.6e-02 | 2.1 ms | 1.3 ms |"
    assert "\n".join([header, f"|{'---|' * 7}", keras_row, saved_model, int8]) in card
    assert "On 3,589 examples: made up, the test split; training chose by them." in card


def test_the_card_tells_the_primary_metric_by_slice(card):
    header = "| slice | examples | Keras | saved_model | int8 |"
    happy = "| label=happy | 3,000 | 0.7500 | 0.7500 | 0.7500 |"
    sad = "| label=sad | 589 | 0.2500 | 0.2500 | - |"
    table = "\n".join([header, f"|{'---|' * 5}", happy, sad])
    assert f"\nAccuracy by slice:\n\n{table}\n" in card


@pytest.mark.parametrize(
    "row",
    [
        "| Files | `saved_model`, `model_int8.tflite` |",
        "| Input | `image`: uint8 grey pixels, (N, 48, 40, 1); normalisation is in the graph |",
        "| Input | `scene`: uint8 rgb pixels, (N, any, any, 3); normalisation is in the graph |",
        "| Input | `faces`: uint8 rgb pixels, (N, 15, 112, 96, 3), black where there are fewer "
        "faces; normalisation is in the graph |",
        "| Input | `box`: float32, (N, 4): Corners of the person. |",
        "| Output | `probabilities`: Probability of each expression. |",
        "| Signature `serve_bytes` | `image_bytes`: bytes. |",
        "| Labels | happy, sad |",
        "| Temperature | 0.877, in the graph |",
        "| Version | 1, written by emo_tf 0.1.0 |",
        "| Network | 1,543,077 parameters |",
        "| From a photograph | preset box, margin 0.25 (written into the files) |",
        "| Faces looked for | min_face 20 (written into the files) |",
        "| Licence | CC0-1.0 |",
    ],
    ids=lambda row: " ".join(re.findall(r"\w+", row)[:2]),
)
def test_the_card_tells_what_the_model_takes_and_returns(card, row):
    assert row in card.splitlines()


def test_the_card_holds_the_models_own_texts_in_their_sections(card):
    title, *sections = re.split(r"^#+ (?=\w)", card, flags=re.MULTILINE)[1:]
    assert title.startswith("A model of two expressions\n")
    assert "one of two. It tells how people look.\n" in title
    by_name = {section.split("\n")[0]: section for section in sections}
    assert list(by_name) == ["Data", "Recipe", "Measured", "Use"]
    assert "Twelve drawings." in by_name["Data"]
    assert by_name["Recipe"].endswith("made_up`: 3 epochs\n\nCut short.\n\n")
    assert by_name["Measured"].endswith("\n\nA further table.\n\n")
    assert "Works best on drawings." in by_name["Use"]
    assert "Known limits: the sad ones are few." in by_name["Use"]


def test_the_card_tells_recall_and_precision_by_class_with_intervals(card):
    header = "| class | examples | recall | answers | precision |"
    happy = "| happy | 100 | 0.900 (0.826 to 0.945) | 120 | 0.750 (0.666 to 0.819) |"
    sad = "| sad | 30 | 0.000 (0.000 to 0.114) | 10 | 0.000 (0.000 to 0.278) |"
    assert "\n".join([header, f"|{'---|' * 5}", happy, sad]) in card
    assert "Of `model_int8.tflite`: recall is" in card
    assert "| **happy** | 90 | 10 |\n| **sad** | 30 | 0 |" in card


def test_the_card_tells_how_well_probabilities_keep_what_they_promise(card):
    header = "| top probability | answers | its mean | accuracy |"
    bins = "| 0.60 to 0.80 | 50 | 0.800 | 0.600 |\n| 0.80 to 1.00 | 80 | 0.938 | 0.750 |"
    assert f"{header}\n|{'---|' * 4}\n{bins}\n" in card
    assert "in 5 equal bins" in card


def test_a_class_that_is_never_answered_has_no_precision():
    never = CLASSES | {"confusion": [[100, 0], [30, 0]]}
    assert "| sad | 30 | 0.000 (0.000 to 0.114) | 0 | - |" in class_tables(never, file="it")


def test_without_labels_files_are_told_beside_keras_alone():
    card = model_card(COMPARED, METADATA)
    assert "On 4 examples (made-up patches), beside Keras alone." in card
    assert "| file | size | from Keras | 1 thread | 2 threads |" in card
    assert "| `saved_model` | 7.00 MB | 1.2e-07 |  |  |" in card
    assert "by slice" not in card
    assert "reporting" not in card


def test_a_card_without_a_note_ends_its_recipe_with_the_recipe():
    report = REPORT | {"card": TEXT | {"note": ""}}
    assert "made_up`: 3 epochs\n\n## Measured" in model_card(report, METADATA)


def test_what_a_model_does_not_say_has_no_row():
    bare = replace(METADATA, labels=(), temperature=None, crop={}, detection={}, licence="")
    card = model_card(REPORT | {"card": TEXT | {"request": None}}, bare)
    for row in ("Labels", "Temperature", "From a photograph", "Faces looked", "Signature"):
        assert f"| {row}" not in card
    assert "| Licence | not stated: ask whoever trained it |" in card


def test_the_card_speaks_of_what_is_apparent_and_of_forbidden_use(card):
    assert "research on apparent emotion" in card
    assert "Not for: " in card
    assert "AI Act" in card
    assert not re.search(r"\bfeels?\b", card)


@pytest.mark.parametrize("report", [REPORT, COMPARED], ids=["measured", "compared"])
def test_nothing_is_left_to_fill_in(report):
    card = model_card(report, METADATA)
    assert not re.search(r"[{}]", card)
    assert "None" not in card
    assert "\n\n\n" not in card
