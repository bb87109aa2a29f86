"""What was found about people and faces in words, for tables and below pictures.

Every function returns text, a line or some.
"""

from emo_tf.explanation.activation_map import ActivationMap
from emo_tf.explanation.face_explanation import FaceExplanation
from emo_tf.explanation.person_explanation import BranchExplanation, PersonExplanation


def score_lines(explanation: PersonExplanation) -> list[str]:
    """Says what is explained, and how the score changes where the person is masked."""
    lines = [f"{explanation.explained} {explanation.score:.2f}"]
    if explanation.masked_score is not None:
        lines.append(f"masked: {explanation.masked_score:.2f}")
    return lines


def map_line(name: str, found: ActivationMap, share: float | None = None) -> str:
    """Says how strong a map is, and which share of it lies in the box, where there is one.

    Args:
        name: What the map is called.
        found: The map.
        share: Which share of it lies in the box, 0 to 1.
    """
    if found.is_empty:
        return f"{name}: nothing speaks for it"
    line = f"{name}: peak {found.peak:.2g}"
    return line if share is None else f"{line}, {100 * share:.0f} % in the box"


def branch_lines(name: str, branch: BranchExplanation) -> list[str]:
    """Says what a branch looked at, and the same where the person is masked.

    Args:
        name: What the branch is called.
        branch: What was found about it.
    """
    lines = [map_line(name, branch.map, branch.share_in_box)]
    if branch.masked_map:
        line = map_line("masked", branch.masked_map, branch.masked_share_in_box)
        similarity = branch.similarity
        lines.append(line if similarity is None else f"{line}, similarity {similarity:.2f}")
    return lines


def expression_line(explanation: FaceExplanation) -> str:
    """Says what is explained of a face, and the likeliest expression where that is another."""
    line = f"{explanation.explained} {explanation.score:.2f}"
    likeliest = explanation.face.expression.label
    return line if explanation.explained == likeliest else f"{line}; the likeliest is {likeliest}"


def masked_face_lines(explanation: FaceExplanation) -> list[str]:
    """Says what the score is without the strongest quarter of a face, and without the weakest."""
    if explanation.masked_score is None:
        return []
    return [
        f"strongest quarter masked: {explanation.masked_score:.2f}",
        f"weakest quarter masked: {explanation.control_score:.2f}",
    ]
