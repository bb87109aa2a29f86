"""Draws what speaks for the apparent expression of faces: a row of panels for each."""

from collections.abc import Sequence

import numpy as np

from emo_tf.explanation.face_explanation import FaceExplanation, masked_face
from emo_tf.explanation.panels import Panel, map_over, scaled, sheet, shrunken
from emo_tf.explanation.wording import expression_line, map_line, masked_face_lines
from emo_tf.runtime.annotate_faces import draw_face_box, face_colour
from emo_tf.runtime.annotate_people import boxes_of, kept_inside

_LINE_WIDTH = 2


def draw_faces(image: np.ndarray, faces: Sequence[FaceExplanation]) -> np.ndarray:
    """Draws of each face the picture, the map over the face as it was cut out, and the check.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        faces: One or more; the first `MOST_ROWS` of them are drawn.

    Returns:
        uint8 RGB of another size.
    """
    return sheet(_row(image, number, face) for number, face in enumerate(faces))


def _row(image: np.ndarray, number: int, explanation: FaceExplanation) -> list[Panel]:
    small = shrunken(image)
    face = scaled(explanation.face, small.shape[1] / image.shape[1])
    (box,) = kept_inside(boxes_of([face]), small.shape, inset=_LINE_WIDTH)
    draw_face_box(small, box, face_colour(face), line_width=_LINE_WIDTH)
    mapped = map_over(shrunken(explanation.cut_out), explanation.map.values)
    panels = [
        Panel(small, [f"face {number}: {expression_line(explanation)}"]),
        Panel(mapped, [map_line("map", explanation.map)]),
    ]
    for strongest, line in zip((True, False), masked_face_lines(explanation), strict=False):
        masked = masked_face(explanation.cut_out, explanation.map, strongest=strongest)
        panels.append(Panel(shrunken(masked), [line]))
    return panels
