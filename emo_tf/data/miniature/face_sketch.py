"""The ground that a head is drawn on: points of a turned head, flat colours and soft light.

Every `colour` is red, green and blue, 0 to 255; a `light` of 1 changes nothing; `width` counts in
face heights, and so does `depth`, towards the viewer. All `points` are floats of shape (N, 2) or,
with depth, (N, 3).
"""

import math

import cv2
import numpy as np

from emo_tf.data.miniature.faces import HeadPose
from emo_tf.data.miniature.shapes import Colour

_REACH = np.array((0.63, 0.92))  # from the middle of the face to the ends of hair and collar
_BULGE = np.array((0.46, 0.85, 0.30))  # half axes of the head along x, y and z

_WORKING_HEIGHT = 180  # pixels: smaller faces are drawn this large or larger, then shrunk
_FRACTION_BITS = 4  # OpenCV places points at 1/16 pixel
_UNLIT = 128  # the level of a light map that changes nothing
_BROAD_BLUR, _FINE_BLUR = 0.05, 0.012
_CURVE_STEPS = 6
_ANGLES = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)

# Where a face detector sees a face: a box in the picture round a point of the head.
_BOX_MIDDLE = np.array((0, 0, 0.15))
_BOX_SIZE = np.array((0.75, 1.03))


class FaceSketch:
    """A patch of a picture, enlarged, to draw a head on.

    Points count in face heights from the middle of the face, x to the right and y down. Points of
    shape (N, 2) lie on the head, which bulges towards the viewer; in (N, 3) the third is how far
    towards the viewer they lie. Colours are flat: light and shadow are two maps, a broad and a
    fine one, that are blurred and multiplied in at the end.

    Args:
        image: RGB picture that the head will be part of, uint8 (H, W, 3).
        pose: How the head is held.
        centre_xy: Middle of the face in pixels.
        height: From the forehead to the chin in pixels.
    """

    def __init__(
        self,
        image: np.ndarray,
        pose: HeadPose,
        *,
        centre_xy: tuple[float, float],
        height: float,
    ):
        self._centre, self._height = np.array(centre_xy, float), height
        self._view = _view(pose)
        self._zoom = max(2, math.ceil(_WORKING_HEIGHT / height))
        reach = np.abs(self._view[:, :2]) @ _REACH * height
        self._corner = np.floor(self._centre - reach).astype(int)
        self._size = np.ceil(2 * reach).astype(int) + 1
        start = np.clip(-self._corner, 0, self._size)
        end = np.clip(image.shape[1::-1] - self._corner, start, self._size)
        self._visible = np.s_[start[1] : end[1], start[0] : end[0]]
        start, end = start + self._corner, end + self._corner
        self._part = np.s_[start[1] : end[1], start[0] : end[0]]
        # The fourth channel tells how much of a pixel is drawn over.
        under = np.zeros((*self._size[::-1], 4), np.uint8)
        under[(*self._visible, slice(3))] = image[self._part]
        large = tuple((self._zoom * self._size).tolist())
        self._pixels = cv2.resize(under, large, interpolation=cv2.INTER_NEAREST)
        self._broad, self._fine = (np.full(large[::-1], _UNLIT, np.uint8) for _ in range(2))

    def fill(self, points, colour: Colour) -> None:
        """Fills an outline with a colour."""
        self._fill(self._pixels, points, (*colour, 255))

    def shade(self, points, light: float) -> None:
        """Sets the soft light within an outline; 1 changes nothing."""
        self._fill(self._broad, points, _UNLIT * light)

    def line(self, points, colour: Colour, *, width: float) -> None:
        """Draws a line in a colour; the width counts in face heights."""
        self._line(self._pixels, points, (*colour, 255), width)

    def crease(self, points, light: float, *, width: float) -> None:
        """Sets the light along a line; 1 changes nothing."""
        if light != 1:
            self._line(self._fine, points, _UNLIT * light, width)

    def finish(self, image: np.ndarray, *, light_angle: float, light_strength: float) -> None:
        """Lights the patch, shrinks it and puts what is visible of it into the picture.

        Args:
            image: The picture that the sketch began with.
            light_angle: Direction the light comes from in radians, 0 being right, pi / 2 below.
            light_strength: Relative change of brightness from the middle of the face to its edge.
        """
        large = self._zoom * self._height
        layers = [self._pixels]
        for level, blur in ((self._broad, _BROAD_BLUR), (self._fine, _FINE_BLUR)):
            sides = (2 * round(blur * large) + 1,) * 2
            layers.append(cv2.blur(cv2.blur(level, sides), sides))
        pixels, broad, fine = (
            cv2.resize(layer, self._size.tolist(), interpolation=cv2.INTER_AREA)[self._visible]
            for layer in layers
        )
        slope = self._slope(light_angle, light_strength)
        light = broad * (fine * np.float32(1 / _UNLIT**2)) * slope[self._visible]
        change = 1 + pixels[..., 3] * ((light - 1) / np.float32(255))
        lit = pixels[..., :3] * change[..., None]
        image[self._part] = np.minimum(lit + np.float32(0.5), 255)

    def box(self) -> np.ndarray:
        """Returns the box round the face as a detector sees it, `[x, y, width, height]`."""
        middle = self._centre + self._height * (self._view @ _BOX_MIDDLE)
        size = self._height * _BOX_SIZE
        return np.concatenate([middle - size / 2, size])

    def _slope(self, angle: float, strength: float) -> np.ndarray:
        """Returns light that falls off evenly from one side, float32 (H, W)."""
        x, y = (
            (np.arange(length, dtype=np.float32) + 0.5 + corner - middle) / self._height
            for length, corner, middle in zip(self._size, self._corner, self._centre, strict=True)
        )
        across = 2 * strength * (math.cos(angle) * x[None] + math.sin(angle) * y[:, None])
        return 1 + np.clip(across, -0.45, 0.35)

    def _fill(self, layer: np.ndarray, points, colour) -> None:
        cv2.fillPoly(layer, [self._place(points)], colour, cv2.LINE_AA, _FRACTION_BITS)

    def _line(self, layer: np.ndarray, points, colour, width: float) -> None:
        pixels = max(1, round(width * self._height * self._zoom))
        cv2.polylines(
            layer, [self._place(points)], False, colour, pixels, cv2.LINE_AA, _FRACTION_BITS
        )

    def _place(self, points) -> np.ndarray:
        """Returns where points of the head lie on the patch, in OpenCV's fractions."""
        points = np.asarray(points, float)
        if points.shape[1] == 2:
            inside = 1 - (points / _BULGE[:2]) ** 2 @ (1, 1)
            depth = _BULGE[2] * np.sqrt(np.maximum(inside, 0))
            seen = points @ self._view[:, :2].T + depth[:, None] * self._view[:, 2]
        else:
            seen = points @ self._view.T
        pixels = self._centre - self._corner + self._height * seen
        # OpenCV counts from pixel centres.
        return np.rint((self._zoom * pixels - 0.5) * 2**_FRACTION_BITS).astype(np.int32)


