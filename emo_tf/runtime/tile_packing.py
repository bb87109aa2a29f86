"""Lays pictures of any sizes out on square tiles of one size."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A rectangle of a picture and its place on a tile.

    Attributes:
        picture: Number of the picture.
        top: First row of the rectangle in the picture.
        left: First column.
        height: In pixels.
        width: In pixels.
        tile: Number of the tile.
        y: First row on the tile.
        x: First column on the tile.
    """

    picture: int
    top: int
    left: int
    height: int
    width: int
    tile: int
    y: int
    x: int


@dataclass
class _Shelf:
    tile: int
    y: int
    height: int
    used_width: int = 0


def pack_tiles(sizes: list[tuple[int, int]], *, side: int, overlap: int) -> list[Piece]:
    """Cuts pictures into pieces and packs these onto tiles, shelf by shelf, first fit.

    Args:
        sizes: Height and width of each picture.
        side: Length of a tile.
        overlap: How many pixels neighbouring pieces of a picture share.

    Returns:
        The pieces by rising number of the tile.
    """
    cuts = [
        (height, width, picture, top, left)
        for picture, size in enumerate(sizes)
        for top, height in _cut(size[0], side, overlap)
        for left, width in _cut(size[1], side, overlap)
    ]
    shelves: list[_Shelf] = []
    room_left: dict[int, int] = {}  # rows below the last shelf, by tile
    tiles = 0
    pieces = []
    for height, width, picture, top, left in sorted(cuts, reverse=True):
        shelf = next(
            (s for s in shelves if s.height >= height and s.used_width + width <= side), None
        )
        if shelf is None:
            tile = next((t for t, room in room_left.items() if room >= height), tiles)
            if tile == tiles:
                tiles += 1
            room = room_left.pop(tile, side)
            shelf = _Shelf(tile, y=side - room, height=height)
            shelves.append(shelf)
            # What no piece can use is not looked through again.
            if room - height > overlap:
                room_left[tile] = room - height
        pieces.append(
            Piece(picture, top, left, height, width, shelf.tile, shelf.y, shelf.used_width)
        )
        shelf.used_width += width
        if side - shelf.used_width <= overlap:
            shelves.remove(shelf)
    return sorted(pieces, key=lambda piece: piece.tile)


def _cut(length: int, side: int, overlap: int) -> list[tuple[int, int]]:
    """Returns start and length of the pieces along one axis: whole tiles, then what is left."""
    step = side - overlap
    count = max(1, math.ceil((length - overlap) / step))
    return [(k * step, min(side, length - k * step)) for k in range(count)]
