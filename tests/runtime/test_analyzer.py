from dataclasses import replace

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression, Face
from emo_tf.runtime import analyzer
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.photo_window import LOOK_PHOTOS, WINDOW_PHOTOS

NEUTRAL = Expression("neutral", {name: float(name == "neutral") for name in EXPRESSIONS})


@pytest.fixture
def made_up(monkeypatch):
    """An analyzer whose parts are made up: a picture's first pixel says how many faces it has.

    `made_up.events` lists what was done in which order.
    """
    events = []

    class Detector:
        def __init__(self, **options):
            pass

    def find_faces_of_many(detector, images):
        events.append(f"detect {len(images)}")
        counts = [int(image[0, 0, 0]) for image in images]
        return [
            (
                tuple(Face((i, 0, 9, 9), 0.9, ((1, 1),) * 5) for i in range(count)),
                np.zeros((count, 256), np.float32),
            )
            for count in counts
        ]

    class Classifier:
        def __init__(self, model=None, *, threads=None):
            pass

        def crop(self, image, faces):
            return np.full((len(faces), 4, 4, 1), image[0, 0, 1], np.uint8)

        def classify(self, crops):
            events.append(f"classify {len(crops)}")
            labels = [EXPRESSIONS[crop[0, 0, 0] % 7] for crop in crops]
            return [
                Expression(label, dict.fromkeys(EXPRESSIONS, 0.0) | {label: 1.0})
                for label in labels
            ]

    monkeypatch.setattr(analyzer, "FaceDetector", Detector)
    monkeypatch.setattr(analyzer, "find_faces_of_many", find_faces_of_many)
    monkeypatch.setattr(analyzer, "ExpressionClassifier", Classifier)
    made = Analyzer(min_face=40)
    made.events = events
    return made


def picture(*, faces: int, expression: int = 0, size: tuple[int, int] = (60, 80)) -> np.ndarray:
    image = np.zeros((*size, 3), np.uint8)
    image[0, 0, :2] = faces, expression
    return image


def test_expressions_find_their_way_back_to_their_faces(made_up):
    numbers = [0, 2, 1, 0, 3, 40, 1]
    photos = [picture(faces=count, expression=index) for index, count in enumerate(numbers)]
    results = list(made_up.analyze_many(photos))
    assert [len(result.faces) for result in results] == numbers
    for index, result in enumerate(results):
        assert {face.expression.label for face in result.faces} <= {EXPRESSIONS[index]}
        assert [face.box_xywh[0] for face in result.faces] == list(range(len(result.faces)))


def test_faces_of_several_pictures_are_classified_together(made_up):
    list(made_up.analyze_many([picture(faces=2)] * 5))
    assert made_up.events == ["detect 4", "detect 1", "classify 10"]


@pytest.mark.parametrize(
    ("faces", "size", "keep", "waiting"),
    [
        (0, (60, 80), False, WINDOW_PHOTOS),
        (20, (60, 80), False, LOOK_PHOTOS),
        (20, (1500, 1500), False, 2),
        (0, (3000, 3000), True, 2),
        (0, (3000, 3000), False, WINDOW_PHOTOS),
    ],
    ids=["pictures", "faces", "faces of large pictures", "pixels held", "pixels let go"],
)
def test_no_more_than_a_window_waits_for_its_results(made_up, faces, size, keep, waiting):
    taken = []

    def sources():
        for index in range(40):
            taken.append(index)
            yield image

    image = picture(faces=faces, size=size)
    analyze = made_up.analyze_with_images if keep else made_up.analyze_many
    next(analyze(sources()))
    assert len(taken) == waiting


def test_a_picture_that_cannot_be_read_is_an_error_among_the_others(made_up, tmp_path):
    (tmp_path / "empty.jpg").touch()
    sources = [picture(faces=1), tmp_path / "empty.jpg", "gone.jpg", ("post", b"x"), b"x"]
    results = list(made_up.analyze_many([*sources, picture(faces=2)]))
    assert [len(result.faces) for result in results] == [1, 0, 0, 0, 0, 2]
    assert [result.source for result in results[1:5]] == [
        str(tmp_path / "empty.jpg"),
        "gone.jpg",
        "post",
        "<bytes>",
    ]
    for result in results[1:5]:
        assert result.error.startswith(f"{result.source}: expected")
        assert result.reason is None


