from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from PIL import ImageFont

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.results import Expression, Face, Group, PhotoResult
from emo_tf.runtime import annotate_faces, annotate_group
from emo_tf.runtime.annotate import PhotoAnnotator

HYBRID = {
    "faces": (0.30, 0.45, 0.25),
    "scenes": (0.05, 0.15, 0.80),
    "hybrid": (0.08, 0.20, 0.72),
}
ATTENTION = HYBRID | {"attention_c": (0.5, 0.3, 0.2)}
ENSEMBLE = ATTENTION | {"ensemble": (0.2, 0.2, 0.6)}
MANY = ENSEMBLE | {f"model_{number}": (0.1, 0.6, 0.3) for number in range(9)}
THREE = ((60, 60), (180, 60), (300, 60))


class Written(NamedTuple):
    text: str
    position: tuple[float, float]
    font: ImageFont.FreeTypeFont
    ink: tuple[int, int, int]


def face(x, y, width=50, height=60, label="happy") -> Face:
    rest = (1 - 0.88) / (len(EXPRESSIONS) - 1)
    probabilities = {name: 0.88 if name == label else rest for name in EXPRESSIONS}
    expression = Expression(label, probabilities) if label else None
    return Face((x, y, width, height), 0.99, ((x, y),) * 5, expression)


def group(verdicts: Mapping[str, tuple], *, source=None, weights=()) -> Group:
    """The verdict that follows the last source unless told otherwise."""
    told = {
        name: dict(zip(GROUP_EMOTIONS, verdict, strict=True)) for name, verdict in verdicts.items()
    }
    probabilities = told[source or list(told)[-1]]
    label = max(probabilities, key=probabilities.__getitem__)
    return Group(label, probabilities, source or list(told)[-1], told, tuple(weights))


def draw(*faces, verdict, height=600, width=900, **options) -> np.ndarray:
    blank = np.full((height, width, 3), 128, np.uint8)
    result = PhotoResult("photo.jpg", faces=faces, group=verdict)
    return PhotoAnnotator(**options).annotate(blank, result)


def band_rows(drawn: np.ndarray) -> np.ndarray:
    """The rows of a grey picture that the band fills."""
    return np.flatnonzero((drawn != 128).any(axis=-1).all(axis=1))


def shows(image, colour) -> np.ndarray:
    return (image == np.array(colour, np.uint8)).all(axis=-1)


@pytest.fixture
def in_band(monkeypatch) -> list[Written]:
    """What is written into the band, in order."""
    return recorded(monkeypatch, annotate_group)


@pytest.fixture
def at_faces(monkeypatch) -> list[Written]:
    """What is written at the faces, in order."""
    return recorded(monkeypatch, annotate_faces)


def recorded(monkeypatch, module) -> list[Written]:
    lines = []
    write = module.write

    def record(canvas, *line):
        lines.append(Written(*line))
        write(canvas, *line)

    monkeypatch.setattr(module, "write", record)
    return lines


def texts(lines) -> list[str]:
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("verdicts", "source", "title"),
    [
        (HYBRID, "hybrid", "The group appears positive (72%) by faces and scene"),
        (HYBRID, "scenes", "The group appears positive (80%) by the scene"),
        (HYBRID, "faces", "The group appears neutral (45%) by faces"),
        (ATTENTION, "attention_c", "The group appears negative (50%) by attention_c"),
        (ENSEMBLE, "ensemble", "The group appears positive (60%) by the ensemble"),
    ],
    ids=["hybrid", "scenes", "faces", "model", "ensemble"],
)
def test_the_title_names_the_source_that_is_followed(verdicts, source, title, in_band):
    draw(face(60, 60), face(180, 60), verdict=group(verdicts, source=source))
    assert in_band[0].text == title


