"""What finds people, as options say."""

from pathlib import Path

from emo_tf.cli.refused_options import refuse_options
from emo_tf.runtime.face_detector import MIN_FACE, FaceDetector
from emo_tf.runtime.people_finder import PeopleFinder


def open_people_finder(
    *, person_detector: Path | None, min_face: float | None
) -> tuple[PeopleFinder, str]:
    """Returns what finds people, and what is said of a picture in which it finds nobody.

    Args:
        person_detector: The file of `--person-detector`.
        min_face: What `--min-face` says.

    Raises:
        EmoError: Both are given, or one cannot be used.
    """
    if person_detector is not None:
        refuse_options({"--min-face": min_face}, expected="no --person-detector", received="both")
        return PeopleFinder(person_detector=person_detector), "no person found"
    faces, nobody = open_face_detector(min_face)
    return PeopleFinder(face_detector=faces), nobody


def open_face_detector(
    min_face: float | None, *, usual: float = MIN_FACE
) -> tuple[FaceDetector, str]:
    """Returns what finds faces, and what is said of a picture in which it finds none.

    Args:
        min_face: What `--min-face` says.
        usual: Length in pixels of the smallest face looked for where it says nothing.

    Raises:
        EmoError: The length cannot be used.
    """
    detector = FaceDetector(min_face=usual if min_face is None else min_face)
    return detector, f"no face of at least {detector.min_face:g} pixels found"
