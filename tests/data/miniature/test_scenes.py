import dataclasses

import numpy as np
import pytest

from emo_tf.data.miniature.scenes import SCENES, SIDE, SKY, Scene, draw_scene

HEIGHT, WIDTH = 240, 320
MIDDLE = np.s_[
    round(HEIGHT * (SKY + 0.09)) :, round(WIDTH * SIDE) + 4 : round(WIDTH * (1 - SIDE)) - 4
]


def drawn(scene: Scene, *, seed: int = 0) -> np.ndarray:
    return draw_scene(scene, height=HEIGHT, width=WIDTH, rng=np.random.default_rng(seed))


def test_there_is_one_scene_of_every_weather_place_and_colour():
    assert len(set(SCENES)) == 4 * 4 * 2


@pytest.mark.parametrize(
    ("cue", "other", "part"),
    [
        ("weather", "rain", np.s_[: round(HEIGHT * SKY) - 2]),
        ("place", "garden", np.s_[round(HEIGHT * (SKY + 0.09)) :]),
        ("colour", "cold", np.s_[round(HEIGHT * SKY) : round(HEIGHT * (SKY + 0.08))]),
    ],
)
def test_a_cue_is_seen_in_its_part_of_the_picture(cue, other, part):
    scene = Scene("sun", "party", "warm")
    before, after = drawn(scene)[part], drawn(dataclasses.replace(scene, **{cue: other}))[part]

    changed = np.abs(before.astype(int) - after).max(axis=-1) > 30
    assert changed.mean() > 0.05


def test_where_people_stand_no_cue_can_be_seen():
    backgrounds = [drawn(scene)[MIDDLE] for scene in SCENES]

    for background in backgrounds[1:]:
        np.testing.assert_array_equal(background, backgrounds[0])


def test_another_seed_draws_another_background():
    assert (drawn(SCENES[0])[MIDDLE] != drawn(SCENES[0], seed=1)[MIDDLE]).mean() > 0.5
