import numpy as np
import pytest
from matplotlib.figure import Figure

from emo_tf import plots
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES

NAMES = ("Anger", "Doubt/Confusion", "Yearning")
LABELS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
SCORES = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.2], [0.4, 0.7, 0.1], [-0.3, 1.2, 0.0]])


def examples(people: int, **changes) -> Figure:
    """Draws the first people of the four in grey pictures, with thresholds of 0.5."""
    arguments = {
        "scenes": np.full((4, 20, 40, 3), 128.0),
        "boxes": np.array([[0.25, 0.5, 0.5, 0.25]] * 4),
        "labels": LABELS,
        "scores": SCORES,
        "vad_labels": np.array([[6.0, 5.0, 7.0]] * 4),
        "vad": np.array([[5.5, 4.25, 7.75]] * 4),
    }
    arguments = {name: values[:people] for name, values in arguments.items()}
    arguments |= {"thresholds": [0.5, 0.5, np.nan], "names": NAMES} | changes
    return plots.examples_figure(**arguments)


def written_in(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_examples_mark_what_is_annotated_and_what_is_predicted():
    written = written_in(examples(2))
    assert "✓ Anger (0.90)" in written
    assert "○ Anger (0.20)" in written
    assert "✓ Doubt/Confusion (0.80)" in written
    assert "✗ Doubt/Confusion (1.20)" in written_in(examples(4))
    assert {"Valence 6.0 → 5.5", "Arousal 5.0 → 4.2", "Dominance 7.0 → 7.8"} <= set(written)


def test_examples_have_the_box_of_the_person():
    box = examples(1).axes[0].patches[-1]
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (9.5, 9.5, 20, 5)


def test_examples_with_many_categories_say_how_many_are_left_out():
    figure = plots.examples_figure(
        [np.zeros((8, 8, 3), np.uint8)],
        [[0, 0, 1, 1]],
        np.ones((1, 26)),
        np.zeros((1, 26)),
        np.full(26, np.nan),
        np.ones((1, 3)),
        np.ones((1, 3)),
        names=EMOTIC_CATEGORIES,
    )
    written = written_in(figure)
    assert sum(text.startswith("○ ") for text in written) == 9
    assert "and 17 more" in written


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"scenes": np.zeros((1, 8, 8, 3))},
            r"scenes: expected 2 people, as labels has\. Received: 1",
        ),
        (
            {"scenes": np.zeros((2, 8, 8))},
            r"scenes: expected shape \(H, W, 3\)\. Received: \(8, 8\)",
        ),
        ({"boxes": np.ones((1, 4))}, r"boxes: expected 2 people, as labels has\. Received: 1"),
        ({"boxes": np.ones((2, 3))}, r"boxes: expected four numbers each\. Received: 3"),
        ({"scores": SCORES}, r"scores: expected shape \(2, 3\), as labels has"),
        ({"vad": np.ones((2, 2))}, r"vad: expected shape \(2, 3\), as vad_labels has"),
        ({"thresholds": [0.5]}, r"thresholds: expected one for each of 3 categories"),
    ],
    ids=[
        "a scene too few",
        "grey scenes",
        "a box too few",
        "boxes of three numbers",
        "scores of other people",
        "two dimensions",
        "a threshold too few",
    ],
)
def test_examples_that_do_not_belong_together_are_an_error(changes, message):
    with pytest.raises(EmoError, match=message):
        examples(2, **changes)
