import re

import pytest

from emo_tf.export.model_card import expression_card
from emo_tf.labels import EXPRESSIONS


def report(accuracy: float, *, size: int) -> dict:
    public_test = {
        "examples": 3589,
        "accuracy": accuracy,
        "mean_recall": accuracy - 0.02,
        "expected_calibration_error": 0.0234,
        "recall": {name: 0.1 * index for index, name in enumerate(EXPRESSIONS)} | {"fear": None},
        "confusion": [[10 * row + column for column in range(7)] for row in range(7)],
    }
    return {
        "bytes": size,
        "public_test": public_test,
        "public_test_without_duplicates": {"accuracy": accuracy - 0.01},
    }


def stage(name: str, **values) -> dict:
    return {
        "name": name,
        "model": "expression_net",
        "epochs": 90,
        "batch_size": 128,
        "resolutions": [[0.0, 32], [0.25, 40]],
        "label_smoothing": 0.1,
        "photograph_repeats": 0,
        "members": 1,
        "optimizer": {"learning_rate": 0.1, "weight_decay": 0.005, "ema_decay": 0.995},
        "schedule": {"warmup_epochs": 3.0},
        **values,
    }


METRICS = {
    "temperature": 0.8768,
    "parameters": 1_540_000,
    "training_examples": 25_542,
    "photographs": 0,
    "held_out": {"examples": 2816},
    "stages": [stage("expression_fer2013")],
}
REPORTS = {"float16": report(0.7012, size=3_110_000), "int8": report(0.6987, size=1_630_000)}


@pytest.fixture(scope="module")
def card() -> str:
    return expression_card(METRICS, REPORTS, crop={"preset": "box", "margin": 0.25})


def test_the_card_tells_what_each_file_was_measured_to_reach(card):
    assert "| `expression_float16.tflite` | 3.11 MB | 70.12% | 69.12% | 68.12% | 0.023 |" in card
    assert "| `expression_int8.tflite` | 1.63 MB | 69.87% | 68.87% | 67.87% | 0.023 |" in card
    assert "Measured on PublicTest (3,589 pictures" in card


def test_the_card_tells_recalls_and_confusion_of_the_default_file(card):
    assert "Recall by class (float16): angry 0.0%, disgust 10.0%, fear not measured," in card
    assert "| **disgust** | 10 | 11 | 12 | 13 | 14 | 15 | 16 |" in card
    assert f"| | {' | '.join(EXPRESSIONS)} |\n|---|---|---|---|---|---|---|---|\n" in card


def test_the_card_tells_data_recipe_and_input(card):
    assert "25,542 pictures of Training to train on and 2,816" in card
    assert "`emo-tf train expression_fer2013`: 90 epochs in batches of 128" in card
    assert "32 px from 0%, 40 px from 25% of the way" in card
    assert "(N, 40, 40, 1)" in card
    assert "temperature 0.877" in card
    assert "1.54 million parameters" in card
    assert "preset box, margin 0.25" in card
    assert "photographs (github" not in card


def test_the_card_tells_of_a_second_stage_its_photographs_and_the_note():
    second = stage(
        "expression_photographs",
        resolutions=[[0.0, 48]],
        photograph_repeats=20,
        members=3,
    )
    stages = [stage("expression_fer2013"), second]
    metrics = METRICS | {"stages": stages, "photographs": 543}
    text = expression_card(metrics, REPORTS, crop={}, note="Cut short after epoch 76.")
    assert "543 labelled photographs" in text
    assert "1. `emo-tf train expression_fer2013`" in text
    assert "2. `emo-tf train expression_photographs`" in text
    assert len(re.findall(r"each photograph .*20 times an epoch", text)) == 1
    assert text.count("the mean of 3 such runs") == 1
    assert "   48 px;\n" in text
    assert "\n\nCut short after epoch 76.\n" in text


def test_the_card_speaks_of_apparent_expression_and_of_forbidden_use(card):
    assert "**apparent** expression" in card
    assert "Not for: " in card
    assert "AI Act" in card
    assert not re.search(r"\bfeels?\b", card)


def test_nothing_is_left_to_fill_in(card):
    assert not re.search(r"[{}]", card)
    assert "None" not in card
