from pathlib import Path

import pytest
import tensorflow as tf

from emo_tf.errors import EmoError
from emo_tf.training.profile import Profile


def recordings(folder: Path) -> list[Path]:
    return sorted((folder / "plugins" / "profile").glob("*/*.xplane.pb"))


def test_the_steps_asked_for_are_recorded_and_no_others(tmp_path):
    profile = Profile(tmp_path, 2, 3)
    for step in range(1, 4):
        profile.step(step)
        tf.square(1.0, name=f"square_{step}")
        assert not recordings(tmp_path)
    profile.step(4)
    (recording,) = recordings(tmp_path)
    tf.square(1.0)
    profile.step(5)
    profile.close()
    assert recordings(tmp_path) == [recording]
    assert b"Square" in recording.read_bytes()


def test_a_loop_that_ends_amid_the_steps_keeps_what_there_is(tmp_path):
    with Profile(tmp_path, 2, 30) as profile:
        for step in (2, 3):
            profile.step(step)
    assert len(recordings(tmp_path)) == 1


def test_a_resumed_loop_records_the_rest(tmp_path):
    with Profile(tmp_path, 2, 30) as profile:
        profile.step(20)
    assert len(recordings(tmp_path)) == 1


def test_a_loop_beyond_the_steps_records_nothing(tmp_path):
    with Profile(tmp_path, 2, 3) as profile:
        profile.step(4)
    assert not list(tmp_path.iterdir())


def test_a_last_step_before_the_first_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"last: expected a step from 5 on\. Received: 4"):
        Profile(tmp_path, 5, 4)
