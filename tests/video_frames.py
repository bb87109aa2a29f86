"""Results of frames made up for tests of what is drawn of videos."""

from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.results import CategoryScore, Expression, Group, Person, Vad
from emo_tf.video_results import FrameResult, TrackedFace


def distribution(label: str, names: tuple[str, ...], *, top: float = 0.7) -> dict[str, float]:
    """Returns probabilities of which one is `top` and the others are equal."""
    rest = (1 - top) / (len(names) - 1)
    return {name: top if name == label else rest for name in names}


def tracked(
    number: int, label: str | None = "happy", *, box=(60, 40, 80, 90), top: float = 0.7
) -> TrackedFace:
    """Returns a face of a track, with an expression unless it has no label."""
    expression = Expression(label, distribution(label, EXPRESSIONS, top=top)) if label else None
    return TrackedFace(number, box, 0.99, expression)


def frame(time_s: float, *tracks: TrackedFace, group: str | None = None, people=()) -> FrameResult:
    """Returns the result of a frame of a video of 25 frames a second."""
    verdict = Group(group, distribution(group, GROUP_EMOTIONS), "faces") if group else None
    return FrameResult("clip.mp4", round(25 * time_s), time_s, tracks, tuple(people), verdict)


def person(box=(200, 60, 80, 160)) -> Person:
    """Returns a person of whom one category is above its threshold."""
    scores = [CategoryScore(name, 0.5, 0.6, False) for name in EMOTIC_CATEGORIES[1:]]
    affection = CategoryScore(EMOTIC_CATEGORIES[0], 0.7, 0.6, True)
    return Person(box, 0.9, (affection, *scores), Vad(5.0, 6.0, 7.0))
