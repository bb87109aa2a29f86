import json

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.results import Expression, Face
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.group import group_from_faces
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_judge import GroupJudge, open_judge
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

UNSEEN = "no face found"
OF_LABEL = {"party": (0.1, 0.2, 0.6), "smoke": (0.5, 0.1, 0.05)}
OF_FACES = ((0.7, 0.2, 0.1), (0.2, 0.5, 0.3), (0.1, 0.2, 0.7))
NETWORK = SceneNetwork(tuple(OF_LABEL), np.array([*OF_LABEL.values()]), np.array(OF_FACES))
LABELS = SceneLabels(
    {
        "a.jpg": ("party",),
        "both.jpg": ("smoke", "party", "cheese"),
        "empty.jpg": (),
        "strange.jpg": ("cheese", "wine"),
    },
    "labels.json",
)
ANSWER = np.array([0.2, 0.5, 0.3])


def mean_of(*members: str) -> Ensemble:
    return Ensemble(members, "mean")


def face(**probabilities: float) -> Face:
    everything = dict.fromkeys(EXPRESSIONS, 0.0) | probabilities
    label = max(everything, key=everything.__getitem__)
    return Face((0, 0, 9, 9), 0.9, ((0, 0),) * 5, Expression(label, everything))


FACES = (face(happy=0.5, sad=0.5), face(neutral=1.0))
MEAN_OF_FACES = np.array([0.25, 0.5, 0.25])


def posterior(*labels: str, faces: np.ndarray | None = None) -> np.ndarray:
    """Bayes by plain loops, under a uniform prior."""
    weights = []
    for emotion in range(3):
        weight = 1 / 3
        for label in labels:
            weight *= OF_LABEL[label][emotion]
        if faces is not None:
            weight *= sum(faces[f] * OF_FACES[emotion][f] for f in range(3))
        weights.append(weight)
    return np.array(weights) / sum(weights)


def check(verdict, by_hand):
    assert tuple(verdict) == GROUP_EMOTIONS
    np.testing.assert_allclose([*verdict.values()], by_hand, atol=1e-12)


@pytest.fixture(scope="module")
def judge():
    return GroupJudge(network=NETWORK, labels=LABELS)


def test_faces_alone_are_judged_as_ever():
    group, reason = GroupJudge().judge("a.jpg", FACES, {}, unseen=UNSEEN)
    assert (group, reason) == (group_from_faces(FACES), None)
    assert group.source == "faces"
    assert group.verdicts["scenes"] is group.verdicts["hybrid"] is None


def test_labels_and_faces_give_three_verdicts_and_the_hybrid_is_followed(judge):
    group, reason = judge.judge("album/both.jpg", FACES, {}, unseen=UNSEEN)
    assert (group.source, reason) == ("hybrid", None)
    assert list(group.verdicts) == ["faces", "scenes", "hybrid"]
    check(group.verdicts["faces"], MEAN_OF_FACES)
    check(group.verdicts["scenes"], posterior("smoke", "party"))
    check(group.verdicts["hybrid"], posterior("smoke", "party", faces=MEAN_OF_FACES))
    assert group.probabilities == group.verdicts["hybrid"]
    assert group.label == GROUP_EMOTIONS[posterior("smoke", "party", faces=MEAN_OF_FACES).argmax()]
    assert group.face_weights == (0.5, 0.5)


def test_without_a_face_the_scene_alone_is_followed(judge):
    group, reason = judge.judge("a.jpg", (), {}, unseen=UNSEEN)
    assert (group.source, group.label, reason) == ("scenes", "positive", None)
    check(group.probabilities, posterior("party"))
    assert group.verdicts["faces"] is group.verdicts["hybrid"] is None
    assert group.face_weights == ()


