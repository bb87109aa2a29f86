"""How a face's box moves through a video."""

from collections.abc import Sequence

import numpy as np

# Of the centre, in sides of the face, then of the logarithm of width and height: deviation of one
# measurement, deviation of the acceleration a second, and seconds after which a speed that is not
# measured any more has died down. Heads turn and nod fast; their size hardly changes.
_NOISE = np.array([0.03, 0.03, 0.05, 0.05])
_ACCELERATION = np.array([6.0, 6.0, 1.0, 1.0])
_COASTING_S = np.array([1.0, 1.0, 0.25, 0.25])
_FIRST_SPEED = 2.0


class BoxMotion:
    """Follows one box: a Kalman filter on centre and size, with speeds that die down.

    Measurements may come at any times; what lies between them is predicted.

    Args:
        box_xywh: Where the box is first, in pixels.
        time_s: When that is.

    Reference:
        Kalman 1960, "A new approach to linear filtering and prediction problems".
    """

    def __init__(self, box_xywh: Sequence[float], time_s: float):
        self._time_s = time_s
        self._place = _place(box_xywh)
        self._speed = np.zeros(4)
        # Uncertainty of place and speed of each coordinate, (4, 2, 2).
        units = self._units()
        self._spread = np.zeros((4, 2, 2))
        self._spread[:, 0, 0] = (_NOISE * units) ** 2
        self._spread[:, 1, 1] = (_FIRST_SPEED * units) ** 2

    @property
    def box_xywh(self) -> tuple[float, float, float, float]:
        """Where the box is after the last measurement, its trembling smoothed away."""
        return _box(self._place)

    def predict(self, time_s: float) -> tuple[float, float, float, float]:
        """Returns where the box should be at a time that is not before the last measurement."""
        return _box(self._place + self._travelled(time_s - self._time_s)[:, 1] * self._speed)

    def measure(self, box_xywh: Sequence[float], time_s: float) -> None:
        """Takes in where the box was seen."""
        elapsed = time_s - self._time_s
        step = np.zeros((4, 2, 2))
        step[:, 0] = self._travelled(elapsed)
        step[:, 1, 1] = np.exp(-elapsed / _COASTING_S)
        units = self._units()
        push = np.array([elapsed**2 / 2, elapsed])
        spread = step @ self._spread @ step.transpose(0, 2, 1)
        spread += ((_ACCELERATION * units) ** 2)[:, None, None] * np.outer(push, push)
        place = self._place + step[:, 0, 1] * self._speed
        speed = step[:, 1, 1] * self._speed
        gain = spread[:, :, 0] / (spread[:, :1, 0] + ((_NOISE * units) ** 2)[:, None])  # (4, 2)
        missed_by = _place(box_xywh) - place
        self._place = place + gain[:, 0] * missed_by
        self._speed = speed + gain[:, 1] * missed_by
        self._spread = spread - gain[:, :, None] * spread[:, :1, :]
        self._time_s = time_s

    def _travelled(self, elapsed: float) -> np.ndarray:
        """Returns how place and speed add to the next place, shape (4, 2)."""
        way = _COASTING_S * -np.expm1(-elapsed / _COASTING_S)
        return np.stack([np.ones(4), way], axis=1)

    def _units(self) -> np.ndarray:
        side = np.exp(self._place[2:].mean())
        return np.array([side, side, 1.0, 1.0])


def _place(box_xywh: Sequence[float]) -> np.ndarray:
    """Returns centre and logarithms of width and height, shape (4,)."""
    x, y, width, height = box_xywh
    return np.array([x + width / 2, y + height / 2, *np.log([max(width, 1), max(height, 1)])])


def _box(place: np.ndarray) -> tuple[float, float, float, float]:
    width, height = np.exp(place[2:])
    return (
        float(place[0] - width / 2),
        float(place[1] - height / 2),
        float(width),
        float(height),
    )
