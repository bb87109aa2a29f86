import numpy as np
import pytest

from emo_tf.runtime.box_motion import BoxMotion


def walk(times, *, speed=(300.0, 0.0), noise=0.0, seed=0):
    """Boxes of 50 x 60 pixels that move evenly, and trembling ones as a detector gives them."""
    rng = np.random.default_rng(seed)
    true = [(100 + speed[0] * time, 80 + speed[1] * time, 50, 60) for time in times]
    return true, [tuple(np.add(box, rng.normal(0, noise, 4))) for box in true]


def test_an_even_walk_is_learnt_and_goes_on():
    times = np.arange(20) / 30
    true, seen = walk(times)
    motion = BoxMotion(seen[0], times[0])
    for box, time in zip(seen[1:], times[1:], strict=True):
        motion.measure(box, time)
    np.testing.assert_allclose(motion.box_xywh, true[-1], atol=1.5)
    (ahead,), _ = walk([times[-1] + 0.1])
    np.testing.assert_allclose(motion.predict(times[-1] + 0.1), ahead, atol=6)


def test_uneven_times_make_no_difference():
    times = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.1, 40))
    true, seen = walk(times, speed=(100.0, -50.0))
    motion = BoxMotion(seen[0], times[0])
    for box, time in zip(seen[1:], times[1:], strict=True):
        motion.measure(box, time)
    np.testing.assert_allclose(motion.box_xywh, true[-1], atol=0.5)


def test_trembling_is_smoothed_away():
    times = np.arange(120) / 30
    true, seen = walk(times, speed=(0.0, 0.0), noise=1.5)
    motion = BoxMotion(seen[0], times[0])
    smooth = []
    for box, time in zip(seen[1:], times[1:], strict=True):
        motion.measure(box, time)
        smooth.append(motion.box_xywh)

    def trembling(boxes):
        return np.abs(np.diff(boxes, axis=0)).mean()

    assert trembling(smooth) < 0.5 * trembling(seen)
    np.testing.assert_allclose(np.mean(smooth, axis=0), true[0], atol=0.5)


def test_a_face_that_is_not_seen_slows_down_and_keeps_its_size():
    times = np.arange(10) / 30
    _, seen = walk(times)
    motion = BoxMotion(seen[0], times[0])
    for index in range(1, 10):
        x, y, width, height = seen[index]
        motion.measure((x, y, width * 1.02**index, height * 1.02**index), times[index])
    soon, late = (motion.predict(times[-1] + elapsed) for elapsed in (1, 10))
    assert soon[0] - seen[-1][0] < 300
    assert late[0] - seen[-1][0] < 330
    assert late[2] / late[3] == pytest.approx(50 / 60, rel=0.02)
    assert late[2] < 50 * 1.02**9 * 1.3


def test_a_box_without_an_area_does_no_harm():
    motion = BoxMotion((5, 5, 0, 0), 0.0)
    motion.measure((6, 5, 0, 3), 0.04)
    assert np.isfinite(motion.predict(1.0)).all()
