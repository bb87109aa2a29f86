"""The verdict on a picture of people, from the expressions of its faces."""

from collections.abc import Sequence

from emo_tf.labels import EXPRESSION_TO_GROUP, GROUP_EMOTIONS
from emo_tf.results import Expression, Face, Group


def group_from_faces(faces: Sequence[Face]) -> Group | None:
    """Averages over the faces what each one's expression says about the group.

    A face's probabilities of the seven expressions are added up by the class that each leans to
    (`labels.EXPRESSION_TO_GROUP`), surprise left out and the rest brought back to a sum of 1; the
    group's distribution is the plain mean over the faces, as in Garg 2019, "mean softmax over
    faces". Every face counts the same.

    Args:
        faces: The faces of one picture; those without an expression do not count.

    Returns:
        The verdict with one weight a face in `face_weights` (0 for a face that does not count),
        or `None` where no face has an expression.
    """
    counted = sum(face.expression is not None for face in faces)
    if not counted:
        return None
    verdict = dict.fromkeys(GROUP_EMOTIONS, 0.0)
    for face in faces:
        if face.expression:
            for emotion, probability in _leaning(face.expression).items():
                verdict[emotion] += probability / counted
    # Sums of rounded fractions may pass 1 by the last bit.
    verdict = {emotion: min(probability, 1.0) for emotion, probability in verdict.items()}
    return Group(
        label=max(verdict, key=verdict.__getitem__),
        probabilities=verdict,
        source="faces",
        verdicts={"faces": verdict},
        face_weights=tuple(1 / counted if face.expression else 0.0 for face in faces),
    )


def _leaning(expression: Expression) -> dict[str, float]:
    leaning = dict.fromkeys(GROUP_EMOTIONS, 0.0)
    for name, probability in expression.probabilities.items():
        if name in EXPRESSION_TO_GROUP:
            leaning[EXPRESSION_TO_GROUP[name]] += probability
    total = sum(leaning.values())
    if total == 0:  # Surprise alone says nothing about the class.
        return dict.fromkeys(GROUP_EMOTIONS, 1 / len(GROUP_EMOTIONS))
    return {emotion: probability / total for emotion, probability in leaning.items()}
