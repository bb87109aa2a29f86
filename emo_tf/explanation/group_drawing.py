"""Draws what speaks for the verdict on a group: its faces, and the map over the picture."""

import numpy as np

from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.explanation.group_wording import (
    attention_lines,
    change_text,
    picture_lines,
    verdict_line,
)
from emo_tf.explanation.panels import Panel, map_over, scaled, sheet, shrunken
from emo_tf.runtime.annotate_faces import (
    draw_face_bar,
    draw_face_box,
    draw_face_labels,
    face_colour,
    place_face_labels,
)
from emo_tf.runtime.annotate_people import boxes_of, kept_inside

_LINE_WIDTH, _FONT = 2, 13
_FAINTEST = 0.4  # opacity of the box of a face that counts nothing


def draw_group(image: np.ndarray, explanation: GroupExplanation) -> np.ndarray:
    """Draws how much each face counts and what its removal changes, and the map beside.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        explanation: What was found in it.

    Returns:
        uint8 RGB of another size.
    """
    small = shrunken(image)
    canvas = small.copy()
    _draw_faces(canvas, explanation, scale=small.shape[1] / image.shape[1])
    lines = [verdict_line(explanation), *attention_lines(explanation)]
    if explanation.faces:
        lines.append(f"at each face: its weight, change of {explanation.verdict} without it")
    panels = [Panel(canvas, lines)]
    if explanation.image_map:
        mapped = map_over(small, explanation.image_map.values)
        panels.append(Panel(mapped, picture_lines(explanation)))
    return sheet([panels])


def _draw_faces(canvas: np.ndarray, explanation: GroupExplanation, *, scale: float) -> None:
    """Outlines faces the stronger the more they count, and writes the figures to them."""
    weights = np.array(explanation.group.face_weights)
    if not len(weights):
        return
    faces = [scaled(face, scale) for face in explanation.faces]
    boxes = kept_inside(boxes_of(faces), canvas.shape, inset=_LINE_WIDTH)
    for face, box, length in zip(faces, boxes, weights / weights.max(), strict=True):
        colour, opacity = face_colour(face), _FAINTEST + (1 - _FAINTEST) * length
        draw_face_box(canvas, box, colour, line_width=_LINE_WIDTH, opacity=opacity)
        if length:
            draw_face_bar(canvas, box, colour, length=length, line_width=_LINE_WIDTH)
    area = (0, 0, canvas.shape[1], canvas.shape[0])
    wordings = [
        [f"{weight:.0%}, {change_text(change)}", f"{weight:.0%}"] if weight else []
        for weight, change in zip(weights, explanation.changes, strict=True)
    ]
    font, labels = place_face_labels(wordings, boxes, area=area, font_size=_FONT)
    draw_face_labels(canvas, faces, labels, font=font, faint=weights == 0)
