import numpy as np
import pytest

from emo_tf.training.video_predictions import VideoPredictions

HAPPY, SAD, NEUTRAL = 3, 4, 6


def logits_of(classes) -> np.ndarray:
    """Returns logits that are sure of these classes, with an axis more."""
    return 9 * np.eye(7, dtype=np.float32)[np.asarray(classes)]


@pytest.fixture
def predictions() -> VideoPredictions:
    """Three clips of four frames: one stays, one changes at its end, one half-way."""
    labels = np.array([[HAPPY] * 4, [SAD, SAD, SAD, HAPPY], [SAD, SAD, NEUTRAL, NEUTRAL]], np.int32)
    said = [[HAPPY] * 4, [SAD, SAD, SAD, SAD], [SAD, SAD, SAD, NEUTRAL]]
    return VideoPredictions(labels, logits_of(said), logits_of([HAPPY, SAD, SAD]))


def test_the_label_of_a_clip_is_that_of_most_frames_and_the_later_of_two(predictions):
    assert predictions.clip_labels.tolist() == [HAPPY, SAD, NEUTRAL]


def test_decisions_and_frames_are_counted_apart(predictions):
    assert predictions.accuracy == pytest.approx(2 / 3)
    assert predictions.frame_accuracy == pytest.approx(10 / 12)
    assert predictions.mean_recall == pytest.approx((1 + 1 + 0) / 3)
    report = predictions.report()
    assert report["examples"] == 3
    assert report["accuracy"] == pytest.approx(2 / 3, abs=1e-5)
    assert report["frame_accuracy"] == pytest.approx(10 / 12, abs=1e-5)
    assert report["last_frame"]["recall"]["happy"] == 0.5
    assert report["last_frame"]["recall"]["neutral"] == 1


def test_stills_have_no_figures_of_frames(predictions):
    stills = VideoPredictions(
        predictions.labels[:, :1], predictions.frame_logits[:, :1], predictions.frame_logits[:, 0]
    )
    assert not {"frame_accuracy", "last_frame"} & set(stills.report())


def test_the_temperature_is_of_last_frames_where_frames_come_one_by_one():
    labels = np.array([[SAD, HAPPY]] * 10, np.int32)
    # Decisions are right for half of the clips, last frames for nine in ten, as sure as ever.
    last = [HAPPY] * 9 + [SAD]
    frames = logits_of([[SAD, one] for one in last])
    decisions = logits_of([HAPPY] * 5 + [SAD] * 5)
    found = VideoPredictions(labels, frames, decisions)
    by_frame = found.fit_temperature(frame_by_frame=True)
    by_clip = found.fit_temperature(frame_by_frame=False)
    assert by_clip > 1.3 * by_frame > 1.3