def test_smaller_letters_tell_what_each_source_says(in_band):
    drawn = draw(face(60, 60), verdict=group(ATTENTION))

    assert texts(in_band[1:]) == [
        "faces neutral 45%",
        "scene positive 80%",
        "both positive 72%",
        "attention_c negative 50%",
    ]
    assert all(line.font.size < in_band[0].font.size for line in in_band[1:])
    for line, label in zip(
        in_band[1:], ("neutral", "positive", "positive", "negative"), strict=True
    ):
        x, y = map(int, line.position)
        before = drawn[y - 3 : y + 4, x - round(line.font.size) : x]
        assert shows(before, GROUP_COLOURS[label]).any()


def test_the_source_that_is_followed_stands_out(in_band):
    draw(face(60, 60), verdict=group(HYBRID))
    inks = {line.text.split()[0]: line.ink for line in in_band[1:]}
    assert inks["faces"] == inks["scene"]
    assert sum(inks["both"]) > sum(inks["faces"])


def test_sources_that_had_nothing_to_go_by_are_not_told(in_band):
    draw(verdict=group({"scenes": HYBRID["scenes"]}))
    assert texts(in_band) == ["Appears positive (80%) by the scene"]


def test_one_face_alone_is_told_as_ever(in_band):
    draw(face(60, 60), verdict=group({"faces": HYBRID["faces"]}, weights=(1.0,)))
    assert texts(in_band) == ["Appears neutral (45%)"]


@pytest.mark.parametrize("verdicts", [{"faces": HYBRID["faces"]}, HYBRID], ids=["faces", "hybrid"])
def test_faces_that_count_alike_are_told_at_the_end_and_not_at_the_faces(
    verdicts, in_band, at_faces
):
    faces = [face(*place) for place in THREE]
    drawn = draw(*faces, verdict=group(verdicts, weights=(0.331, 0.334, 0.335)))

    assert in_band[-1].text == "each of 3 faces counts alike"
    assert texts(at_faces) == ["happy 88%"] * 3
    without = draw(*faces, verdict=group(verdicts))
    np.testing.assert_array_equal(drawn[:200], without[:200])


def test_faces_without_weights_are_not_said_to_count_alike(in_band):
    draw(face(60, 60), face(180, 60), verdict=group({"scenes": HYBRID["scenes"]}))
    assert texts(in_band) == ["The group appears positive (80%) by the scene"]


def test_each_face_says_its_share_where_they_differ(in_band, at_faces):
    faces = (face(60, 100), face(360, 100, label=None), face(660, 100, label="sad"))
    draw(*faces, verdict=group(ATTENTION, weights=(0.8, 0.2, 1.0)))

    assert texts(at_faces) == ["happy 88% · counts 40%", "counts 10%", "sad 88% · counts 50%"]
    assert not any("alike" in line.text for line in in_band)


def test_bars_are_as_long_as_the_weights_to_the_largest():
    faces = [face(x, 100, 100, 120) for x in (60, 360, 660)]
    verdict = group(ATTENTION, weights=(0.2, 0.5, 0.3))
    drawn = draw(*faces, verdict=verdict, labels=False)

    lengths = []
    for x in (60, 360, 660):
        inside = shows(drawn[205:216, x + 4 : x + 96], EXPRESSION_COLOURS["happy"])
        lengths.append(inside.sum(axis=1).max())
    np.testing.assert_allclose(np.array(lengths) / lengths[1], [0.4, 1, 0.6], atol=0.05)
    assert lengths[1] > 80


def test_weights_are_not_shown_without_the_group(at_faces):
    faces = (face(60, 100), face(360, 100))
    drawn = draw(*faces, verdict=group(ATTENTION, weights=(0.9, 0.1)), group=False)
    assert texts(at_faces) == ["happy 88%"] * 2
    np.testing.assert_array_equal(drawn, draw(*faces, verdict=None))


def test_a_small_face_has_the_bar_and_a_short_label(at_faces):
    faces = (face(40, 40, 24, 28), face(140, 40, 24, 28))
    drawn = draw(*faces, verdict=group(ATTENTION, weights=(0.9, 0.1)), height=160, width=240)
    assert texts(at_faces) == ["happy 88%"] * 2
    assert (drawn[62:66, 45:60] < 100).any()


