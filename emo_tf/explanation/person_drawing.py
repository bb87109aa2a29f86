"""Draws what speaks for the apparent emotion of people: a row of panels for each."""

from collections.abc import Sequence

import numpy as np

from emo_tf.explanation.panels import Panel, map_over, scaled, sheet, shrunken
from emo_tf.explanation.person_explanation import PersonExplanation
from emo_tf.explanation.wording import branch_lines, score_lines
from emo_tf.runtime.annotate_people import draw_bodies
from emo_tf.runtime.people_crops import BODY, SCENE
from emo_tf.runtime.person_boxes import whole_pixels


def draw_people(image: np.ndarray, people: Sequence[PersonExplanation]) -> np.ndarray:
    """Draws of each person the picture, the map of the scene over it and that of the body.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        people: One or more; the first `MOST_ROWS` of them are drawn.

    Returns:
        uint8 RGB of another size.
    """
    return sheet(_row(image, number, person) for number, person in enumerate(people))


def _row(image: np.ndarray, number: int, explanation: PersonExplanation) -> list[Panel]:
    small = shrunken(image)
    score, *masked = score_lines(explanation)
    panels = [(small, [f"person {number}: {score}", *masked])]
    if SCENE in explanation.branches:
        branch = explanation.branches[SCENE]
        panels.append((map_over(small, branch.map.values), branch_lines(SCENE, branch)))
    for canvas, _ in panels:
        _draw_box(canvas, explanation, scale=canvas.shape[1] / image.shape[1])
    if BODY in explanation.branches:
        branch = explanation.branches[BODY]
        height, width = image.shape[:2]
        x, y, w, h = whole_pixels(explanation.person.box_xywh, width=width, height=height)
        body = map_over(shrunken(image[y : y + h, x : x + w]), branch.map.values)
        panels.append((body, branch_lines(BODY, branch)))
    return [Panel(*panel) for panel in panels]


def _draw_box(canvas: np.ndarray, explanation: PersonExplanation, *, scale: float) -> None:
    """Draws the person's box, at the size at which it is seen."""
    draw_bodies(canvas, [scaled(explanation.person, scale)])
