from dataclasses import replace

import numpy as np
import pytest

from emo_tf.data.miniature.emotic import draw_picture, plan
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSIONS
from emo_tf.results import Expression, Face
from emo_tf.runtime import analyzer
from emo_tf.runtime.analyzer import Analyzer, BoxedPhoto
from emo_tf.runtime.context import BATCH
from emo_tf.runtime.person_boxes import bodies_from_faces
from emo_tf.runtime.photo_window import LOOK_PHOTOS
from emo_tf.weights import weight_path
from tests.detection_models import PERSON, write_post_process

BLANK = np.zeros((60, 80, 3), np.uint8)
HAPPY = Expression("happy", {name: float(name == "happy") for name in EXPRESSIONS})
OF_FACES = ["decode", "detect", "expression", "total"]


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    """A picture of the twin with three people."""
    return next(draw_picture(one)[0] for one in plan(seed=5, size=12) if len(one.people) == 3)


@pytest.fixture(scope="module")
def detector_tflite(tmp_path_factory):
    """Finds two people in a bright picture and nobody in a dark one."""
    found = [((0.1, 0.5, 0.9, 0.9), PERSON, 0.9), ((0.0, 0.0, 0.9, 0.4), PERSON, 1.0)]
    return write_post_process(tmp_path_factory.mktemp("detector") / "detector.tflite", found)


@pytest.fixture(scope="module")
def real(context_tflite) -> Analyzer:
    return Analyzer(context_model=context_tflite, threads=1)


@pytest.fixture
def with_faces(monkeypatch):
    """Makes an analyzer to whom a picture's first pixel says how many faces it has."""

    class Classifier:
        def __init__(self, model=None, *, threads=None):
            pass

        def crop(self, image, faces):
            return np.zeros((len(faces), 4, 4, 1), np.uint8)

        def classify(self, crops):
            return [HAPPY] * len(crops)

    def faces_of(image):
        faces = tuple(
            Face((8 * (index % 10), 9, 6, 7), 0.9 - index / 100, ((1, 1),) * 5)
            for index in range(int(image[0, 0, 0]))
        )
        return faces, np.zeros((len(faces), 256), np.float32)

    def find_faces_of_many(detector, images):
        return [faces_of(image) for image in images]

    monkeypatch.setattr(analyzer, "find_faces_of_many", find_faces_of_many)
    monkeypatch.setattr(analyzer, "ExpressionClassifier", Classifier)
    return Analyzer


def picture(*, faces: int, light: int = 0) -> np.ndarray:
    image = np.full_like(BLANK, light)
    image[0, 0, 0] = faces
    return image


def test_each_face_of_a_drawn_picture_gives_a_person(real, drawn):
    result = real.analyze(drawn)
    assert len(result.people) == len(result.faces) == 3
    assert result.reason is None
    height, width = drawn.shape[:2]
    bodies = bodies_from_faces(result.faces, width=width, height=height)
    assert [one.box_xywh for one in result.people] == [body.box_xywh for body in bodies]
    for face, person in zip(result.faces, result.people, strict=True):
        assert person.score == face.score
        assert [item.label for item in person.categories] == [*EMOTIC_CATEGORIES]
    assert len({person.vad for person in result.people}) == 3


def test_without_a_context_model_there_are_no_people(drawn):
    plain = Analyzer(threads=1)
    result = plain.analyze(BoxedPhoto(drawn, ((10, 10, 50, 90),)))
    assert len(result.faces) == 3
    assert result.people == ()
    assert list(result.timings_ms) == OF_FACES


def test_the_faces_are_those_that_are_found_without_people(real, drawn):
    plain = Analyzer(threads=1).analyze(drawn)
    both = real.analyze(drawn)
    assert replace(both, people=(), timings_ms={}) == replace(plain, timings_ms={})


def test_given_boxes_are_the_people_in_their_order(real, drawn):
    boxes = ((200.5, 90, 100, 250), (-20, 90, 120, 900), (200.5, 90, 100, 250))
    result = real.analyze(BoxedPhoto(("party", drawn), boxes))
    assert result.source == "party"
    assert tuple(person.box_xywh for person in result.people) == boxes
    assert [person.score for person in result.people] == [None] * 3
    assert result.people[0] == result.people[2]
    assert result.people[0].vad != result.people[1].vad


def test_people_without_faces_have_a_reason_why_there_is_no_verdict(real, context_tflite):
    boxed = BoxedPhoto(BLANK, ((5, 5, 20, 40),))
    result = real.analyze(boxed)
    assert (len(result.people), result.faces, result.group) == (1, (), None)
    assert result.reason == "no face of at least 40 pixels found"
    unjudged = Analyzer(context_model=context_tflite, group=False, threads=1).analyze(boxed)
    assert (len(unjudged.people), unjudged.reason) == (1, None)


