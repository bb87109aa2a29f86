"""Which label a clip has whose frames have several."""

import numpy as np
import pytest

from emo_tf.metrics.clip_labels import clip_labels


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([3, 3, 3, 3], 3),
        ([2, 2, 2, 5], 2),
        ([2, 5, 5, 5], 5),
        ([2, 2, 5, 5], 5),
        ([5, 5, 2, 2], 2),
        ([1, 1, 4, 4, 6], 1),
    ],
    ids=["one alone", "most of them", "most at the end", "a tie", "a tie turned", "neither last"],
)
def test_most_frames_give_a_clip_its_label_and_the_last_breaks_a_tie(labels, expected):
    found = clip_labels(np.array([labels, [0] * len(labels)]), classes=7)
    assert found.tolist() == [expected, 0]
    assert found.dtype == np.int32
