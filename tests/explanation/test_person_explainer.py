"""What a model looked at in people, where it is known: a red person before grey."""

import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.explanation.person_explainer import PersonExplainer
from emo_tf.explanation.photo_explanation import PhotoExplanation
from emo_tf.explanation.wording import branch_lines, score_lines
from emo_tf.models.context_fusion import context_metadata
from emo_tf.runtime.person_boxes import PersonBox
from tests.red_patch_models import BLUE, RED, THRESHOLDS, grey_picture, red_context_model

PERSON = PersonBox((32, 16, 32, 64))
ELSEWHERE = (96, 64, 16, 16)
RED_PERSON = grey_picture((40, 32, 16, 32))
BLUE_PERSON = grey_picture((40, 32, 16, 32), colour=(20, 20, 250))


def explainer(model=None, **arguments) -> PersonExplainer:
    model = model or red_context_model()
    metadata = context_metadata(model, version="1", thresholds=THRESHOLDS)
    return PersonExplainer(model, metadata, source="model.keras", **arguments)


@pytest.fixture(scope="module")
def of_red() -> PersonExplainer:
    return explainer(explained=RED)


def test_all_of_the_map_lies_in_the_box_of_the_red_person(of_red):
    (found,) = of_red.explain(RED_PERSON, [PERSON])
    assert found.explained == RED
    assert found.branches["scene"].share_in_box == pytest.approx(1)
    assert found.branches["body"].share_in_box is None
    assert found.branches["scene"].map.layer == "cells"
    assert all(branch.masked_map.is_empty for branch in found.branches.values())
    assert found.masked_score == pytest.approx(0.5)


def test_the_map_leaves_a_person_who_is_masked_for_what_is_red_elsewhere(of_red):
    image = grey_picture((40, 32, 16, 32), ELSEWHERE)
    (found,) = of_red.explain(image, [PERSON])
    scene, body = found.branches["scene"], found.branches["body"]
    # The person's red has twice the area of the other.
    assert scene.share_in_box == pytest.approx(2 / 3, abs=0.02)
    assert scene.masked_share_in_box < 0.2
    assert scene.similarity < 0.8
    assert not body.map.is_empty
    assert body.masked_map.peak < body.map.peak / 4
    assert found.masked_score < found.score


def test_a_map_that_does_not_come_from_the_person_stays_where_it_was(of_red):
    (found,) = of_red.explain(grey_picture(ELSEWHERE), [PERSON])
    assert found.branches["scene"].similarity == pytest.approx(1, abs=0.01)
    assert found.branches["body"].map.is_empty
    assert found.branches["body"].similarity is None
    assert "nothing speaks for it" in " ".join(branch_lines("body", found.branches["body"]))


def test_a_model_that_sees_no_person_in_the_scene_has_the_same_map_of_it_when_masked():
    model = red_context_model(blank_person=True)
    image = grey_picture((40, 32, 16, 32), ELSEWHERE)
    (found,) = explainer(model, explained=RED).explain(image, [PERSON])
    assert found.branches["scene"].share_in_box == pytest.approx(0)
    assert found.branches["scene"].similarity == pytest.approx(1)
    assert found.branches["body"].map.peak > found.branches["body"].masked_map.peak


def test_a_model_of_the_scene_alone_has_its_map_alone():
    (found,) = explainer(red_context_model(["scene"]), explained=RED).explain(RED_PERSON, [PERSON])
    assert list(found.branches) == ["scene"]


def test_each_person_is_explained_by_the_highest_category_above_its_threshold():
    # Red and blue alone have thresholds, so all others are none, though they score 0.5 too.
    colours = explainer()
    red, grey = colours.explain(RED_PERSON, [PERSON, PersonBox((96, 0, 16, 16))])
    assert (red.explained, grey.explained) == (RED, RED)
    assert colours.explain(BLUE_PERSON, [PERSON])[0].explained == BLUE
    assert red.score == max(category.score for category in red.person.categories)


def test_a_dimension_is_explained_on_its_own_scale():
    (found,) = explainer(explained="valence").explain(RED_PERSON, [PERSON])
    assert found.score == pytest.approx(found.person.vad.valence)
    assert found.score > found.masked_score
    assert found.branches["scene"].share_in_box == pytest.approx(1)
    (low,) = explainer(explained="valence").explain(BLUE_PERSON, [PERSON])
    assert low.branches["scene"].map.is_empty


def test_many_people_are_explained_as_each_alone(of_red):
    boxes = [PersonBox((4 * place, 16, 32, 64)) for place in range(18)]
    together = of_red.explain(RED_PERSON, boxes)
    assert len(together) == 18
    for box, found in [(boxes[0], together[0]), (boxes[17], together[17])]:
        (alone,) = of_red.explain(RED_PERSON, [box])
        assert alone.score == pytest.approx(found.score)
        assert alone.masked_score == pytest.approx(found.masked_score)
        assert np.allclose(alone.branches["scene"].map.values, found.branches["scene"].map.values)


def test_a_box_that_is_the_whole_picture_can_be_masked_too(of_red):
    height, width = RED_PERSON.shape[:2]
    (found,) = of_red.explain(RED_PERSON, [PersonBox((-5, -5, width + 9, height + 9))])
    assert found.branches["scene"].share_in_box == pytest.approx(1)
    assert found.masked_score < found.score


def test_nobody_is_nothing_to_explain(of_red):
    assert of_red.explain(RED_PERSON, []) == ()


def test_without_the_check_nobody_is_masked():
    (found,) = explainer(explained=RED, check=False).explain(RED_PERSON, [PERSON])
    assert found.masked_score is None
    assert found.branches["scene"].masked_map is None
    assert "masked" not in json.dumps(found.to_dict()["branches"])
    assert score_lines(found) == [f"{RED} {found.score:.2f}"]


def test_json_has_the_map_and_the_figures_of_the_check(of_red):
    image = grey_picture((40, 32, 16, 32), ELSEWHERE)
    (found,) = people = of_red.explain(image, [PERSON])
    read = json.loads(PhotoExplanation("a.png", people=people).to_json())
    (person,) = read.pop("people")
    others = {"faces": [], "group": None, "reason": None, "error": None}
    assert read == {"source": "a.png", **others}
    assert person["box_xywh"] == list(PERSON.box_xywh)
    assert (person["explained"], person["vad"]["valence"]) == (
        RED,
        found.person.vad.to_dict()["valence"],
    )
    scene = person["branches"]["scene"]
    assert np.shape(scene["map"]) == (12, 16)
    assert np.max(scene["map"]) == 1
    assert set(scene["masked"]) == {"peak", "share_in_box", "similarity"}
    assert person["branches"]["body"]["share_in_box"] is None


def test_a_box_outside_of_the_picture_is_told_with_the_size_of_the_picture(of_red):
    with pytest.raises(EmoError, match="an area in the picture of 128 x 96 pixels"):
        of_red.explain(RED_PERSON, [PersonBox((200, 0, 10, 10))])


def test_what_a_model_does_not_know_is_told_with_close_matches():
    with pytest.raises(EmoError, match="did you mean Happiness"):
        explainer(explained="Happines")
