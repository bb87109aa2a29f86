import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emo_tf.runtime.tile_packing import pack_tiles

SIDE, OVERLAP = 64, 10
LENGTHS = st.integers(6, 120).map(lambda half: 2 * half)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(LENGTHS, LENGTHS), max_size=6))
def test_each_window_of_each_picture_lies_in_one_piece_and_no_two_pieces_overlap(sizes):
    pieces = pack_tiles(sizes, side=SIDE, overlap=OVERLAP)
    covered = [np.zeros((height // 2 - 5, width // 2 - 5), int) for height, width in sizes]
    taken = np.zeros((max((piece.tile for piece in pieces), default=-1) + 1, SIDE, SIDE), int)
    for piece in pieces:
        assert max(piece.y + piece.height, piece.x + piece.width) <= SIDE
        taken[piece.tile, piece.y : piece.y + piece.height, piece.x : piece.x + piece.width] += 1
        top, left = piece.top // 2, piece.left // 2
        rows, columns = piece.height // 2 - 5, piece.width // 2 - 5
        covered[piece.picture][top : top + rows, left : left + columns] += 1
    assert taken.max(initial=1) == 1
    assert all((windows == 1).all() for windows in covered)
    assert [piece.tile for piece in pieces] == sorted(piece.tile for piece in pieces)


def test_small_pictures_share_a_tile():
    pieces = pack_tiles([(30, 30), (20, 40), (12, 24), (30, 30)], side=SIDE, overlap=OVERLAP)
    assert {piece.tile for piece in pieces} == {0}


def test_no_more_than_a_third_of_the_tiles_is_waste_on_a_usual_pyramid():
    sizes = [(2 * (375 * k // 20), 2 * (500 * k // 20)) for k in (6, 4, 3, 2, 1)]
    pieces = pack_tiles(sizes, side=128, overlap=OVERLAP)
    used = sum(height * width for height, width in sizes)
    assert used / ((pieces[-1].tile + 1) * 128**2) > 2 / 3


@pytest.mark.parametrize("length", [64, 118, 172], ids=str)
def test_whole_tiles_leave_no_remainder(length):
    pieces = pack_tiles([(64, length)], side=SIDE, overlap=OVERLAP)
    assert {piece.width for piece in pieces} == {64}
    assert len(pieces) == (length - OVERLAP) / (SIDE - OVERLAP)
