"""What one branch of a network looked at in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, eq=False)
class ActivationMap:
    """A class activation map of one picture.

    Attributes:
        layer: Whose map it comes from.
        values: float32 (h, w), 0 to 1, at the layer's resolution; the largest is 1, and all are 0
            where nothing in the picture speaks for what was asked.
        peak: The largest value before it was made 1, in the unit of what was explained: of a score
            from 0 to 1 that is the number before its sigmoid or softmax.
    """

    layer: str
    values: np.ndarray
    peak: float

    @classmethod
    def of(cls, layer: str, raw: np.ndarray) -> "ActivationMap":
        """Makes one from the map of a branch as `ActivationMaps` gives it, float (h, w).

        Args:
            layer: The layer that the map is of.
            raw: The map, not scaled yet.
        """
        peak = float(raw.max())
        values = np.asarray(raw / peak if peak > 0 else np.zeros_like(raw), np.float32)
        return cls(layer, values, max(peak, 0.0))

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the picture speaks for what was asked."""
        return self.peak == 0

    def share_in(
        self, box_xywh: Sequence[float], *, picture_size: tuple[int, int], size: tuple[int, int]
    ) -> float | None:
        """Returns which share of the map lies in a box of the picture, 0 to 1.

        Args:
            box_xywh: Left, top, width and height in pixels of the picture.
            picture_size: Height and width of the picture in pixels.
            size: Height and width of what the branch was shown of it.

        Returns:
            The share, or `None` of a map that is empty.
        """
        if self.is_empty:
            return None
        x, y, width, height = box_xywh
        rows = _covered(y, y + height, size[0], picture_size[0])
        columns = _covered(x, x + width, size[1], picture_size[1])
        values = cv2.resize(self.values, size[::-1], interpolation=cv2.INTER_LINEAR)
        return float(rows @ values @ columns / values.sum())

    def similarity(self, other: "ActivationMap") -> float | None:
        """Returns Pearson's correlation with a map of the same layer, -1 to 1.

        `None` where one of them has the same value everywhere, as an empty one has.
        """
        if min(np.ptp(self.values), np.ptp(other.values)) == 0:
            return None
        return float(np.corrcoef(self.values.ravel(), other.values.ravel())[0, 1])

    def to_dict(self) -> dict:
        """Returns what JSON holds of it."""
        return {
            "layer": self.layer,
            "peak": float(f"{self.peak:.6g}"),  # it may be small without being nothing
            "map": np.round(self.values.astype(float), 4).tolist(),
        }


def _covered(start: float, stop: float, count: int, length: int) -> np.ndarray:
    """Returns how much of each of `count` cells along an axis lies between two pixels of it."""
    edges = np.arange(count + 1) * (length / count)
    return np.clip(np.minimum(edges[1:], stop) - np.maximum(edges[:-1], start), 0, None) / (
        length / count
    )