def test_pictures_come_with_their_results_when_asked_for(made_up):
    photos = [picture(faces=1, expression=index) for index in range(3)]
    pairs = list(made_up.analyze_with_images([*photos, "gone.jpg"]))
    assert all(image is photo for (_, image), photo in zip(pairs[:3], photos, strict=True))
    assert pairs[3][1] is None


def test_no_sources_no_results(made_up):
    assert list(made_up.analyze_many([])) == []


def test_one_picture_that_cannot_be_read_raises(made_up):
    with pytest.raises(EmoError, match=r"gone\.jpg: expected a picture file"):
        made_up.analyze("gone.jpg")


def test_a_picture_without_faces_says_why_it_is_empty(made_up):
    result = made_up.analyze(picture(faces=0, size=(60, 80)))
    assert (result.faces, result.group) == ((), None)
    assert result.reason == "no face of at least 40 pixels found"
    assert (result.height, result.width) == (60, 80)


def test_the_time_spent_adds_up(made_up):
    for result in made_up.analyze_many([picture(faces=3), picture(faces=0)]):
        assert list(result.timings_ms) == ["decode", "detect", "expression", "total"]
        *parts, total = result.timings_ms.values()
        assert total == pytest.approx(sum(parts))


@pytest.fixture(scope="module")
def real():
    return Analyzer(threads=1)


def test_a_real_portrait_gives_one_smiling_face_in_its_place(real, astronaut):
    result = real.analyze(astronaut)
    (face,) = result.faces
    x, y, width, height = face.box_xywh
    assert x < 224 < x + width
    assert y < 125 < y + height
    assert face.expression.label == "happy"
    assert result.group.label == "positive"
    assert result.group.face_weights == (1,)
    assert (result.source, result.width, result.height) == (str(astronaut), 512, 512)


def test_path_bytes_and_pixels_give_the_same_answer(real, astronaut):
    of_path = real.analyze(astronaut)
    for source, name in [
        (("post", astronaut.read_bytes()), "post"),
        (astronaut.read_bytes(), "<bytes>"),
        (read_image(astronaut), "<array>"),
    ]:
        result = real.analyze(source)
        assert replace(result, source="", timings_ms={}) == replace(
            of_path, source="", timings_ms={}
        )
        assert result.source == name


def test_pictures_analysed_together_have_the_results_that_each_has_alone(real, astronaut):
    portrait = read_image(astronaut)
    tight = np.ascontiguousarray(portrait[85:165, 185:260])
    blank = np.full((60, 80, 3), 200, np.uint8)
    sources = [portrait, tight, blank, portrait[::2, ::2], b"x", portrait[:, ::-1], tight]
    together = list(real.analyze_many(sources))
    assert [len(result.faces) for result in together] == [1, 1, 0, 1, 0, 1, 1]
    assert together[4].error
    for source, result in zip(sources[:4] + sources[5:], together[:4] + together[5:], strict=True):
        alone = real.analyze(source)
        assert result.reason == alone.reason
        for one, other in zip(result.faces, alone.faces, strict=True):
            assert replace(one, expression=None) == replace(other, expression=None)
            assert one.expression.probabilities == pytest.approx(
                other.expression.probabilities, abs=1e-5
            )


def test_the_verdict_can_be_left_out(astronaut):
    result = Analyzer(group=False, threads=1).analyze(astronaut)
    assert result.faces
    assert result.group is None


@pytest.mark.parametrize("options", [{"min_face": -1}, {"threads": 0}], ids=["min_face", "threads"])
def test_settings_that_cannot_be_are_refused_by_name(options):
    (name,) = options
    with pytest.raises(EmoError, match=f"{name}.*Received: {options[name]}"):
        Analyzer(**options)
