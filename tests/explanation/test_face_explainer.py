"""What a model looked at in faces, where it is known: what is bright in them is happy."""

import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.explanation.face_drawing import draw_faces
from emo_tf.explanation.face_explainer import FaceExplainer
from emo_tf.explanation.wording import expression_line, map_line, masked_face_lines
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.expression_net import expression_metadata
from emo_tf.results import Face
from tests.red_patch_models import bright_face_model, grey_picture, red_context_model

FACE = Face((32, 16, 64, 64), 0.9, ((0, 0),) * 5)
WHITE = (250, 250, 250)
UPPER_LEFT = grey_picture((32, 16, 32, 32), colour=WHITE)
BLANK = grey_picture()


def explainer(**arguments) -> FaceExplainer:
    model = bright_face_model()
    metadata = expression_metadata(model, version="1", temperature=1, crop={"preset": "box"})
    return FaceExplainer(model, metadata, source="model.keras", **arguments)


@pytest.fixture(scope="module")
def of_bright() -> FaceExplainer:
    return explainer()


def test_the_map_lies_on_the_bright_quarter_and_the_answer_hangs_on_it(of_bright):
    (found,) = of_bright.explain(UPPER_LEFT, [FACE])
    assert found.explained == found.face.expression.label == "happy"
    assert found.map.layer == "cells"
    expected = np.zeros((4, 4), bool)
    expected[:2, :2] = True
    assert np.array_equal(found.map.values > 0, expected)
    assert found.score > 0.5
    # Painted over it is as dark as the rest, where all seven are alike.
    assert found.masked_score < 0.25
    assert found.control_score > 0.95 * found.score
    assert json.loads(json.dumps(found.to_dict()))["control_score"] > 0.5


def test_the_face_is_shown_in_colour_as_it_was_cut_out(of_bright):
    image = grey_picture((32, 16, 32, 32), colour=(250, 200, 200))
    (found,) = of_bright.explain(image, [FACE])
    assert found.cut_out.shape == (96, 96, 3)
    assert found.cut_out[20, 20].tolist() == [250, 200, 200]
    assert found.cut_out[70, 70].tolist() == [120, 120, 120]


def test_a_map_of_nothing_is_not_checked(of_bright):
    (found,) = of_bright.explain(BLANK, [FACE])
    assert found.map.is_empty
    assert (found.masked_score, found.control_score) == (None, None)
    assert map_line("map", found.map) == "map: nothing speaks for it"
    assert masked_face_lines(found) == []
    (against,) = explainer(explained="sad").explain(UPPER_LEFT, [FACE])
    assert against.map.is_empty
    assert expression_line(against).endswith("; the likeliest is happy")


def test_many_faces_are_explained_as_each_alone_and_drawn_below_each_other(of_bright):
    faces = [Face((4 * place, 16, 64, 64), 0.9, FACE.landmarks) for place in range(33)]
    together = of_bright.explain(UPPER_LEFT, faces)
    assert len(together) == 33
    for place in (0, 32):
        (alone,) = of_bright.explain(UPPER_LEFT, [faces[place]])
        for name in ("score", "masked_score", "control_score"):
            assert getattr(alone, name) == pytest.approx(getattr(together[place], name), abs=1e-6)
        assert np.allclose(alone.map.values, together[place].map.values, atol=1e-6)
    two, one = (draw_faces(UPPER_LEFT, together[:count]) for count in (2, 1))
    assert two.shape[0] > 1.9 * one.shape[0] > 600


def test_without_the_check_nothing_is_masked():
    (found,) = explainer(check=False).explain(UPPER_LEFT, [FACE])
    assert masked_face_lines(found) == []
    assert found.to_dict()["masked_score"] is None


def test_nobody_is_nothing_to_explain(of_bright):
    assert of_bright.explain(BLANK, []) == ()


def test_a_model_of_people_is_refused():
    model = red_context_model()
    with pytest.raises(EmoError, match=r"m\.keras: expected a model of task expression"):
        FaceExplainer(model, context_metadata(model, version="1"), source="m.keras")
