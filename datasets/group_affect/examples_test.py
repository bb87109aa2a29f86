"""The examples of one picture."""

from emo_tf.corpora.report import LeftOut
from emo_tf.corpora.testing import encoded, turned_jpeg

from .examples import examples_of
from .source import Photo

PHOTO = Photo("x.jpg", "train", "neutral")


def examples_in(folder, data):
    (folder / PHOTO.path).write_bytes(data)
    return list(examples_of(PHOTO, manual_dir=folder))


def test_an_example_holds_the_file_as_it_is(tmp_path):
    data = encoded()

    example = {"image": data, "filename": "x.jpg", "label": "neutral"}
    assert examples_in(tmp_path, data) == [("x.jpg", example)]


def test_a_turned_picture_is_stored_upright_and_so_anew(tmp_path):
    data = turned_jpeg(6)

    ((_, example),) = examples_in(tmp_path, data)
    assert example["image"].startswith(b"\x89PNG")


def test_a_picture_that_is_cut_off_is_left_out(tmp_path):
    (found,) = examples_in(tmp_path, encoded()[:500])

    assert found.reason == "unreadable image"
    assert found.text.startswith("x.jpg: image cannot be read: ")


def test_a_link_to_nowhere_is_left_out(tmp_path):
    (tmp_path / PHOTO.path).symlink_to(tmp_path / "nowhere")

    (found,) = examples_of(PHOTO, manual_dir=tmp_path)
    assert found.reason == "missing image"
    assert found.text == "x.jpg: image is missing"


def test_who_was_left_out_before_stays_so(tmp_path):
    item = LeftOut("removed", "x.jpg: the same as Removed_EmotiW/x.jpg")

    assert list(examples_of(item, manual_dir=tmp_path)) == [item]
