import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.results import Group
from emo_tf.runtime.group_smoothing import GroupSmoother
from emo_tf.runtime.smoothing import ExponentialSmoother


def test_a_step_is_followed_with_the_time_constant():
    smoother = ExponentialSmoother(0.5)
    np.testing.assert_array_equal(smoother.update(np.array([1.0, 0.0]), 0.0), [1, 0])
    after = smoother.update(np.array([0.0, 1.0]), 0.5)
    np.testing.assert_allclose(after, [math.exp(-1), 1 - math.exp(-1)])


@pytest.mark.parametrize("times", [[1.0], [0.5, 1.0], [0.1, 0.15, 0.7, 1.0]], ids=len)
def test_the_curve_is_the_same_however_many_frames_there_are(times):
    smoother = ExponentialSmoother(0.3)
    smoother.update(np.array([1.0]), 0.0)
    for time in times:
        value = smoother.update(np.array([0.0]), time)
    assert value[0] == pytest.approx(math.exp(-1 / 0.3))


def test_without_a_time_constant_nothing_is_smoothed():
    smoother = ExponentialSmoother(0)
    smoother.update(np.array([1.0]), 0.0)
    assert smoother.update(np.array([0.25]), 0.0)[0] == 0.25


def test_probabilities_still_add_up_to_one():
    rng, smoother = np.random.default_rng(0), ExponentialSmoother(0.2)
    for time in np.cumsum(rng.uniform(0, 0.3, 200)):
        value = smoother.update(rng.dirichlet(np.ones(7)), float(time))
        assert value.sum() == pytest.approx(1, abs=1e-9)
        assert value.min() >= 0


@pytest.mark.parametrize("seconds", [-0.1, math.inf, math.nan], ids=str)
def test_a_time_that_makes_no_sense_is_refused(seconds):
    with pytest.raises(EmoError, match=r"smooth_s: expected 0 or more seconds\. Received"):
        ExponentialSmoother(seconds)


def verdict(negative, *, scenes=None, source="faces"):
    def distribution(share):
        return {"negative": share, "neutral": 0.0, "positive": 1 - share}

    verdicts = {"faces": distribution(negative)}
    if scenes is not None:
        verdicts["scenes"] = distribution(scenes)
    probabilities = verdicts[source]
    label = max(probabilities, key=probabilities.__getitem__)
    return Group(label, probabilities, source, verdicts, face_weights=(0.5, 0.5), note="so")


def test_the_verdict_on_a_group_is_smoothed_with_its_label():
    smoother = GroupSmoother(0.5)
    assert smoother.update(verdict(1.0), 0.0) == verdict(1.0)
    after = smoother.update(verdict(0.0), 0.1)
    assert after.label == "negative"
    assert after.probabilities["negative"] == pytest.approx(math.exp(-0.2))
    assert after.probabilities == after.verdicts["faces"]
    assert after.verdicts["hybrid"] is None
    assert (after.face_weights, after.note) == ((0.5, 0.5), "so")
    assert smoother.update(verdict(0.0), 5.0).label == "positive"


def test_each_source_of_a_verdict_is_smoothed_for_itself():
    smoother = GroupSmoother(1.0)
    smoother.update(verdict(1.0, scenes=0.0), 0.0)
    assert smoother.update(None, 0.1) is None
    after = smoother.update(verdict(1.0, scenes=0.0, source="scenes"), 0.2)
    assert after.source == "scenes"
    assert after.label == "positive"
    assert after.verdicts["faces"]["negative"] == 1
