import numpy as np
import pytest

from emo_tf.colours import EXPRESSION_COLOURS, GROUP_COLOURS
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.results import Expression, Face, Group, PhotoResult
from emo_tf.runtime.annotate import PhotoAnnotator


def distribution(label, names, *, top=0.7):
    rest = (1 - top) / (len(names) - 1)
    return {name: top if name == label else rest for name in names}


def face(x, y, width, height, label="happy"):
    places = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    landmarks = tuple((x + width * u, y + height * v) for u, v in places)
    expression = Expression(label, distribution(label, EXPRESSIONS)) if label else None
    return Face((x, y, width, height), 0.99, landmarks, expression)


def photo_result(*faces, group=None, reason=None):
    verdict = Group(group, distribution(group, GROUP_EMOTIONS), "faces") if group else None
    return PhotoResult("photo.jpg", faces=faces, group=verdict, reason=reason)


def grey(height, width):
    return np.full((height, width, 3), 128, np.uint8)


def shows(image, colour):
    return (image == np.array(colour, np.uint8)).all(axis=-1)


def changed(annotator, result, *, height=300, width=400):
    """Where the annotator drew."""
    return (annotator.annotate(grey(height, width), result) != 128).any(axis=-1)


def test_the_given_picture_is_not_changed():
    image = grey(300, 400)
    drawn = PhotoAnnotator().annotate(image, photo_result(face(100, 100, 80, 90)))
    assert (image == 128).all()
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_a_box_has_the_colour_of_its_expression(label):
    annotator = PhotoAnnotator(labels=False)
    drawn = annotator.annotate(grey(300, 400), photo_result(face(100, 100, 80, 90, label)))
    edge = shows(drawn, EXPRESSION_COLOURS[label])
    assert edge[140, 97:104].any()
    assert edge[140, 177:184].any()
    assert edge[97:104, 140].any()
    assert edge[187:194, 140].any()
    assert (drawn[120:170, 120:160] == 128).all()


def test_a_face_without_expression_has_a_box_and_no_label():
    drawn = changed(PhotoAnnotator(), photo_result(face(100, 100, 80, 90, None)))
    assert drawn[97:104].any()
    assert not drawn[:90].any()


def test_the_label_stands_above_the_box():
    result = photo_result(face(100, 100, 80, 90))
    with_label = changed(PhotoAnnotator(), result)
    without = changed(PhotoAnnotator(labels=False), result)
    rows, columns = np.nonzero(with_label & ~without)
    assert rows.min() > 70
    assert rows.max() < 100
    assert columns.min() > 95
    assert columns.max() < 190


def test_landmarks_are_drawn_when_asked():
    result = photo_result(face(100, 100, 80, 90))
    dots = changed(PhotoAnnotator(landmarks=True), result) & ~changed(PhotoAnnotator(), result)
    for x, y in result.faces[0].landmarks:
        assert dots[int(y), int(x)]
    assert 5 <= dots.sum() < 300


@pytest.mark.parametrize("label", GROUP_EMOTIONS)
def test_the_groups_verdict_is_a_line_at_the_bottom(label):
    result = photo_result(face(100, 60, 80, 90), group=label)
    drawn = PhotoAnnotator().annotate(grey(300, 400), result)
    rows = np.flatnonzero((drawn != 128).any(axis=-1).all(axis=1))
    assert rows[-1] == 299
    assert 20 <= len(rows) <= 40
    # The strip gives each class its share of the width, in the group's order.
    shares = [shows(drawn[rows[0]], colour).mean() for colour in GROUP_COLOURS.values()]
    assert shares == pytest.approx(
        [0.7 if name == label else 0.15 for name in GROUP_COLOURS], abs=0.01
    )


def test_the_line_moves_to_the_top_where_it_hides_no_face():
    result = photo_result(face(150, 200, 90, 100), group="positive")
    drawn = changed(PhotoAnnotator(labels=False), result)
    assert drawn[0].all()
    assert not drawn[299].all()


def test_a_reason_takes_the_place_of_the_verdict():
    drawn = changed(PhotoAnnotator(), photo_result(reason="no face found"))
    assert drawn[299].all()
    assert not drawn[:250].any()


@pytest.mark.parametrize(
    "result",
    [photo_result(), photo_result(reason="no face", group=None)],
    ids=["nothing", "reason-not-wanted"],
)
def test_nothing_to_say_leaves_the_picture_as_it_is(result):
    assert not changed(PhotoAnnotator(group=False), result).any()


def test_a_face_at_the_border_keeps_its_lines_inside():
    colour = EXPRESSION_COLOURS["happy"]
    result = photo_result(face(-30, -40, 120, 140), face(350, 220, 120, 140))
    drawn = shows(PhotoAnnotator(labels=False).annotate(grey(300, 400), result), colour)
    assert drawn[50, :6].any()
    assert drawn[:6, 50].any()
    assert drawn[260, -6:].any()
    assert drawn[-6:, 375].any()


def test_lines_and_letters_grow_with_the_picture():
    def share(scale):
        result = photo_result(
            face(200 * scale, 200 * scale, 160 * scale, 180 * scale), group="neutral"
        )
        return changed(PhotoAnnotator(), result, height=600 * scale, width=800 * scale).mean()

    assert share(3) == pytest.approx(share(1), rel=0.1)


@pytest.mark.parametrize(
    ("height", "width"),
    [(1, 1), (2, 50), (50, 2), (12, 12), (80, 60), (40, 600)],
    ids=lambda length: str(length),
)
def test_small_pictures_are_drawn_on_as_far_as_there_is_room(height, width):
    result = photo_result(face(0, 0, width, height, "surprise"), group="positive")
    assert changed(PhotoAnnotator(landmarks=True), result, height=height, width=width).any()


def test_a_hundred_faces_are_drawn():
    faces = [
        face(20 + 70 * (index % 10), 30 + 65 * (index // 10), 40, 50, EXPRESSIONS[index % 7])
        for index in range(100)
    ]
    drawn = changed(PhotoAnnotator(), photo_result(*faces, group="neutral"), height=720, width=800)
    for one in faces:
        x, y, width, height = map(int, one.box_xywh)
        assert drawn[y - 3 : y + height + 3, x - 3 : x + width + 3].any()


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)],
    ids=["grey", "rgba", "float"],
)
def test_pixels_of_another_kind_are_refused(image):
    with pytest.raises(EmoError, match=r"expected uint8 pixels of shape \(H, W, 3\)"):
        PhotoAnnotator().annotate(image, photo_result())
