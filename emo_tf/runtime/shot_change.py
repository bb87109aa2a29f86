"""Where a video goes over to another shot."""

import cv2
import numpy as np

_SIZE = (32, 18)  # width and height of what is compared
# Between frames next to each other of one shot it hardly falls below .5, even where the camera
# swings; across a cut it hardly rises above .25.
_ALIKE = 0.4
# Frames further apart may differ that much within a shot.
_LONGEST_S = 0.25
_FLAT = 2.0  # grey levels


class ShotChange:
    """Tells whether a frame begins another shot: whether it looks nothing like the one before.

    Small grey copies are compared by their correlation, to which light that goes on or off makes no
    difference. Frames of one grey tell nothing and are passed over. Of frames more than a quarter
    of a second apart it always says that the shot goes on.
    """

    def __init__(self):
        self._before = None
        self._time_s = 0.0

    def update(self, image: np.ndarray, time_s: float) -> bool:
        """Takes in the next frame.

        Args:
            image: RGB picture, uint8 (H, W, 3).
            time_s: When it is shown.

        Returns:
            Whether it begins another shot.
        """
        # Of a large frame every so many pixels are plenty, green standing in for grey.
        step = max(1, min(image.shape[1] // (4 * _SIZE[0]), image.shape[0] // (4 * _SIZE[1])))
        thinned = np.ascontiguousarray(image[::step, ::step, 1])
        grey = cv2.resize(thinned, _SIZE, interpolation=cv2.INTER_AREA).astype(np.float64)
        elapsed, self._time_s = time_s - self._time_s, time_s
        grey -= grey.mean()
        if grey.std() < _FLAT:
            return False
        grey /= np.linalg.norm(grey)
        before, self._before = self._before, grey
        return (
            before is not None and elapsed <= _LONGEST_S and float((before * grey).sum()) < _ALIKE
        )
