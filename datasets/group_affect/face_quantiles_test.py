"""How many faces the pictures have, in a table."""

from .face_quantiles import face_quantiles


def test_quantiles_are_the_least_numbers_that_enough_pictures_do_not_pass():
    # Five pictures: 0, 1, 2, 3 and 10 faces; and one of 4.
    counts = {"train": {"10": 1, "2": 1, "0": 1, "3": 1, "1": 1}, "val": {"4": 1}}

    head, train, val, every, published = (line.split() for line in face_quantiles(counts))

    assert head[-9:] == ["50%", "80%", "90%", "95%", "100%", "none", "at", "all", "in"]
    assert train == ["train", "2", "3", "10", "10", "10", "20.0%"]
    assert val == ["val", "4", "4", "4", "4", "4", "0.0%"]
    assert every == ["all", "2", "4", "10", "10", "10", "16.7%"]
    assert published == ["published", "-", "12", "-", "-", "-", "-"]
