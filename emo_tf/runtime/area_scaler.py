"""One picture at many smaller sizes."""

import cv2
import numpy as np


class AreaScaler:
    """Shrinks a picture by exact area averages, at a cost that falls with the size asked for.

    Running sums over the rows are taken once. A row of a smaller picture is then a difference of
    two of them, whatever number of rows it averages.

    Args:
        image: uint8 (H, W, 3).
        smallest_height: The smallest height that will be asked for; rows are summed in 16 bits
            where the averages span few enough of them for that to be exact.
    """

    def __init__(self, image: np.ndarray, *, smallest_height: int):
        height, width = image.shape[:2]
        self._rows = image.reshape(height, width * 3)
        # Sums may overflow as long as their differences do not: 257 rows of 255 fit 16 bits.
        is_short = height / smallest_height <= 256
        self._sums = np.zeros((height + 1, width * 3), np.uint16 if is_short else np.uint32)
        for row, before, after in zip(self._rows, self._sums, self._sums[1:], strict=False):
            np.add(before, row, out=after)

    def scaled(self, height: int, width: int) -> np.ndarray:
        """Returns the picture at a size not above its own, in float32 grey levels.

        Args:
            height: Pixels.
            width: Pixels.
        """
        rows = len(self._rows)
        edges = np.arange(height + 1) * (rows / height)
        whole = np.minimum(edges.astype(int), rows - 1)
        # What the row that an edge runs through has above it.
        cut = self._rows[whole] * (edges - whole).astype(np.float32)[:, None]
        totals = (self._sums[whole[1:]] - self._sums[whole[:-1]]).astype(np.float32)
        totals += cut[1:]
        totals -= cut[:-1]
        totals *= height / rows
        return cv2.resize(
            totals.reshape(height, -1, 3), (width, height), interpolation=cv2.INTER_AREA
        )
