import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.box_crops import crop_box, crop_square
from emo_tf.runtime.face_align import (
    ALIGNMENTS,
    align_face,
    alignment_matrix,
    crop_face,
    face_angle_degrees,
    similarity_matrix,
)
from emo_tf.runtime.image_io import to_grey

SPHEREFACE = np.array(ALIGNMENTS["sphereface"].template)
CENTRED_FACE = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))


def rotation(degrees, *, scale=1.0):
    """Turns clockwise as seen, y pointing down."""
    angle = math.radians(degrees)
    return scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )


def face_at(x, y, *, width=100.0, degrees=0.0):
    """A face whose box has its middle at (x, y), with landmarks as `CENTRED_FACE`."""
    landmarks = (np.array(CENTRED_FACE) - 0.5) * width @ rotation(degrees).T + [x, y]
    box = (x - width / 2, y - width / 2, width, width)
    return Face(box, 0.99, tuple(map(tuple, landmarks.tolist())))


@pytest.fixture(scope="module")
def scene():
    """Smooth colours that tell place and direction, uint8 RGB, shape (300, 400, 3)."""
    y, x = np.mgrid[0:300, 0:400]
    waves = [x * 0.6, y * 0.8, 127 + 100 * np.sin(x / 30) * np.cos(y / 25)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def difference(a, b):
    return np.abs(a.astype(int) - b).max()


@pytest.mark.parametrize("name", ["vlgiitr_96x112", "sphereface_112x96"])
def test_matrices_equal_the_published_ones(shared, name):
    golden = np.load(shared / "goldens" / "face_alignment.npz")
    for landmarks, expected in zip(golden["landmarks"], golden[f"matrix_{name}"], strict=True):
        matrix = alignment_matrix(landmarks, name.split("_")[0])
        np.testing.assert_allclose(matrix, expected, rtol=1e-6)


@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.01, 100),
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
)
def test_any_similarity_of_the_template_is_recovered(degrees, scale, x, y):
    turn = rotation(degrees, scale=scale)
    landmarks = SPHEREFACE @ turn.T + [x, y]
    matrix = alignment_matrix(landmarks, "sphereface")
    np.testing.assert_allclose(matrix[:, :2] @ turn, np.eye(2), atol=1e-7)
    np.testing.assert_allclose(landmarks @ matrix[:, :2].T + matrix[:, 2], SPHEREFACE, atol=1e-4)