def test_a_narrow_picture_has_shorter_wordings(in_band):
    draw(face(40, 40), face(140, 40), verdict=group(HYBRID), height=160, width=240)
    assert texts(in_band) == [
        "positive 72% by faces and scene",
        "faces 45%",
        "scene 80%",
        "both 72%",
    ]


def test_rows_are_broken_where_there_is_room_for_more(in_band):
    draw(face(40, 40), verdict=group(ATTENTION), height=640, width=400)
    rows = {line.position[1] for line in in_band[1:]}
    assert len(rows) == 2
    assert in_band[-1].text == "attention_c negative 50%"


def test_a_low_picture_keeps_the_title_alone(in_band):
    drawn = draw(verdict=group(HYBRID), height=60, width=500)
    assert texts(in_band) == ["Appears positive (72%) by faces and scene"]
    assert len(band_rows(drawn)) <= 24


def test_names_that_do_not_fit_are_left_out(in_band):
    name = "attention_over_faces_with_densenet_161_and_large_margin_softmax"
    draw(verdict=group(HYBRID | {name: (0.1, 0.1, 0.8)}), height=400, width=300)
    assert texts(in_band) == ["Appears positive (80%)"]


@pytest.mark.parametrize(
    ("height", "width"),
    [
        (1, 1),
        (2, 60),
        (60, 2),
        (30, 90),
        (90, 30),
        (160, 240),
        (400, 150),
        (480, 640),
        (2700, 4000),
    ],
    ids=str,
)
@pytest.mark.parametrize("verdicts", [HYBRID, MANY], ids=["three", "many"])
@pytest.mark.parametrize("count", [0, 1, 8])
def test_letters_stay_inside_the_picture_and_the_band(height, width, verdicts, count, in_band):
    faces = [
        face(width * (0.1 + 0.1 * k), height / 3, width / 15, height / 8) for k in range(count)
    ]
    verdict = group(verdicts, weights=[1 / max(1, count)] * count)
    drawn = draw(*faces, verdict=verdict, height=height, width=width)

    assert drawn.shape == (height, width, 3)
    for line in in_band:
        x, y = line.position
        assert x >= 0
        assert x + line.font.getlength(line.text) <= width
        letters = slice(round(y - 0.4 * line.font.size), round(y + 0.4 * line.font.size))
        assert (drawn[letters, 0] != 128).any(axis=-1).all()
        assert line.font.size / 2 <= y <= height - line.font.size / 2


def test_lines_of_the_band_do_not_touch(in_band):
    draw(face(60, 60), verdict=group(MANY), height=700, width=640)
    middles = sorted({line.position[1]: line.font.size for line in in_band}.items())
    assert len(middles) > 3
    for (above, upper_size), (below, lower_size) in pairwise(middles):
        assert below - above >= 0.55 * (upper_size + lower_size)


def test_the_band_moves_to_the_top_with_all_its_rows(in_band):
    drawn = draw(face(60, 530), verdict=group(HYBRID))
    rows = band_rows(drawn)
    assert rows[0] == 0
    assert len(in_band) == 4
    assert rows[-1] < 100
    # The strip of shares lies at the inner edge.
    assert shows(drawn[rows[-1]], GROUP_COLOURS["positive"]).mean() == pytest.approx(0.72, abs=0.01)


def test_rows_are_left_out_where_they_would_hide_a_face(in_band):
    """The title alone has room below the lower face, all of it has room nowhere."""
    faces = (face(60, 0, 100, 120), face(300, 450, 100, 115))
    drawn = draw(*faces, verdict=group(HYBRID), labels=False)
    assert len(in_band) == 1
    rows = band_rows(drawn)
    assert rows[0] >= 565
    assert rows[-1] == 599


def test_where_faces_are_everywhere_all_is_told(in_band):
    draw(face(0, 0, 900, 600), verdict=group(HYBRID))
    assert len(in_band) == 4
