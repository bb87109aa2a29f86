import numpy as np
import pytest

from emo_tf.runtime.label_layout import place_labels

AREA = (0, 0, 400, 300)
HAPPY = [("happy 93%", (60, 16)), ("happy", (36, 16))]


def place(boxes, texts=None, *, area=AREA):
    boxes = np.array(boxes, dtype=float).reshape(-1, 4)
    return place_labels(boxes, texts or [HAPPY] * len(boxes), area=area, gap=4)


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def test_a_label_stands_above_its_box_flush_left():
    [label] = place([(100, 100, 80, 90)])
    assert label.text == "happy 93%"
    assert label.rectangle == (100, 80, 60, 16)


def test_at_the_top_border_it_stands_below():
    [label] = place([(100, 0, 80, 90)])
    assert label.rectangle == (100, 94, 60, 16)


def test_a_box_as_high_as_the_area_has_it_at_its_side():
    [label] = place([(100, 0, 80, 300)])
    assert label.rectangle == (184, 0, 60, 16)


def test_a_box_that_fills_the_area_has_it_inside():
    [label] = place([(0, 0, 400, 300)])
    x, y, width, height = label.rectangle
    assert x >= 0
    assert y >= 0
    assert x + width <= 400
    assert y + height <= 300


def test_at_the_right_border_it_is_moved_inwards():
    [label] = place([(370, 100, 30, 30)])
    assert label.rectangle[0] + label.rectangle[2] <= 400


def test_labels_of_neighbours_do_not_overlap():
    boxes = [(100, 100, 40, 50), (150, 105, 40, 50), (200, 100, 40, 50), (125, 160, 40, 50)]
    rectangles = [label.rectangle for label in place(boxes)]
    for index, rectangle in enumerate(rectangles):
        assert all(not overlap(rectangle, other) for other in rectangles[index + 1 :])


def test_a_label_without_room_loses_its_percentage():
    [label] = place([(5, 40, 40, 50)], area=(0, 0, 50, 100))
    assert label.text == "happy"


def test_a_label_for_which_there_is_no_room_is_left_out():
    assert place([(5, 5, 10, 10)], area=(0, 0, 30, 30)) == [None]


def test_a_box_without_a_text_has_no_label():
    labels = place([(100, 100, 40, 50), (200, 100, 40, 50)], [[], HAPPY])
    assert labels[0] is None
    assert labels[1].text == "happy 93%"


def test_no_boxes_have_no_labels():
    assert place([]) == []


@pytest.mark.parametrize("area", [(0, 30, 400, 270), (0, 0, 400, 120)], ids=["below-30", "to-120"])
def test_labels_stay_in_their_area(area):
    boxes = [(20, 5, 60, 40), (150, 110, 60, 60), (300, 240, 60, 60)]
    for label in place(boxes, area=area):
        x, y, width, height = label.rectangle
        assert area[0] <= x <= area[0] + area[2] - width
        assert area[1] <= y <= area[1] + area[3] - height
