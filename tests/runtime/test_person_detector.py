import os

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.runtime.person_detector import PersonDetector
from emo_tf.weights import weight_path
from tests.detection_models import OTHER, PERSON, name_outputs, write_network, write_post_process

HEIGHT, WIDTH = 100, 200
WHITE = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)

# Edges ymin, xmin, ymax, xmax in shares of the picture.
ONE = (0.1, 0.2, 0.5, 0.6)
FAR = (0.2, 0.7, 0.9, 0.9)
USUAL_NAMES = [f"TFLite_Detection_PostProcess{suffix}" for suffix in ("", ":1", ":2", ":3")]


def detections(*found) -> dict[str, np.ndarray]:
    """Returns the four outputs by name, in the operation's order."""
    boxes, classes, scores = zip(*found, strict=True)
    return {
        "boxes": np.array([boxes], np.float32),
        "classes": np.array([classes], np.float32),
        "scores": np.array([scores], np.float32),
        "count": np.array([len(found)], np.float32),
    }


def write_constant(path, outputs):
    """Writes a network that returns the same whatever it sees."""

    def detect(image):
        nothing = tf.reduce_sum(tf.cast(image, tf.float32)) * 0
        return tf.nest.map_structure(lambda value: value + nothing, outputs)

    return write_network(path, detect)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("detectors")


@pytest.fixture(scope="module")
def street(folder):
    """Finds four people, two of them twice, a thing, and one who is hard to see."""
    found = [
        (ONE, PERSON, 0.95),
        ((0.12, 0.22, 0.5, 0.6), PERSON, 0.9),
        ((0.1, 0.2, 0.5, 0.61), OTHER, 0.99),
        (FAR, PERSON, 0.85),
        ((0.5, 0.1, 1.3, 0.3), PERSON, 0.9),
        ((-0.4, 0.0, -0.1, 0.2), PERSON, 0.97),
        ((0.6, 0.5, 0.9, 0.6), PERSON, 0.7),
    ]
    return write_post_process(folder / "street.tflite", found)


def test_people_are_found_with_the_operation_that_detection_models_end_in(street):
    people = PersonDetector(street, threads=1).detect(WHITE)
    expected = [(40, 10, 80, 40), (20, 50, 40, 50), (140, 20, 40, 70)]
    np.testing.assert_allclose([person.box_xywh for person in people], expected, atol=1e-3)
    np.testing.assert_allclose([person.score for person in people], [0.95, 0.9, 0.85], atol=1e-6)


def test_smaller_scores_and_nearer_neighbours_count_when_asked(street):
    found = PersonDetector(street, min_score=0.6, nms=0.95, threads=1).detect(WHITE)
    assert [round(person.score, 2) for person in found] == [0.95, 0.9, 0.9, 0.85, 0.7]


def test_the_score_at_the_threshold_counts(folder):
    path = write_constant(folder / "eight.tflite", detections((ONE, PERSON, 0.8)))
    assert len(PersonDetector(path, threads=1).detect(WHITE)) == 1


def test_only_people_who_are_kept_drop_others(folder):
    """The second covers the third, but goes itself because of the first."""
    row = [(0.0, 0.0, 1.0, 0.4), (0.0, 0.1, 1.0, 0.5), (0.0, 0.2, 1.0, 0.6)]
    found = [(box, PERSON, score) for box, score in zip(row, (0.99, 0.9, 0.85), strict=True)]
    path = write_constant(folder / "row.tflite", detections(*found))
    people = PersonDetector(path, nms=0.5, threads=1).detect(WHITE)
    assert [round(person.score, 2) for person in people] == [0.99, 0.85]


@pytest.mark.parametrize("dtype", [tf.uint8, tf.float32], ids=["uint8", "float32"])
@pytest.mark.parametrize("light", [255, 200])
def test_pixels_come_as_the_type_of_the_input_wants_them(folder, dtype, light):
    path = folder / f"{dtype.name}.tflite"
    write_post_process(path, [(ONE, PERSON, 1.0)], dtype=dtype)
    image = np.full((HEIGHT, WIDTH, 3), light, np.uint8)
    (person,) = PersonDetector(path, min_score=0.5, threads=1).detect(image)
    assert person.score == pytest.approx(light / 255, abs=1e-5)


def test_a_picture_without_people_has_none(street):
    assert PersonDetector(street, threads=1).detect(np.zeros_like(WHITE)) == ()


@pytest.mark.parametrize(
    ("arrange", "names"),
    [
        pytest.param(lambda found: found, None, id="signature"),
        pytest.param(
            lambda found: {f"detection_{name}": value for name, value in found.items()},
            None,
            id="long names",
        ),
        pytest.param(lambda found: tuple(found.values()), None, id="numbers"),
        pytest.param(lambda found: tuple(found.values())[::-1], None, id="numbers, reversed"),
        pytest.param(lambda found: tuple(found.values()), USUAL_NAMES, id="TensorFlow 1"),
        pytest.param(
            lambda found: tuple(found.values()),
            ["count_of", "all_scores", "classes", "the_boxes"][::-1],
            id="names of tensors",
        ),
        pytest.param(
            lambda found: tuple(found.values())[::-1],
            [f"StatefulPartitionedCall:{number}" for number in range(4)],
            id="TensorFlow 2",
        ),
    ],
)
def test_outputs_are_told_apart_by_names_or_numbers(arrange, names, tmp_path):
    found = detections((FAR, OTHER, 1.0), (ONE, PERSON, 0.9), (FAR, PERSON, 0.85))
    path = write_constant(tmp_path / "detector.tflite", arrange(found))
    if names:
        name_outputs(path, names)
    people = PersonDetector(path, threads=1).detect(WHITE)
    assert [round(person.score, 2) for person in people] == [0.9, 0.85]
    np.testing.assert_allclose(people[0].box_xywh, (40, 10, 80, 40), atol=1e-3)


