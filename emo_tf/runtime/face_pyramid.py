"""Pictures at falling sizes, laid out for the proposal network."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np

from emo_tf.runtime.area_scaler import AreaScaler
from emo_tf.runtime.tile_packing import Piece, pack_tiles

WINDOW = 12
"""Side of the window that the proposal network looks through, in pixels."""
STRIDE = 2
"""Pixels from one window to the next."""
TILE = 128
MAP = (TILE - WINDOW) // STRIDE + 1
"""Windows along a tile's side."""


@dataclass(frozen=True)
class TileBatch:
    """Tiles, and which piece of which level each window on them belongs to.

    Attributes:
        pixels: 256ths of a grey level, uint16 (B, TILE, TILE, 3).
        owners: Index into the pyramid's pieces, -1 for a window that lies in no piece as a whole;
            shape (B, MAP, MAP).
    """

    pixels: np.ndarray
    owners: np.ndarray


class FacePyramid:
    """Scales pictures so that faces of `min_face` pixels and all larger ones fill the window.

    The sizes fall by `scale_factor` until the shorter side is below the window. Every level is cut
    into pieces which share tiles of one size: the network is planned once, whatever pictures come,
    and its memory does not grow with theirs. Small pictures fill fewer tiles together than alone.

    Args:
        *images: Each uint8 (H, W, 3).
        min_face: Side in pixels of the smallest face looked for.
        scale_factor: Size of a level against the one before, above 0, below 1.

    Attributes:
        scales: Of the levels of all pictures, one picture after the other, shape (L,).
        images: Which picture each level is of, shape (L,).
        pieces: What lies where on the tiles.
    """

    def __init__(self, *images: np.ndarray, min_face: float, scale_factor: float):
        scales = [
            pyramid_scales(image.shape[:2], min_face=min_face, scale_factor=scale_factor)
            for image in images
        ]
        self.scales = np.concatenate(scales)
        self.images = np.repeat(np.arange(len(images)), [len(own) for own in scales])
        self._levels = [
            level
            for image, own in zip(images, scales, strict=True)
            for level in _scaled(image, own)
        ]
        self.pieces = pack_tiles(
            [level.shape[:2] for level in self._levels], side=TILE, overlap=WINDOW - STRIDE
        )

    def batches(self, size: int) -> Iterator[TileBatch]:
        """Yields all tiles, at most `size` together."""
        for _, numbered in groupby(enumerate(self.pieces), lambda item: item[1].tile // size):
            numbered = list(numbered)
            first, last = numbered[0][1].tile, numbered[-1][1].tile
            batch = TileBatch(
                np.zeros((last - first + 1, TILE, TILE, 3), np.uint16),
                np.full((last - first + 1, MAP, MAP), -1, np.int32),
            )
            for index, piece in numbered:
                self._place(piece, index, batch, piece.tile - first)
            yield batch

    def _place(self, piece: Piece, index: int, batch: TileBatch, tile: int) -> None:
        rows = slice(piece.top, piece.top + piece.height)
        columns = slice(piece.left, piece.left + piece.width)
        bottom, right = piece.y + piece.height, piece.x + piece.width
        batch.pixels[tile, piece.y : bottom, piece.x : right] = self._levels[piece.picture][
            rows, columns
        ]
        last_row, last_column = (bottom - WINDOW) // STRIDE, (right - WINDOW) // STRIDE
        batch.owners[
            tile, piece.y // STRIDE : last_row + 1, piece.x // STRIDE : last_column + 1
        ] = index


def pyramid_scales(size: tuple[int, int], *, min_face: float, scale_factor: float) -> np.ndarray:
    """Returns the scales at which a picture of `size` (height, width) is at least a window.

    Args:
        size: Pixels.
        min_face: Length in pixels of the smallest face looked for.
        scale_factor: From one scale to the next, below 1.

    Returns:
        Scales, the largest first, shape (N,).
    """
    scales = []
    scale = WINDOW / min_face
    while _scaled_length(min(size), scale) >= WINDOW:
        scales.append(scale)
        scale *= scale_factor
    return np.array(scales)


def _scaled_length(length: int, scale: float) -> int:
    # 49 * (12 / 49) falls short of 12 in the last digit.
    return int(length * scale + 1e-9)


def _scaled(image: np.ndarray, scales: np.ndarray) -> list[np.ndarray]:
    """Returns the picture at each of falling scales, in 256ths, with even sides."""
    sizes = [[_scaled_length(length, scale) for length in image.shape[:2]] for scale in scales]
    if not sizes:
        return []
    scaler = AreaScaler(image, smallest_height=sizes[-1][0])
    levels = []
    for height, width in sizes:
        level = np.rint(scaler.scaled(height, width) * 256).astype(np.uint16)
        # The network's pooling rounds up: a last odd row or column counts as if it came twice.
        levels.append(cv2.copyMakeBorder(level, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE))
    return levels
