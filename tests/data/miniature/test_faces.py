from dataclasses import astuple, replace

import numpy as np
import pytest

from emo_tf.data.miniature.face_drawing import draw_face
from emo_tf.data.miniature.faces import EXPRESSION_SHAPES, Appearance, FaceShape, HeadPose
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.runtime.box_ops import edges, intersection_over_union
from emo_tf.runtime.face_detector import FaceDetector

HAPPY, SAD = EXPRESSION_SHAPES["happy"], EXPRESSION_SHAPES["sad"]
SIDE = 120


def drawn(shape: FaceShape = HAPPY, *, seed: int = 0, pose: HeadPose | None = None, **place):
    """Returns a grey picture with one face, uint8 (120, 120, 3), and the face's box."""
    image = np.full((SIDE, SIDE, 3), 150, np.uint8)
    place = {"centre_xy": (60, 62), "height": 60} | place
    look = Appearance.draw(np.random.default_rng(seed))
    box = draw_face(image, shape, appearance=look, pose=pose or HeadPose(), **place)
    return image, box


def crowd(rng: np.random.Generator, number: int) -> tuple[np.ndarray, list]:
    """Returns a picture of 480 x 360 with six faces and, for each, its expression and box."""
    ends = rng.uniform(30, 225, (2, 3))
    amount = np.linspace(0, 1, 360)[:, None, None]
    image = np.tile(ends[0] * (1 - amount) + ends[1] * amount, (1, 480, 1))
    image = np.clip(image + rng.normal(scale=6, size=image.shape), 0, 255).astype(np.uint8)
    faces = []
    for place in range(6):
        name = EXPRESSIONS[(6 * number + place) % len(EXPRESSIONS)]
        box = draw_face(
            image,
            EXPRESSION_SHAPES[name].varied(rng),
            appearance=Appearance.draw(rng),
            pose=HeadPose.draw(rng),
            centre_xy=(80 + 160 * (place % 3), 95 + 180 * (place // 3)),
            height=rng.uniform(40, 95),
        )
        faces.append((name, box))
    return image, faces


@pytest.fixture(scope="module")
def matches() -> tuple[list[tuple[str, float]], int]:
    """The expression of 108 faces and how far the best detection overlaps, and the strays."""
    rng, detector = np.random.default_rng(7), FaceDetector(threads=1)
    overlaps, strays = [], 0
    for number in range(18):
        image, faces = crowd(rng, number)
        found = edges(face.box_xywh for face in detector.detect(image))
        table = intersection_over_union(edges(box for _, box in faces), found)
        best = table.max(axis=1, initial=0)
        overlaps += [(name, overlap) for (name, _), overlap in zip(faces, best, strict=True)]
        strays += int((table.max(axis=0, initial=0) < 0.4).sum())
    return overlaps, strays


def test_the_detector_finds_the_faces(matches):
    overlaps, strays = matches
    found = [overlap >= 0.4 for _, overlap in overlaps]
    assert len(found) == 108
    assert np.mean(found) >= 0.95
    assert strays <= 3


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_detector_finds_every_expression(matches, name):
    found = [overlap >= 0.4 for shown, overlap in matches[0] if shown == name]
    assert len(found) >= 15
    assert np.mean(found) >= 0.93


def test_the_box_is_where_the_detector_sees_the_face(matches):
    assert np.median([overlap for _, overlap in matches[0]]) >= 0.8


def test_every_expression_has_its_shape_in_the_order_of_the_labels():
    assert tuple(EXPRESSION_SHAPES) == EXPRESSIONS


def test_the_same_seed_gives_the_same_face():
    first, second = (
        (HAPPY.varied(rng), Appearance.draw(rng), HeadPose.draw(rng))
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    assert first == second
    np.testing.assert_array_equal(drawn(seed=3)[0], drawn(seed=3)[0])
    assert (drawn(seed=3)[0] != drawn(seed=4)[0]).any()


def test_the_drawn_expressions_differ_where_the_face_is():
    faces = {name: drawn(shape)[0].astype(float) for name, shape in EXPRESSION_SHAPES.items()}
    for name, face in faces.items():
        for other in set(faces) - {name}:
            changed = np.abs(face - faces[other]).max(axis=2) > 40
            assert 40 < changed.sum() < 1500, (name, other)


def test_a_varied_shape_stays_nearer_to_its_own_expression():
    rng = np.random.default_rng(0)
    middles = np.array([astuple(shape) for shape in EXPRESSION_SHAPES.values()])
    for code, shape in enumerate(EXPRESSION_SHAPES.values()):
        varied = np.array([astuple(shape.varied(rng)) for _ in range(50)])
        distances = np.linalg.norm(varied[:, None] - middles, axis=2)
        assert (distances.argmin(axis=1) == code).all()
        assert len(np.unique(varied, axis=0)) == 50


def test_a_shape_without_variation_stays():
    assert SAD.varied(np.random.default_rng(0), scale=0) == SAD


def test_towards_goes_from_one_shape_to_the_other():
    assert HAPPY.towards(SAD, 0) == HAPPY
    assert HAPPY.towards(SAD, 1) == SAD
    halfway = HAPPY.towards(SAD, 0.5)
    assert halfway.mouth_curve == pytest.approx((HAPPY.mouth_curve + SAD.mouth_curve) / 2)
    assert halfway.eye_open == pytest.approx((HAPPY.eye_open + SAD.eye_open) / 2)


@pytest.mark.parametrize(
    "pose",
    [
        HeadPose(),
        HeadPose(roll_deg=90),
        HeadPose(yaw_deg=25, pitch_deg=-10, roll_deg=12),
        HeadPose(yaw_deg=-25, pitch_deg=10, roll_deg=-12),
    ],
    ids=["straight", "lying", "left", "right"],
)
def test_pixels_outside_the_head_stay(pose):
    for seed in range(12):
        image, (x, y, width, height) = drawn(seed=seed, pose=pose, height=50)
        touched = (image != 150).any(axis=2)
        assert touched[int(y) : int(y + height), int(x) : int(x + width)].mean() > 0.7
        edge = np.ones_like(touched)
        edge[5:-5, 5:-5] = False
        assert not touched[edge].any()


@pytest.mark.parametrize("height", [3, 20, 48.5, 90], ids=str)
def test_the_box_has_the_size_asked_for(height):
    _, box = drawn(height=height)
    assert box.shape == (4,)
    assert box[3] == pytest.approx(height, rel=0.05)
    np.testing.assert_allclose(box[:2] + box[2:] / 2, [60, 62], atol=0.02 * height)


def test_a_face_beyond_the_border_is_cut_off():
    look, pose = Appearance.draw(np.random.default_rng(0)), HeadPose(roll_deg=8)
    large = np.full((300, 300, 3), 150, np.uint8)
    options = {"appearance": look, "pose": pose, "height": 60}
    whole = draw_face(large, HAPPY, centre_xy=(150, 150), **options)
    for left, top in [(150, 150), (50, 140), (140, 50), (100, 100), (300, 0), (0, 299), (260, 260)]:
        image = np.full((100, 100, 3), 150, np.uint8)
        cut = draw_face(image, HAPPY, centre_xy=(150 - left, 150 - top), **options)
        expected = np.full((100, 100, 3), 150, np.uint8)
        seen = large[top : top + 100, left : left + 100]
        expected[: seen.shape[0], : seen.shape[1]] = seen
        np.testing.assert_array_equal(image, expected)
        np.testing.assert_allclose(cut, whole - [left, top, 0, 0])


def test_a_turn_moves_the_features_and_the_box():
    right, left = (drawn(pose=HeadPose(yaw_deg=yaw))[1] for yaw in (20, -20))
    assert right[0] > left[0] + 3
    up, down = (drawn(pose=HeadPose(pitch_deg=pitch))[1] for pitch in (10, -10))
    assert up[1] < down[1] - 2


def test_light_from_the_right_brightens_the_right():
    look = replace(Appearance.draw(np.random.default_rng(0)), light_angle=0.0, light_strength=0.25)
    image = np.full((SIDE, SIDE, 3), 150, np.uint8)
    draw_face(image, HAPPY, appearance=look, pose=HeadPose(), centre_xy=(60, 60), height=60)
    assert image[60:75, 66:80].mean() > image[60:75, 40:54].mean() + 10


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(np.zeros((50, 50), np.uint8), r"uint8 of shape \(50, 50\)", id="grey"),
        pytest.param(np.zeros((50, 50, 3)), "Received: float64", id="float"),
        pytest.param([[0]], "Received: list", id="list"),
    ],
)
def test_what_is_no_rgb_picture_is_refused(image, message):
    look = Appearance.draw(np.random.default_rng(0))
    with pytest.raises(EmoError, match=message):
        draw_face(image, HAPPY, appearance=look, pose=HeadPose(), centre_xy=(9, 9), height=9)


@pytest.mark.parametrize("height", [0, -3, float("nan"), float("inf")], ids=str)
def test_a_height_that_is_not_above_zero_is_refused(height):
    with pytest.raises(EmoError, match="height: expected a number above 0"):
        drawn(height=height)


def test_values_out_of_their_range_are_refused():
    with pytest.raises(EmoError, match=r"mouth_open: expected 0 to 1. Received: -0.1"):
        FaceShape(mouth_open=-0.1)
    with pytest.raises(EmoError, match=r"brow_slant: expected -1 to 1. Received: nan"):
        FaceShape(brow_slant=float("nan"))
    with pytest.raises(EmoError, match=r"amount: expected 0 to 1. Received: 1.5"):
        HAPPY.towards(SAD, 1.5)
