import json
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.analyzer import Analyzer, BoxedPhoto
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.photo_window import WINDOW_PHOTOS
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork
from emo_tf.weights import weight_path
from tests.group_models import verdict_on_colour, write_group_tflite

GREEN, RED = (0, 200, 0), (200, 0, 0)
NETWORK = SceneNetwork(
    ("ruin", "party"),
    np.array([[0.6, 0.2, 0.1], [0.1, 0.2, 0.6]]),
    np.array([[0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]]),
)
LABELS = SceneLabels({"astronaut.png": ("ruin", "moon"), "plain.png": ("party",), "bare.png": ()})
NO_FACE = "no face of at least 40 pixels found"
UNLABELLED = f"{NO_FACE}, and no scene labels for this picture"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with two models of groups, a network, labels and two ensembles."""
    folder = tmp_path_factory.mktemp("groups")
    for name in ("gentle", "sharp"):
        sharpness = {"gentle": 1.0, "sharp": 4.0}[name]
        write_group_tflite(folder / f"{name}.tflite", name=name, sharpness=sharpness)
    NETWORK.save(folder / "net.json")
    LABELS.write(folder / "labels.json")
    Ensemble(("gentle", "sharp"), "mean").save(folder / "models.json")
    Ensemble(("hybrid", "sharp"), "mean").save(folder / "mixed.json")
    return folder


@pytest.fixture(scope="module")
def with_scenes(files):
    return Analyzer(scene_network=files / "net.json", scene_labels=files / "labels.json", threads=1)


def plain(colour, *, size: tuple[int, int] = (50, 70)) -> np.ndarray:
    return np.full((*size, 3), colour, np.uint8)


def shares(verdict) -> list[float]:
    assert tuple(verdict) == GROUP_EMOTIONS
    return [*verdict.values()]


def test_faces_and_labels_are_joined_as_the_network_joins_them(with_scenes, astronaut):
    group = with_scenes.analyze(astronaut).group
    alone = Analyzer(threads=1).analyze(astronaut).group
    assert (alone.source, group.source, group.face_weights) == ("faces", "hybrid", (1,))
    assert group.verdicts["faces"] == alone.probabilities
    faces = np.array([shares(alone.probabilities)])
    assert shares(group.probabilities) == pytest.approx(NETWORK.infer([["ruin"]], faces)[0])
    assert shares(group.verdicts["scenes"]) == pytest.approx([6 / 9, 2 / 9, 1 / 9])


def test_labels_speak_where_there_is_no_face_and_the_reason_stays(with_scenes):
    result = with_scenes.analyze(("album/plain.png", plain(GREEN)))
    assert (result.group.source, result.group.label) == ("scenes", "positive")
    assert shares(result.group.probabilities) == pytest.approx([1 / 9, 2 / 9, 6 / 9])
    assert result.group.face_weights == ()
    assert result.reason == NO_FACE


@pytest.mark.parametrize("name", ["bare.png", "other.png"])
def test_without_face_and_labels_there_is_no_verdict_and_a_reason(with_scenes, name):
    result = with_scenes.analyze((name, plain(GREEN)))
    assert (result.group, result.reason) == (None, UNLABELLED)


def test_a_picture_without_labels_is_judged_as_without_a_network(with_scenes, astronaut):
    content = astronaut.read_bytes()
    result = with_scenes.analyze(("other.png", content))
    wanted = Analyzer(threads=1).analyze(("other.png", content))
    assert replace(result, timings_ms={}) == replace(wanted, timings_ms={})


def test_people_without_faces_and_labels_have_a_reason_too(files, context_tflite):
    analyzer = Analyzer(
        context_model=context_tflite, scene_network=NETWORK, scene_labels=LABELS, threads=1
    )
    sources = [BoxedPhoto((name, plain(GREEN)), ((5, 5, 20, 40),)) for name in ("a", "plain.png")]
    without, labelled = analyzer.analyze_many(sources)
    assert (len(without.people), without.group, without.reason) == (1, None, UNLABELLED)
    assert (len(labelled.people), labelled.group.source, labelled.reason) == (1, "scenes", None)


@pytest.mark.parametrize("name", ["bare.png", "plain.png"], ids=["no labels", "labels"])
def test_each_kind_of_evidence_has_its_place_in_the_json(with_scenes, astronaut, name):
    for source, has_face in [((name, plain(RED)), False), ((name, astronaut.read_bytes()), True)]:
        line = json.loads(with_scenes.analyze(source).to_json())
        has_labels = name == "plain.png"
        if not has_face and not has_labels:
            assert (line["group"], line["reason"]) == (None, UNLABELLED)
            continue
        verdicts = line["group"]["verdicts"]
        assert list(verdicts) == ["faces", "scenes", "hybrid"]
        there = {"faces": has_face, "scenes": has_labels, "hybrid": has_face and has_labels}
        assert {name: verdict is not None for name, verdict in verdicts.items()} == there
        assert verdicts[line["group"]["source"]] == line["group"]["probabilities"]
        assert line["group"]["face_weights"] == [1] * has_face


def test_a_model_judges_each_picture_of_a_window_and_beyond_by_itself(files, tmp_path):
    analyzer = Analyzer(group_models=[files / "sharp.tflite"], threads=1)
    colours = [*product((0, 120, 240), repeat=3)]
    assert len(colours) > WINDOW_PHOTOS
    photos = [plain(colour, size=(50 + i, 70)) for i, colour in enumerate(colours)]
    gone, *results = analyzer.analyze_many([tmp_path / "gone.png", *photos])
    assert gone.error
    for colour, result in zip(colours, results, strict=True):
        assert (result.group.source, result.reason) == ("sharp", NO_FACE)
        by_hand = verdict_on_colour(colour)
        np.testing.assert_allclose(shares(result.group.probabilities), by_hand, atol=1e-4)
        assert result.group.verdicts["faces"] is None


def test_the_time_for_models_of_groups_is_told_and_adds_up(files):
    analyzer = Analyzer(group_models=[files / "sharp.tflite"], threads=1)
    for result in analyzer.analyze_many([plain(GREEN), plain(RED)]):
        assert list(result.timings_ms) == ["decode", "detect", "expression", "group", "total"]
        *parts, total = result.timings_ms.values()
        assert total == pytest.approx(sum(parts))
        assert result.timings_ms["group"] > 0


def test_several_models_are_joined_by_their_ensemble(files):
    paths = [files / "sharp.tflite", files / "gentle.tflite"]
    analyzer = Analyzer(group_models=paths, ensemble=files / "models.json", threads=1)
    group = analyzer.analyze(plain(GREEN)).group
    assert group.source == "ensemble"
    assert list(group.verdicts) == ["faces", "scenes", "hybrid", "sharp", "gentle", "ensemble"]
    by_hand = (verdict_on_colour(GREEN) + verdict_on_colour(GREEN, sharpness=1)) / 2
    np.testing.assert_allclose(shares(group.probabilities), by_hand, atol=1e-4)


def test_models_and_network_and_faces_can_be_joined(files, astronaut):
    analyzer = Analyzer(
        group_models=[files / "sharp.tflite"],
        ensemble=files / "mixed.json",
        scene_network=files / "net.json",
        scene_labels=LABELS,
        threads=1,
    )
    group = analyzer.analyze(astronaut).group
    hybrid, sharp = (np.array(shares(group.verdicts[name])) for name in ("hybrid", "sharp"))
    assert group.source == "ensemble"
    np.testing.assert_allclose(shares(group.probabilities), (hybrid + sharp) / 2)
    without = analyzer.analyze(("other.png", plain(RED))).group
    assert (without.source, without.verdicts["ensemble"]) == ("sharp", None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scene_labels": LABELS}, "scene_labels: expected a scene_network too"),
        ({"scene_network": "net.json"}, "scene_network: expected scene_labels"),
        ({"group_models": ["sharp.tflite"] * 2}, "different names. Received: 'sharp' for"),
        (
            {"group_models": ["sharp.tflite"], "ensemble": "models.json"},
            "members among faces, sharp,.*Received: gentle$",
        ),
        ({"ensemble": "mixed.json"}, "members among faces,.*Received: hybrid, sharp$"),
        (
            {"scene_network": "net.json", "scene_labels": SceneLabels({"a": ("x",)}, "odd.json")},
            "odd.json: expected labels of the labeller",
        ),
        (
            {"group": False, "ensemble": "models.json", "group_models": ["sharp.tflite"]},
            "with group_models and ensemble. Received: group=False",
        ),
        (
            {"group": False, "scene_network": "net.json", "scene_labels": LABELS},
            "with scene_network and scene_labels. Received: group=False",
        ),
    ],
    ids=[
        *("labels alone", "network alone", "one name", "missing member"),
        *("no members", "vocabulary", "models without group", "scenes without group"),
    ],
)
def test_what_does_not_go_together_is_refused_before_any_work(files, settings, message):
    for name in ("scene_network", "ensemble"):
        if name in settings:
            settings = settings | {name: files / settings[name]}
    if "group_models" in settings:
        paths = [files / name for name in settings["group_models"]]
        settings = settings | {"group_models": paths}
    with pytest.raises(EmoError, match=message):
        Analyzer(**settings)


def test_a_model_of_groups_given_for_another_task_is_told_where_it_belongs(files):
    with pytest.raises(EmoError, match="Received: group, which is for group_models"):
        Analyzer(expression_model=files / "sharp.tflite")
    with pytest.raises(EmoError, match="Received: expression, which is for expression_model"):
        Analyzer(group_models=[weight_path("expression_int8")])