@pytest.mark.parametrize("name", ["gone.jpg", "empty.jpg", "strange.jpg"])
def test_without_labels_to_go_by_the_faces_alone_are_followed(judge, name):
    group, _ = judge.judge(name, FACES, {}, unseen=UNSEEN)
    assert group == group_from_faces(FACES)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.jpg", "no face found, and no scene labels for this picture"),
        ("empty.jpg", "no face found, and no scene labels for this picture"),
        ("strange.jpg", "no face found, and no scene label of this picture that the network knows"),
    ],
)
def test_where_nothing_speaks_there_is_no_verdict_and_the_reason_says_why(judge, name, reason):
    assert judge.judge(name, (), {}, unseen=UNSEEN) == (None, reason)


def test_without_labels_asked_for_the_reason_is_the_missing_face_alone():
    assert GroupJudge().judge("a.jpg", (), {}, unseen=UNSEEN) == (None, UNSEEN)


@pytest.mark.parametrize("faces", [FACES, ()], ids=["faces", "no faces"])
@pytest.mark.parametrize("name", ["a.jpg", "gone.jpg"])
def test_a_model_outranks_faces_and_scene_and_always_has_a_verdict(faces, name):
    judge = GroupJudge(models=["attention"], network=NETWORK, labels=LABELS)
    group, reason = judge.judge(name, faces, {"attention": GroupAnswer(ANSWER)}, unseen=UNSEEN)
    assert (group.source, group.label, reason) == ("attention", "neutral", None)
    check(group.probabilities, ANSWER)
    assert list(group.verdicts) == ["faces", "scenes", "hybrid", "attention"]
    assert (group.verdicts["scenes"] is None) == (name == "gone.jpg")
    assert (group.verdicts["faces"] is None) == (not faces)


def test_an_ensemble_joins_its_members_and_outranks_them_all():
    joint = mean_of("hybrid", "attention")
    judge = GroupJudge(models=["attention"], ensemble=joint, network=NETWORK, labels=LABELS)
    group, _ = judge.judge("a.jpg", FACES, {"attention": GroupAnswer(ANSWER)}, unseen=UNSEEN)
    assert group.source == "ensemble"
    assert list(group.verdicts) == ["faces", "scenes", "hybrid", "attention", "ensemble"]
    check(group.probabilities, (posterior("party", faces=MEAN_OF_FACES) + ANSWER) / 2)


def test_an_ensemble_that_lacks_a_member_leaves_the_word_to_the_model_named_first():
    answers = {"second": GroupAnswer(ANSWER), "first": GroupAnswer(ANSWER[::-1])}
    judge = GroupJudge(models=["second", "first"], ensemble=mean_of("first", "second", "faces"))
    group, _ = judge.judge("a.jpg", (), answers, unseen=UNSEEN)
    assert group.source == "second"
    assert group.verdicts["ensemble"] is None
    check(group.verdicts["first"], ANSWER[::-1])
    assert judge.judge("a.jpg", FACES, answers, unseen=UNSEEN)[0].source == "ensemble"


def test_an_ensemble_without_models_may_join_the_network_with_the_faces():
    judge = GroupJudge(ensemble=mean_of("faces", "scenes"), network=NETWORK, labels=LABELS)
    group, _ = judge.judge("a.jpg", FACES, {}, unseen=UNSEEN)
    check(group.probabilities, (MEAN_OF_FACES + posterior("party")) / 2)
    assert judge.judge("a.jpg", (), {}, unseen=UNSEEN)[0].source == "scenes"
    assert judge.judge("gone.jpg", FACES, {}, unseen=UNSEEN)[0].source == "faces"
    assert judge.judge("gone.jpg", (), {}, unseen=UNSEEN)[0] is None


def test_several_models_without_an_ensemble_are_averaged():
    answers = {
        "a": GroupAnswer(np.array([0.2, 0.2, 0.6])),
        "b": GroupAnswer(np.array([0.6, 0.2, 0.2])),
    }
    group, _ = GroupJudge(models=["a", "b"]).judge("a.jpg", FACES, answers, unseen=UNSEEN)
    assert group.source == "ensemble"
    check(group.probabilities, [0.4, 0.2, 0.4])


