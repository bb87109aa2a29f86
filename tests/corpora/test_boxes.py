import numpy as np
import pytest

from emo_tf.corpora.boxes import UnusableError, box_features, cut_box, read_picture
from emo_tf.corpora.pictures import decode
from emo_tf.corpora.testing import encoded


@pytest.fixture(scope="module")
def picture():
    """A picture of 64 x 48 pixels."""
    return decode(encoded())


def test_a_picture_is_read_whole(tmp_path, picture):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded())

    assert read_picture(path).encoded == picture.encoded


@pytest.mark.parametrize(
    ("name", "reason", "detail"),
    [
        ("gone.jpg", "missing image", "image is missing"),
        ("text.jpg/a.jpg", "missing image", "image is missing"),
        ("text.jpg", "unreadable image", "image cannot be read: no known format"),
        ("folder", "unreadable image", "image cannot be read: Is a directory"),
    ],
    ids=["gone", "below a file", "text", "folder"],
)
def test_a_picture_that_cannot_be_used_is_told_with_the_reason(tmp_path, name, reason, detail):
    (tmp_path / "text.jpg").write_text("text")
    (tmp_path / "folder").mkdir()

    with pytest.raises(UnusableError) as caught:
        read_picture(tmp_path / name)

    assert (caught.value.reason, str(caught.value)) == (reason, detail)


@pytest.mark.parametrize(
    ("corners", "seen"),
    [
        ((10, 5, 30, 35), (10, 5, 30, 35)),
        ((-10.5, -1, 900, 47.5), (0, 0, 64, 47.5)),
        ((63.5, 47.5, 70, 70), (63.5, 47.5, 64, 48)),
    ],
    ids=["inside", "larger", "corner"],
)
def test_a_box_is_cut_to_the_picture(picture, corners, seen):
    assert cut_box(corners, picture) == seen


@pytest.mark.parametrize(
    ("corners", "reason", "detail"),
    [
        ((9, 8, 9, 20), "empty box", "box is empty: [9, 8, 9, 20]"),
        ((9, 8, 20, 7.5), "empty box", "box is empty: [9, 8, 20, 7.5]"),
        (
            (64, 8, 70, 20),
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [64, 8, 70, 20]",
        ),
        (
            (9, -8, 20, 0),
            "box outside the image",
            "box lies outside the image of 64 x 48 pixels: [9, -8, 20, 0]",
        ),
    ],
    ids=["no width", "turned over", "right of it", "above it"],
)
def test_a_box_of_which_nothing_is_seen_is_told_with_the_reason(picture, corners, reason, detail):
    with pytest.raises(UnusableError) as caught:
        cut_box(corners, picture)

    assert (caught.value.reason, str(caught.value)) == (reason, detail)


def test_a_box_is_told_in_pixels_and_in_shares_of_the_picture(picture):
    features = box_features((16, 12, 48, 24), picture, dtype=np.int32)

    assert features["box_xywh"].tolist() == [16, 12, 32, 12]
    assert features["box_xywh"].dtype == np.int32
    box = features["bbox"]
    assert (box.ymin, box.xmin, box.ymax, box.xmax) == (0.25, 0.25, 0.5, 0.75)