def test_no_face_no_person(real):
    result = real.analyze(BLANK)
    assert (result.people, result.faces) == ((), ())
    assert result.reason == "no face of at least 40 pixels found"
    assert real.analyze(BoxedPhoto(BLANK, ())).reason == result.reason


def test_a_box_outside_the_picture_fails_that_picture_alone(real):
    sources = [
        BoxedPhoto(("first", BLANK), ((5, 5, 20, 40),)),
        BoxedPhoto(("second", BLANK), ((5, 5, 20, 40), (90, 5, 20, 40))),
        BoxedPhoto("gone.jpg", ((5, 5, 20, 40),)),
        BoxedPhoto(BLANK, ((0, 0, 80, 60),)),
    ]
    results = list(real.analyze_many(sources))
    assert [len(result.people) for result in results] == [1, 0, 0, 1]
    assert results[1].error == (
        "second: box_xywh: expected a box with an area in the picture of 80 x 60 pixels. "
        "Received: [90, 5, 20, 40]"
    )
    assert results[2].error.startswith("gone.jpg: expected a picture file")
    with pytest.raises(EmoError, match="second: box_xywh"):
        real.analyze(sources[1])


def test_the_detector_finds_people_by_falling_score(context_tflite, detector_tflite):
    both = Analyzer(context_model=context_tflite, person_detector=detector_tflite, threads=1)
    bright = np.full((50, 100, 3), 255, np.uint8)
    found, nobody, given = both.analyze_many([bright, BLANK, BoxedPhoto(bright, ((1, 2, 30, 40),))])
    assert [round(person.score, 2) for person in found.people] == [1.0, 0.9]
    expected = [(0, 0, 40, 45), (50, 5, 40, 40)]
    np.testing.assert_allclose([one.box_xywh for one in found.people], expected, atol=1e-3)
    assert found.reason == "no face of at least 40 pixels found"
    assert nobody.people == ()
    assert nobody.reason == "no face of at least 40 pixels and no person found"
    assert [person.box_xywh for person in given.people] == [(1, 2, 30, 40)]


def test_people_find_their_way_back_to_their_pictures(with_faces, context_tflite):
    together = with_faces(context_model=context_tflite, threads=1)
    counts = [0, 2, 1, 0, 3, BATCH + 2, 1]
    photos = [picture(faces=n, light=30 * i) for i, n in enumerate(counts)]
    results = list(together.analyze_many(photos))
    assert [len(result.people) for result in results] == counts
    for photo, result in zip(photos, results, strict=True):
        alone = together.analyze(photo)
        assert [one.box_xywh for one in alone.people] == [one.box_xywh for one in result.people]
        for one, other in zip(alone.people, result.people, strict=True):
            assert one.vad.valence == pytest.approx(other.vad.valence, abs=1e-5)


def test_no_more_than_a_batch_of_people_waits(with_faces, context_tflite):
    together = with_faces(context_model=context_tflite, threads=1)
    taken = []

    def sources():
        for index in range(20):
            taken.append(index)
            yield BoxedPhoto(picture(faces=0), ((0, 0, 10, 10),) * (BATCH // 2))

    next(together.analyze_many(sources()))
    assert len(taken) == LOOK_PHOTOS


def test_the_time_for_people_is_told_and_adds_up(with_faces, context_tflite):
    together = with_faces(context_model=context_tflite, threads=1)
    for result in together.analyze_many([picture(faces=3), picture(faces=0)]):
        assert list(result.timings_ms) == ["decode", "detect", "expression", "people", "total"]
        *parts, total = result.timings_ms.values()
        assert total == pytest.approx(sum(parts))
        assert result.timings_ms["people"] > 0


def test_pictures_with_boxes_come_with_their_results_when_asked_for(real):
    ((result, image),) = real.analyze_with_images([BoxedPhoto(BLANK, ((1, 1, 9, 9),))])
    assert len(result.people) == 1
    assert image is BLANK


@pytest.mark.parametrize("task", ["expression", "emotic"])
def test_a_model_given_for_another_task_is_told_where_it_belongs(context_tflite, task):
    wrong = {
        "emotic": {"expression_model": context_tflite},
        "expression": {"context_model": weight_path("expression_float16")},
    }
    right = "context_model" if task == "emotic" else "expression_model"
    with pytest.raises(EmoError, match=f"Received: {task}, which is for {right}"):
        Analyzer(**wrong[task])


def test_a_person_detector_alone_is_refused(detector_tflite):
    with pytest.raises(EmoError, match=r"person_detector: expected a context_model.*detector\.tfl"):
        Analyzer(person_detector=detector_tflite)
