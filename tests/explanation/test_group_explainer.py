"""What speaks for the verdict on a group, against numbers worked out by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.explanation.group_explainer import GroupExplainer
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.models.group_metadata import group_metadata
from tests.group_exports import small_group_model
from tests.group_models import coloured_faces, verdict_on_colour, verdict_on_faces
from tests.keras_groups import MAP_LAYER, brightest_faces_model, mean_colour_model

COLOURS = [(250, 40, 0), (0, 90, 30), (20, 0, 200), (120, 120, 120)]
BRIGHT, BLUE = (250, 250, 250), (0, 0, 250)


def explainer(
    model, verdict: str | None = None, *, layer: str | None = None, **changes
) -> GroupExplainer:
    metadata = replace(group_metadata(model, name="brightest"), **changes)
    return GroupExplainer(model, metadata, source="model.keras", verdict=verdict, layer=layer)


@pytest.fixture(scope="module")
def faces_alone() -> GroupExplainer:
    return explainer(brightest_faces_model())


def expected_changes(colours, verdict: str, *, image=None) -> list[float]:
    """Returns what leaving out each face changes, all of it worked out by hand."""
    index = GROUP_EMOTIONS.index(verdict)
    before = verdict_on_faces(colours, image=image)[0][index]
    fewer = [colours[:place] + colours[place + 1 :] for place in range(len(colours))]
    return [verdict_on_faces(few, image=image)[0][index] - before for few in fewer]


@pytest.mark.parametrize("verdict", [None, *GROUP_EMOTIONS])
def test_attention_and_what_removal_changes_are_those_worked_out_by_hand(verdict):
    found = explainer(brightest_faces_model(), verdict).explain(*coloured_faces(*COLOURS))
    probabilities, weights = verdict_on_faces(COLOURS)
    likeliest = GROUP_EMOTIONS[np.argmax(probabilities)]
    assert (found.verdict, found.group.label) == (verdict or likeliest, likeliest)
    np.testing.assert_allclose(
        [*found.group.probabilities.values()], probabilities, rtol=0, atol=1e-5
    )
    np.testing.assert_allclose(found.group.face_weights, weights, rtol=0, atol=1e-5)
    assert sum(found.group.face_weights) == pytest.approx(1)
    expected = expected_changes(COLOURS, found.verdict)
    np.testing.assert_allclose(found.changes, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["local", "average", "attention C"])
def test_taking_a_face_away_is_as_if_it_had_not_been_found(kind):
    every = explainer(small_group_model(kind, faces=4), "neutral")
    image, faces, features = coloured_faces(*COLOURS)
    found = every.explain(image, faces, features)
    for number, change in enumerate(found.changes):
        others = np.delete(np.arange(len(faces)), number)
        fewer = every.explain(image, [faces[other] for other in others], features[others])
        assert change == pytest.approx(fewer.probability - found.probability, abs=1e-5)
    assert np.ptp(found.changes) > 1e-3


def test_a_face_is_taken_from_the_faces_and_stays_in_the_picture():
    image, faces, features = coloured_faces(*COLOURS[:2])
    with_picture = explainer(brightest_faces_model(image=True), "negative")
    found = with_picture.explain(image, faces, features)
    seen = image.mean(axis=(0, 1))
    expected = expected_changes(COLOURS[:2], "negative", image=seen)
    np.testing.assert_allclose(found.changes, expected, rtol=0, atol=2e-3)


def test_the_face_that_decides_is_told_though_others_get_more_attention(faces_alone):
    grey = (240, 240, 240)
    found = faces_alone.explain(*coloured_faces(grey, BRIGHT, grey, BLUE))
    assert found.verdict == "positive"
    assert (found.most_attended, found.most_decisive) == (1, 3)
    assert found.group.face_weights[3] < 0.1
    assert found.changes[3] < 0 < found.changes[1]


def test_faces_that_count_alike_have_none_that_counts_most():
    found = explainer(brightest_faces_model(alike=True)).explain(*coloured_faces(*COLOURS))
    np.testing.assert_allclose(found.group.face_weights, 0.25, rtol=1e-5)
    assert found.most_attended is None
    assert found.most_decisive is not None


def test_faces_beyond_those_the_model_takes_are_told_apart():
    found = explainer(brightest_faces_model(most=2)).explain(*coloured_faces(*COLOURS[:3]))
    assert found.group.note == "brightest looked at the 2 largest of 3 faces"
    assert (found.group.face_weights[2], found.changes[2]) == (0, None)
    expected = expected_changes(COLOURS[:2], found.verdict)
    np.testing.assert_allclose(found.changes[:2], expected, rtol=0, atol=1e-5)


def test_without_its_only_face_a_model_of_faces_has_nothing_left(faces_alone):
    found = faces_alone.explain(*coloured_faces(BLUE))
    assert (found.group.face_weights, found.changes) == ((1,), (None,))
    assert (found.most_attended, found.most_decisive) == (0, None)
    assert found.image_map is None


def test_a_picture_without_faces_is_judged_by_itself_where_the_model_sees_it(faces_alone):
    nobody = coloured_faces()
    assert faces_alone.explain(*nobody) is None
    found = explainer(brightest_faces_model(image=True)).explain(*nobody)
    assert (found.faces, found.group.face_weights, found.changes) == ((), (), ())
    assert (found.most_attended, found.most_decisive) == (None, None)
    assert not found.image_map.is_empty


def test_the_map_lies_on_what_speaks_for_the_verdict():
    image, faces, features = coloured_faces((0, 0, 0), BLUE, (0, 0, 0))
    positive = explainer(brightest_faces_model(image=True), "positive")
    found = positive.explain(image, faces, features).image_map
    assert found.layer == MAP_LAYER
    assert found.share_in((110, 0, 110, 130), picture_size=(130, 330), size=(24, 32)) > 0.95
    assert positive.explain(image * 0, faces, features).image_map.is_empty


def test_a_model_of_whole_pictures_says_nothing_of_faces():
    image, faces, features = coloured_faces(BLUE, BLUE)
    found = explainer(mean_colour_model()).explain(image, faces, features)
    assert (found.faces, found.group.face_weights, found.changes) == ((), (), ())
    expected = verdict_on_colour(image.mean(axis=(0, 1)))
    np.testing.assert_allclose([*found.group.probabilities.values()], expected, atol=2e-3)


def test_the_temperature_and_the_order_of_the_labels_are_those_of_the_metadata():
    labels = ("positive", "negative", "neutral")
    model = brightest_faces_model(image=True)
    turned = explainer(model, "neutral", labels=labels, temperature=2.0)
    image, faces, features = coloured_faces(COLOURS[0], BLUE)
    found = turned.explain(image, faces, features)
    plain, _ = verdict_on_faces([COLOURS[0], BLUE], image=image.mean(axis=(0, 1)))
    softer = np.sqrt(plain) / np.sqrt(plain).sum()
    by_label = [found.group.probabilities[label] for label in labels]
    np.testing.assert_allclose(by_label, softer, rtol=0, atol=2e-3)
    # What is the third of the model's outputs is the second in the order of `GROUP_EMOTIONS`.
    assert (
        found.image_map.share_in((110, 0, 110, 130), picture_size=(130, 220), size=(24, 32)) > 0.95
    )


def test_an_explanation_becomes_plain_json():
    found = explainer(brightest_faces_model(image=True)).explain(*coloured_faces(BLUE, BRIGHT))
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["verdict"] == written["group"]["label"] == found.verdict
    assert [face["weight"] for face in written["faces"]] == written["group"]["face_weights"]
    assert written["faces"][0]["change"] == pytest.approx(found.changes[0], abs=1e-6)
    assert np.shape(written["map"]["map"]) == (24, 32)


def test_what_cannot_be_explained_is_refused():
    with pytest.raises(EmoError, match=r"did you mean positive\? Received: 'postive'"):
        explainer(brightest_faces_model(), "postive")
    with pytest.raises(EmoError, match="looks at faces alone"):
        explainer(brightest_faces_model(), layer="conv1")
    with pytest.raises(EmoError, match=r"of task group\. Received: expression"):
        explainer(brightest_faces_model(), task="expression")