def _view(pose: HeadPose) -> np.ndarray:
    """Returns what takes a point of the head to the picture, (2, 3)."""
    yaw, pitch, roll = np.deg2rad([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    turn = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    nod = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)]]
    tilt = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
    return np.array(tilt) @ np.array(nod) @ np.array(turn)


def curve(points: np.ndarray, *, closed: bool = False) -> np.ndarray:
    """Returns a smooth curve through points (N, D): Catmull and Rom's spline, uniform.

    Args:
        points: What it goes through.
        closed: Whether it comes back to the first.
    """
    if closed:
        before, start, end, after = (np.roll(points, -shift, axis=0) for shift in (-1, 0, 1, 2))
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
        before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = (np.arange(_CURVE_STEPS) / _CURVE_STEPS)[None, :, None]
    before, start, end, after = (part[:, None] for part in (before, start, end, after))
    smooth = start + t / 2 * (
        end
        - before
        + t * (2 * before - 5 * start + 4 * end - after + t * (3 * (start - end) + after - before))
    )
    smooth = smooth.reshape(-1, points.shape[1])
    return smooth if closed else np.concatenate([smooth, points[-1:]])


def ellipse(centre, radii) -> np.ndarray:
    """Returns the outline of an ellipse, (20, 2).

    Args:
        centre: Its middle, (2,).
        radii: Half axes along x and y, (2,).
    """
    return _CIRCLE * radii + centre


def at_depth(points: np.ndarray, depth: float) -> np.ndarray:
    """Returns points (N, 2) as (N, 3), all as far towards the viewer."""
    return np.column_stack([points, np.full(len(points), depth)])


def mirrored(half, *, depth: float) -> np.ndarray:
    """Returns the outline whose right half is given, from top to bottom, at one depth.

    Args:
        half: Points of the right half, shape (N, 2).
        depth: Of all of them.
    """
    right = np.array(half, float)
    return at_depth(np.concatenate([right, right[::-1] * (-1, 1)]), depth)


def scaled(colour, factor: float) -> Colour:
    """Returns a colour with its brightness multiplied.

    Args:
        colour: The colour.
        factor: Of its brightness.
    """
    return tuple(np.round(np.clip(np.asarray(colour) * factor, 0, 255)).astype(int).tolist())
