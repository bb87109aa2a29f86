"""How much each face counts in a verdict, and which are not looked at."""

import numpy as np
import pytest

from emo_tf.results import Expression, Face
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_judge import GroupJudge

UNSEEN = "no face found"
ANSWER = np.array([0.2, 0.5, 0.3])
FACE = Face((0, 0, 9, 9), 0.9, ((0, 0),) * 5, Expression("happy", {"happy": 1.0}))
FACES = (FACE, FACE)
WEIGHING = GroupAnswer(ANSWER, np.array([0.9, 0.1]))
WHOLE = GroupAnswer(ANSWER)
NARROW = GroupAnswer(ANSWER, np.array([1.0, 0.0]), passed_over=1)


@pytest.mark.parametrize(
    ("answers", "members", "weights"),
    [
        ({"a": WEIGHING}, (), (0.9, 0.1)),
        ({"a": WHOLE}, (), (0.5, 0.5)),
        ({"a": WEIGHING, "b": NARROW}, ("a", "b"), (0.95, 0.05)),
        ({"a": WEIGHING, "b": WHOLE}, ("a", "b"), (0.9, 0.1)),
        ({"a": WEIGHING, "b": WHOLE}, ("b", "faces"), (0.5, 0.5)),
        ({"a": WEIGHING, "b": WHOLE}, ("a", "faces"), (0.7, 0.3)),
        ({"a": WHOLE, "b": WHOLE}, ("a", "b"), (0.5, 0.5)),
        ({"b": WEIGHING}, ("a", "b"), (0.9, 0.1)),
    ],
    ids=[
        *("its own", "whole picture", "both", "one of two", "another is a member", "with faces"),
        *("whole pictures", "the one with a verdict"),
    ],
)
def test_faces_weigh_what_the_source_of_the_verdict_gives_them(answers, members, weights):
    joint = Ensemble(members, "mean") if members else None
    names = ["a", "b"] if members else ["a"]
    group, _ = GroupJudge(models=names, ensemble=joint).judge("x", FACES, answers, unseen=UNSEEN)
    assert group.face_weights == pytest.approx(weights)
    assert all(type(weight) is float for weight in group.face_weights)


@pytest.mark.parametrize(
    ("passed_over", "members", "note"),
    [
        ({"a": 0}, (), None),
        ({"a": 25}, (), "a looked at the 15 largest of 40 faces"),
        ({"a": 25, "b": 25}, ("a", "b"), "a and b looked at the 15 largest of 40 faces"),
        (
            {"a": 25, "b": 13},
            ("a", "b"),
            "a looked at the 15 largest, b looked at the 27 largest of 40 faces",
        ),
        ({"a": 25, "b": 0}, ("b", "faces"), None),
    ],
    ids=["all", "one model", "two alike", "two", "not a member"],
)
def test_a_note_says_which_faces_were_not_looked_at(passed_over, members, note):
    answers = {
        name: GroupAnswer(ANSWER, np.full(40, 1 / 40), count) for name, count in passed_over.items()
    }
    joint = Ensemble(members, "mean") if members else None
    judge = GroupJudge(models=[*answers], ensemble=joint)
    assert judge.judge("x", [FACE] * 40, answers, unseen=UNSEEN)[0].note == note


def test_a_model_that_saw_nothing_leaves_the_word_to_the_next_and_has_no_verdict():
    judge = GroupJudge(models=["a", "b"])
    group, _ = judge.judge("x", (), {"b": WHOLE}, unseen=UNSEEN)
    assert (group.source, group.verdicts["a"], group.verdicts["ensemble"]) == ("b", None, None)
    assert judge.judge("x", (), {}, unseen=UNSEEN) == (None, UNSEEN)
    group, _ = judge.judge("x", FACES, {}, unseen=UNSEEN)
    assert (group.source, group.face_weights, group.note) == ("faces", (0.5, 0.5), None)
