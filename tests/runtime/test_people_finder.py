"""Where people are: by their faces, found or given."""

import numpy as np
import pytest

from emo_tf.results import Face
from emo_tf.runtime import people_finder
from emo_tf.runtime.close_up import find_faces
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.image_io import read_image
from emo_tf.runtime.people_finder import PeopleFinder
from emo_tf.runtime.person_boxes import bodies_from_faces


def test_faces_are_looked_for_where_they_are_not_given(astronaut):
    image = read_image(astronaut)
    detector = FaceDetector(min_face=40, threads=1)
    faces = find_faces(detector, image)
    found = PeopleFinder(face_detector=detector).find(image)
    assert found == bodies_from_faces(faces, width=512, height=512)
    assert len(found) == 1
    assert PeopleFinder().find(image) == found
    # In a larger picture it is no face that fills it.
    larger = np.pad(image, ((0, 300), (0, 600), (0, 0)))
    assert PeopleFinder(face_detector=FaceDetector(min_face=400)).find(larger) == ()


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param((Face((40, 10, 20, 20), 0.9, ((0, 0),) * 5),), id="one"),
        pytest.param((), id="nobody"),
    ],
)
def test_no_network_is_opened_for_faces_that_are_given(monkeypatch, faces):
    monkeypatch.delattr(people_finder, "FaceDetector")
    found = PeopleFinder().find(np.zeros((90, 120, 3), np.uint8), faces)
    assert found == bodies_from_faces(faces, width=120, height=90)
