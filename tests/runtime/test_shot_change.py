import numpy as np
import pytest

from emo_tf.runtime.shot_change import ShotChange

RATE = 25


def picture(seed, *, size=(90, 160)):
    """A made-up view: a few smooth blots."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    waves = sum(
        rng.normal()
        * np.sin(rng.uniform(-12, 12) * x + rng.uniform(-12, 12) * y + rng.uniform(0, 6))
        for _ in range(6)
    )
    grey = np.clip(128 + 40 * waves, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def changes(frames, *, rate=RATE):
    shots = ShotChange()
    return [index for index, frame in enumerate(frames) if shots.update(frame, index / rate)]


@pytest.mark.parametrize("size", [(90, 160), (1080, 1920), (31, 17)], ids=str)
def test_another_view_begins_another_shot(size):
    one, other = picture(0, size=size), picture(2, size=size)
    assert changes([one] * 3 + [other] * 3 + [one] * 2) == [3, 6]


def test_light_that_goes_on_or_off_is_no_other_shot():
    view = picture(0)
    dark = (view * 0.3).astype(np.uint8)
    assert (
        changes([view, dark, view, np.clip(view.astype(int) + 60, 0, 255).astype(np.uint8)]) == []
    )


def test_a_swing_of_the_camera_is_no_other_shot():
    wide = picture(0, size=(90, 480))
    assert changes([wide[:, 8 * i : 8 * i + 160] for i in range(40)]) == []


def test_blank_frames_between_two_views_hide_no_change():
    blank = np.zeros_like(picture(0))
    assert changes([picture(0), blank, picture(2)]) == [2]
    assert changes([picture(0), blank, picture(0)]) == []


def test_frames_far_apart_say_nothing():
    assert changes([picture(0), picture(2), picture(0)], rate=2) == []


def test_the_cuts_of_a_film_are_found_and_no_others(shared):
    av = pytest.importorskip("av")
    for name, cuts in (("bikes_no_face", [30, 76, 137, 187, 242]), ("short_face", [])):
        with av.open(str(shared / "videos" / f"{name}.mp4")) as container:
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert changes(frames) == cuts