@given(st.lists(st.floats(0, 1000), min_size=10, max_size=10, unique=True))
def test_the_fit_is_the_least_squares_one(numbers):
    points = np.reshape(numbers, (5, 2))
    matrix = similarity_matrix(points, SPHEREFACE)
    # As complex numbers a similarity is one product, whose best factor is a plain regression.
    z, w = points @ [1, 1j], SPHEREFACE @ [1, 1j]
    z_centred, w_centred = z - z.mean(), w - w.mean()
    factor = (z_centred.conj() @ w_centred) / (z_centred.conj() @ z_centred)
    shift = w.mean() - factor * z.mean()
    expected = [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    np.testing.assert_allclose(matrix, expected, rtol=1e-6, atol=1e-6)


def test_vlgiitr_looks_at_the_eyes_alone():
    face = np.array(CENTRED_FACE) * 100
    moved = face.copy()
    moved[2:] += [5, -9]
    matrix = alignment_matrix(face, "vlgiitr")
    np.testing.assert_array_equal(matrix, alignment_matrix(moved, "vlgiitr"))
    eyes = face[:2] @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(eyes, [[33.6, 28.8], [78.4, 28.8]])


@pytest.mark.parametrize(
    "landmarks",
    [np.zeros((5, 2)), np.full((5, 2), np.nan), np.ones((4, 2)), np.ones((5, 3)), []],
    ids=["coinciding", "nan", "four", "three-coordinates", "none"],
)
@pytest.mark.parametrize("preset", ALIGNMENTS)
def test_landmarks_that_fix_nothing_are_refused(landmarks, preset):
    with pytest.raises(EmoError, match=r"landmarks.*: expected .* Received: "):
        alignment_matrix(landmarks, preset)


@pytest.mark.parametrize(
    ("preset", "shape"), [("vlgiitr", (96, 112, 3)), ("sphereface", (112, 96, 3))]
)
def test_an_aligned_face_has_its_landmarks_where_they_belong(preset, shape):
    image = np.zeros((400, 400, 3), np.uint8)
    face = face_at(210, 190, width=150, degrees=25)
    for channel, (x, y) in enumerate(face.landmarks[:3]):
        place = (round(x), round(y))
        colour = [255 * (channel == c) for c in range(3)]
        cv2.circle(image, place, 3, colour, -1)
    crop = align_face(image, face.landmarks, preset)
    assert crop.shape == shape
    matrix = alignment_matrix(face.landmarks, preset)
    for channel in range(3):
        y, x = np.indices(shape[:2])
        weight = crop[..., channel] / crop[..., channel].sum(dtype=float)
        expected = matrix[:, :2] @ face.landmarks[channel] + matrix[:, 2]
        np.testing.assert_allclose([(x * weight).sum(), (y * weight).sum()], expected, atol=0.6)


def test_an_aligned_face_is_black_beyond_the_photograph():
    white = np.full((100, 100, 3), 255, np.uint8)
    crop = align_face(white, face_at(0, 0, width=80).landmarks, "sphereface")
    assert set(np.unique(crop[:10, :10])) == {0}
    assert crop[-10:, -10:].min() == 255


def test_an_unknown_alignment_lists_its_neighbours():
    with pytest.raises(EmoError, match="did you mean sphereface"):
        alignment_matrix(CENTRED_FACE, "sphere_face")


@pytest.mark.parametrize("degrees", [-170, -30, 0, 12, 95])
def test_the_lean_of_a_face_is_measured_clockwise(degrees):
    turned = SPHEREFACE @ rotation(degrees).T * 3 + [500, 200]
    assert face_angle_degrees(turned) == pytest.approx(degrees)


def test_the_vtt_preset_is_crop_square(scene):
    face = face_at(200, 150, width=120, degrees=20)
    crop = crop_face(scene, face, {"preset": "vtt", "k": 0.3}, size=(32, 32), colour="rgb")
    np.testing.assert_array_equal(crop, crop_square(scene, face.box_xywh, size=(32, 32), k=0.3))


def test_the_box_preset_is_crop_box(scene):
    face = face_at(200, 150, width=120, degrees=20)
    plain = {"preset": "box", "margin": 0.2, "shift_y": 0.05}
    settings = {"size": (48, 48), "margin": 0.2, "shift_y": 0.05}
    crop = crop_face(scene, face, plain, size=(48, 48), colour="rgb")
    np.testing.assert_array_equal(crop, crop_box(scene, face.box_xywh, **settings))

    crop = crop_face(scene, face, plain | {"upright": True}, size=(48, 48), colour="rgb")
    angle = face_angle_degrees(face.landmarks)
    assert angle == pytest.approx(20, abs=1)
    np.testing.assert_array_equal(
        crop, crop_box(scene, face.box_xywh, angle_degrees=angle, **settings)
    )


def test_the_similarity_preset_puts_landmarks_at_fractions_of_the_crop(scene):
    crop = crop_face(
        scene,
        face_at(200, 150, width=64),
        {"preset": "similarity", "template": CENTRED_FACE},
        size=(64, 64),
        colour="rgb",
    )
    np.testing.assert_array_equal(crop, scene[118:182, 168:232])


def test_the_similarity_preset_undoes_lean_and_size(scene):
    settings = {"preset": "similarity", "template": [list(point) for point in CENTRED_FACE]}
    turn = rotation(30, scale=0.8)
    matrix = np.column_stack([turn, [199.5, 149.5] - turn @ [199.5, 149.5]])
    leaning = cv2.warpAffine(scene, matrix, (400, 300), flags=cv2.INTER_CUBIC)
    found = crop_face(
        leaning, face_at(200, 150, width=80, degrees=30), settings, size=(48, 48), colour="rgb"
    )
    expected = crop_face(scene, face_at(200, 150), settings, size=(48, 48), colour="rgb")
    assert difference(found, expected) <= 4


@pytest.mark.parametrize("preset", ALIGNMENTS)
def test_published_presets_are_align_face(scene, preset):
    face = face_at(200, 150)
    size = ALIGNMENTS[preset].size
    crop = crop_face(scene, face, {"preset": preset}, size=size, colour="rgb")
    np.testing.assert_array_equal(crop, align_face(scene, face.landmarks, preset))


def test_grey_crops_keep_a_channel_axis(scene):
    face = face_at(200, 150)
    rgb = crop_face(scene, face, {"preset": "box"}, size=(48, 64), colour="rgb")
    grey = crop_face(scene, face, {"preset": "box"}, size=(48, 64), colour="grey")
    assert grey.shape == (48, 64, 1)
    np.testing.assert_array_equal(grey[..., 0], to_grey(rgb))


@pytest.mark.parametrize(
    ("crop", "size", "colour", "message"),
    [
        ({"preset": "boxx"}, (48, 48), "rgb", r"crop preset: did you mean box\?"),
        ({}, (48, 48), "rgb", r"crop preset: expected one of box, .* Received: None"),
        (
            {"preset": "box", "margins": 1},
            (48, 48),
            "rgb",
            r"preset box: expected margin, shift_y, upright\. Received: margins",
        ),
        (
            {"preset": "sphereface", "margin": 1},
            (112, 96),
            "rgb",
            r"preset sphereface: expected no settings",
        ),
        ({"preset": "sphereface"}, (48, 48), "rgb", r"size: expected \(112, 96\)"),
        ({"preset": "similarity"}, (48, 48), "rgb", "five points"),
        ({"preset": "box"}, (48, 48), "gray", r"colour: did you mean grey\?"),
    ],
    ids=["preset", "no-preset", "setting", "no-settings", "size", "template", "colour"],
)
def test_a_crop_that_is_not_known_is_refused(scene, crop, size, colour, message):
    with pytest.raises(EmoError, match=message):
        crop_face(scene, face_at(200, 150), crop, size=size, colour=colour)
