import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emo_tf.runtime.drawing import dot, fill, fit_font, letters, outline, stamp, write

RED = (255, 0, 0)


@pytest.fixture
def canvas():
    return np.zeros((40, 60, 3), np.uint8)


def test_a_rectangle_on_whole_pixels_has_sharp_edges(canvas):
    fill(canvas, (10, 5, 20, 8), RED)
    assert np.unique(canvas[..., 0]).tolist() == [0, 255]
    assert canvas[5:13, 10:30, 0].all()
    assert np.count_nonzero(canvas) == 20 * 8


def test_half_covered_pixels_are_half_coloured(canvas):
    fill(canvas, (10.5, 5, 20, 8), RED)
    assert canvas[8, 10, 0] == canvas[8, 30, 0] == 128


def test_opacity_mixes_with_what_is_there(canvas):
    canvas[:] = 100
    fill(canvas, (0, 0, 60, 40), (200, 100, 0), opacity=0.5)
    assert canvas[20, 30].tolist() == [150, 100, 50]


def test_a_dot_has_the_area_of_its_circle(canvas):
    dot(canvas, (30.3, 20.7), RED, radius=9)
    assert canvas[..., 0].sum(dtype=float) / 255 == pytest.approx(np.pi * 81, rel=0.01)


def test_rounding_takes_the_corners_off(canvas):
    fill(canvas, (10, 5, 20, 20), RED, radius=6)
    assert canvas[5, 10, 0] == 0
    assert canvas[5, 20, 0] == canvas[15, 10, 0] == 255


def test_an_outline_leaves_its_inside_alone(canvas):
    outline(canvas, (10, 8, 30, 20), RED, line_width=2, radius=4)
    assert canvas[18, 25].tolist() == [0, 0, 0]
    assert canvas[8, 25].tolist() == canvas[18, 40].tolist() == list(RED)
    assert canvas[4, 25].tolist() == canvas[18, 45].tolist() == [0, 0, 0]


@given(
    x=st.floats(-200, 200),
    y=st.floats(-200, 200),
    width=st.floats(0, 200),
    height=st.floats(0, 200),
)
def test_shapes_anywhere_are_clipped_to_the_canvas(x, y, width, height):
    canvas = np.zeros((40, 60, 3), np.uint8)
    fill(canvas, (x, y, width, height), RED, radius=3)
    outline(canvas, (x, y, width, height), RED, line_width=2, radius=3, opacity=0.5)
    dot(canvas, (x, y), RED, radius=width / 4 + 0.1)
    write(canvas, "sad 3%", (x, y), fit_font(["sad"], width=99, largest=12, smallest=7), RED)
    covers = x <= 20 and y <= 15 and x + width >= 30 and y + height >= 25
    assert not covers or canvas[20, 25, 0] >= 254
    assert not canvas[..., 1:].any()


def test_letters_stand_about_the_middle_of_their_line(canvas):
    font = fit_font(["HHH"], width=60, largest=20, smallest=7)
    write(canvas, "HHH", (5, 20), font, (255, 255, 255))
    rows = np.flatnonzero(canvas.any(axis=(1, 2)))
    columns = np.flatnonzero(canvas.any(axis=(0, 2)))
    assert abs((rows[0] + rows[-1] + 1) / 2 - 20) <= 1
    assert columns[0] >= 5
    assert columns[-1] <= 5 + font.getlength("HHH") + 1


def test_a_font_shrinks_until_the_longest_text_fits():
    texts = ["sad", "surprise 100%"]
    font = fit_font(texts, width=60, largest=40, smallest=7)
    assert 50 <= font.getlength(texts[1]) <= 60
    assert fit_font(texts, width=6000, largest=40, smallest=7).size == 40


@pytest.mark.parametrize(("width", "largest"), [(10, 40), (100, 5)], ids=["narrow", "low"])
def test_a_font_too_small_to_read_is_none(width, largest):
    assert fit_font(["surprise 100%"], width=width, largest=largest, smallest=7) is None


def test_stamped_letters_are_those_that_are_written(canvas):
    font = fit_font(["sad"], width=60, largest=14, smallest=14)
    written = canvas.copy()
    write(written, "sad", (8, 20), font, RED)
    stamp(canvas, letters("sad", font), (8, 20), font, RED)
    rows, columns = (np.nonzero(picture[..., 0] > 100) for picture in (written, canvas))
    assert written.any()
    # Stamps stand on whole pixels.
    assert np.abs(np.mean(rows, axis=1) - np.mean(columns, axis=1)).max() <= 1
