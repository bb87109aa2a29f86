"""What was found about a group in words, for tables and below pictures.

Every function returns text, a line or some.
"""

from emo_tf.explanation.group_explanation import GroupExplanation
from emo_tf.explanation.wording import map_line


def verdict_line(explanation: GroupExplanation) -> str:
    """Says what is explained, and the verdict where that is another."""
    line = f"{explanation.verdict} {100 * explanation.probability:.0f} %"
    if explanation.verdict == explanation.group.label:
        return line
    return f"{line}; the verdict is {explanation.group.label}"


def attention_lines(explanation: GroupExplanation) -> list[str]:
    """Says which face counts most, and whether its removal changes most too."""
    if not explanation.sees_faces:
        return ["looks at the whole picture, not at faces"]
    count = sum(weight > 0 for weight in explanation.group.face_weights)
    if not count:
        return ["no face; judged by the whole picture alone"]
    attended = explanation.most_attended
    if attended is None:
        lines = [f"{count} faces count alike, whatever they show"]
    elif count == 1:
        lines = ["one face"]
    else:
        share = explanation.group.face_weights[attended]
        lines = [f"face {attended} counts most: {100 * share:.0f} %"]
    lines += _removal_lines(explanation, several=count > 1)
    return [*lines, explanation.group.note] if explanation.group.note else lines


def _removal_lines(explanation: GroupExplanation, *, several: bool) -> list[str]:
    attended, decisive = explanation.most_attended, explanation.most_decisive
    if decisive is None:
        return ["without it there is nothing to judge by"]
    most = change_text(explanation.changes[decisive])
    other = f"without face {decisive}: {most} points, the most"
    if attended is None:
        return [other]
    change = change_text(explanation.changes[attended])
    if decisive == attended:
        return [f"without it: {change} points{', the most' if several else ''}"]
    return [f"without it: {change} points", *([] if change == most else [other])]


def face_lines(explanation: GroupExplanation) -> list[str]:
    """Says of each of several faces how much it counts, and what its removal changes."""
    rows = enumerate(zip(explanation.group.face_weights, explanation.changes, strict=True))
    lines = [
        f"face {number}: {100 * weight:.0f} %, without it: {change_text(change)}"
        for number, (weight, change) in rows
        if weight
    ]
    return lines if len(lines) > 1 else []


def picture_lines(explanation: GroupExplanation) -> list[str]:
    """Says how strong the map of the picture is."""
    if explanation.image_map is None:
        return ["looks at faces alone: no map of the picture"]
    return [map_line("picture", explanation.image_map)]


def change_text(change: float | None) -> str:
    """Returns a change of probability in percentage points, signed; a dash for `None`."""
    if change is None:
        return "-"
    return f"{points:+d}" if (points := round(100 * change)) else "0"