def test_the_hybrid_weighs_all_faces_alike_in_an_ensemble_too():
    joint = mean_of("hybrid", "a")
    judge = GroupJudge(models=["a"], ensemble=joint, network=NETWORK, labels=LABELS)
    weighing = {"a": GroupAnswer(ANSWER, np.array([0.9, 0.1]))}
    group, _ = judge.judge("a.jpg", FACES, weighing, unseen=UNSEEN)
    assert group.face_weights == pytest.approx((0.7, 0.3))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"labels": LABELS}, "`emo-tf scenes fit` makes. Received: labels.json alone"),
        ({"network": NETWORK}, "scene_network: expected scene_labels"),
        (
            {"network": NETWORK, "labels": SceneLabels({"a.jpg": (*"bcdefghijkl",)}, "odd.json")},
            "odd.json: expected labels of the labeller.*Received: 0 of 11 known",
        ),
        (
            {"models": ["a"], "ensemble": mean_of("a", "b", "c")},
            "members among faces, a, which .*Received: b, c$",
        ),
        ({"ensemble": mean_of("faces", "hybrid")}, "members among faces, .*Received: hybrid$"),
    ],
    ids=["labels", "network", "vocabulary", "too many members", "no network"],
)
def test_what_does_not_go_together_is_refused(settings, message):
    with pytest.raises(EmoError, match=message):
        GroupJudge(**settings)


def test_a_tenth_of_the_labels_known_is_enough():
    labels = SceneLabels({"a.jpg": ("party", *"bcdefghij")})
    group, _ = GroupJudge(network=NETWORK, labels=labels).judge("a.jpg", (), {}, unseen=UNSEEN)
    check(group.probabilities, posterior("party"))


def test_a_judge_comes_from_files_or_from_what_was_read_of_them(tmp_path, judge):
    NETWORK.save(tmp_path / "net.json")
    LABELS.write(tmp_path / "labels.json")
    wanted = judge.judge("both.jpg", FACES, {}, unseen=UNSEEN)
    for network, labels in [
        (tmp_path / "net.json", tmp_path / "labels.json"),
        (str(tmp_path / "net.json"), LABELS),
        (NETWORK, str(tmp_path / "labels.json")),
    ]:
        made = open_judge(scene_network=network, scene_labels=labels)
        assert made.judge("both.jpg", FACES, {}, unseen=UNSEEN) == wanted


def test_an_ensemble_comes_from_its_file(tmp_path):
    mean_of("faces", "attention").save(tmp_path / "ensemble.json")
    made = open_judge(models=["attention"], ensemble=tmp_path / "ensemble.json")
    group, _ = made.judge("a.jpg", FACES, {"attention": GroupAnswer(ANSWER)}, unseen=UNSEEN)
    check(group.probabilities, (MEAN_OF_FACES + ANSWER) / 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": [*GROUP_EMOTIONS[::-1]]}, "the classes negative, neutral, .*in this order"),
        ({"models": ["faces", "attention", "other"]}, "expected shape"),
    ],
    ids=["order of classes", "another number of models"],
)
def test_an_ensemble_whose_file_does_not_hold_together_is_refused(tmp_path, change, message):
    path = tmp_path / "ensemble.json"
    by_hand = {"weights": (1, 2), "inverse_temperature": 1}
    Ensemble(("faces", "attention"), "weights", by_hand).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(EmoError, match=rf"ensemble\.json: .*{message}"):
        open_judge(models=["attention", "other"], ensemble=path)


def test_a_file_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "labels.json").write_text(json.dumps({"a.jpg": "party"}))
    (tmp_path / "net.json").write_text("{}")
    with pytest.raises(EmoError, match=r"labels\.json: a\.jpg: expected a list"):
        open_judge(scene_network=NETWORK, scene_labels=tmp_path / "labels.json")
    with pytest.raises(EmoError, match=r"net\.json: expected a file of format"):
        open_judge(scene_network=tmp_path / "net.json", scene_labels=LABELS)
