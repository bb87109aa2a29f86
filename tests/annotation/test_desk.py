"""Boxes to begin with: whose they are, and what happens where none can be found."""

import numpy as np
import pytest

from emo_tf.annotation.answer_records import DRAWN
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.desk import Desk
from emo_tf.annotation.picture_folder import PictureFolder
from emo_tf.annotation.shown_pictures import ShownPictures
from emo_tf.runtime.image_io import write_image
from tests.annotating_server import write_album


class FailingFinder:
    """Stands for a detector whose model breaks down."""

    def __init__(self):
        self.asked = 0

    def find(self, image: np.ndarray) -> list:
        self.asked += 1
        raise RuntimeError("the network broke down")


@pytest.fixture
def folder(tmp_path):
    album = write_album(tmp_path / "album")
    return PictureFolder(album, sorted(album.glob("*.*")))


@pytest.fixture
def store(folder, tmp_path):
    with AnswerStore.open(tmp_path / "answers.sqlite", folder) as store:
        store.add_annotator("Ada")
        yield store


def test_a_detector_that_fails_is_told_once_and_people_are_drawn(folder, store, capsys):
    finder = FailingFinder()
    desk = Desk(store, ShownPictures(folder), finder=finder)
    store.add_person(1, (0, 0, 40, 40), origin=DRAWN, annotator="Ada")
    for _ in range(2):
        assert len(desk.open_picture(1, "Ada")["people"]) == 1
    assert finder.asked == 1
    assert (
        "1_turned.jpg: people were not looked for: the network broke down"
        in capsys.readouterr().err
    )
    # Whoever starts anew, with a detector that works, has people looked for.
    assert not store.detected(1)


def test_a_picture_that_became_another_is_not_shown_under_its_boxes(folder, store):
    desk = Desk(store, ShownPictures(folder), finder=None)
    write_image(folder.file("2_long.png"), np.zeros((20, 20, 3), np.uint8))
    told = desk.open_picture(2, "Ada")
    assert told["error"].startswith("2_long.png: expected 3008 x 8 pixels")