def test_more_outputs_do_no_harm_where_the_four_are_named(tmp_path):
    outputs = detections((ONE, PERSON, 0.9)) | {"raw": np.ones((1, 1), np.float32)}
    path = write_constant(tmp_path / "detector.tflite", outputs)
    assert len(PersonDetector(path, threads=1).detect(WHITE)) == 1


def test_only_as_many_as_the_model_counts_are_looked_at(tmp_path):
    found = detections((ONE, PERSON, 0.9), (FAR, PERSON, 0.85)) | {"count": np.float32([1])}
    path = write_constant(tmp_path / "detector.tflite", found)
    assert len(PersonDetector(path, threads=1).detect(WHITE)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"count": np.float32(1)}, r"the four outputs.*Received: .*\(1, 1, 4\)", id="count"
        ),
        pytest.param({"boxes": np.zeros((1, 4), np.float32)}, "boxes \\(1, N, 4\\)", id="boxes"),
        pytest.param({"scores": None}, "Received", id="three"),
    ],
)
def test_other_outputs_are_refused_and_listed(change, message, tmp_path):
    outputs = detections((ONE, PERSON, 0.9)) | change
    outputs = {name: value for name, value in outputs.items() if value is not None}
    path = write_constant(tmp_path / "odd.tflite", outputs)
    with pytest.raises(EmoError, match=rf"odd\.tflite: expected .*{message}"):
        PersonDetector(path, threads=1)


@pytest.mark.parametrize(
    ("size", "dtype", "message"),
    [
        pytest.param((8, None), tf.uint8, "of fixed size", id="any width"),
        pytest.param((8, 8), tf.int32, r"Received: .* int32 \(1, 8, 8, 3\)", id="type"),
    ],
)
def test_other_inputs_are_refused(size, dtype, message, tmp_path):
    found = detections((ONE, PERSON, 0.9))

    def detect(image):
        nothing = tf.cast(tf.reduce_sum(image[:, :1, :1]), tf.float32) * 0
        return {name: value + nothing for name, value in found.items()}

    path = write_network(tmp_path / "odd.tflite", detect, size=size, dtype=dtype)
    with pytest.raises(EmoError, match=rf"odd\.tflite: expected .*{message}"):
        PersonDetector(path, threads=1)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"scores": np.float32([[7.0]])}, id="scores above 1"),
        pytest.param({"scores": np.float32([[np.nan]])}, id="NaN"),
        pytest.param({"classes": np.float32([[0.3]])}, id="classes with fractions"),
        pytest.param({"boxes": np.full((1, 1, 4), np.nan, np.float32)}, id="boxes of nothing"),
    ],
)
def test_numbers_that_are_no_detections_are_refused(change, tmp_path):
    path = write_constant(tmp_path / "odd.tflite", detections((ONE, PERSON, 0.9)) | change)
    with pytest.raises(EmoError, match=r"odd\.tflite: expected classes in whole numbers"):
        PersonDetector(path, threads=1).detect(WHITE)


def test_an_operation_that_litert_does_not_know_is_named(tmp_path):
    path = write_post_process(tmp_path / "odd.tflite", [(ONE, PERSON, 0.9)])
    content = path.read_bytes().replace(
        b"TFLite_Detection_PostProcess", b"TFLite_Detection_PostXXXXXXX"
    )
    path.write_bytes(content)
    with pytest.raises(EmoError, match=r"odd\.tflite: LiteRT cannot run the model .*XXXX"):
        PersonDetector(path, threads=1)


def test_boxes_without_an_area_are_left_out_and_drop_nobody(tmp_path):
    found = [((0.5, 0.6, 0.1, 0.2), PERSON, 0.99), ((0.3, 0.3, 0.3, 0.5), PERSON, 0.98)]
    path = write_constant(tmp_path / "detector.tflite", detections(*found, (ONE, PERSON, 0.9)))
    (person,) = PersonDetector(path, threads=1).detect(WHITE)
    assert person.score == pytest.approx(0.9)


def test_a_network_that_fails_on_a_picture_is_named(tmp_path):
    upside_down = ((0.5, 0.2, 0.1, 0.6), PERSON, 0.9)
    path = write_post_process(tmp_path / "odd.tflite", [(ONE, PERSON, 0.9), upside_down])
    with pytest.raises(EmoError, match=r"odd\.tflite: LiteRT cannot run the model .*Boxes"):
        PersonDetector(path, threads=1).detect(WHITE)


def test_files_that_are_no_detector_are_named(tmp_path):
    with pytest.raises(EmoError, match=r"gone\.tflite: no such model file"):
        PersonDetector(tmp_path / "gone.tflite")
    with pytest.raises(EmoError, match="expected a TFLite model"):
        PersonDetector(os.fspath(__file__))
    with pytest.raises(EmoError, match=r"expression_float16\.tflite: expected a detection model"):
        PersonDetector(weight_path("expression_float16"))


@pytest.mark.parametrize(
    "options",
    [{"min_score": 1.2}, {"nms": -0.1}, {"threads": 0}, {"nms": float("nan")}],
    ids=["score", "nms", "threads", "NaN"],
)
def test_settings_that_cannot_be_are_refused_by_name(street, options):
    (name,) = options
    with pytest.raises(EmoError, match=f"{name}: expected .* Received: {options[name]}"):
        PersonDetector(street, **options)
