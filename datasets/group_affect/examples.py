"""Makes the examples of the data set from the pictures of the Group Affect Database."""

from collections.abc import Iterator
from pathlib import Path

from emo_tf.corpora.boxes import UnusableError, read_picture
from emo_tf.corpora.corpus_builder import KeyAndExample
from emo_tf.corpora.report import LeftOut
from emo_tf.errors import EmoError

from .faces import DetectedFaces, stored
from .published_faces import PublishedFaces
from .source import Photo

UNUSABLE_FACES = "unusable faces"


def examples_of(
    photo: Photo | LeftOut,
    *,
    manual_dir: Path,
    faces: DetectedFaces | PublishedFaces | None = None,
) -> Iterator[KeyAndExample | LeftOut]:
    """Yields key and example of a picture, or why it is left out.

    Args:
        photo: What `source.find_splits` returned.
        manual_dir: The folder that holds the database.
        faces: Where the faces of the picture come from, `None` for an example without them.
    """
    if isinstance(photo, LeftOut):
        yield photo
        return
    try:
        picture = read_picture(manual_dir / photo.path)
    except UnusableError as problem:
        yield LeftOut(problem.reason, f"{photo.path}: {problem}")
        return
    example = {"image": picture.encoded, "filename": photo.path, "label": photo.label}
    if faces is not None:
        try:
            found = faces.read(photo.path, picture.pixels)
        except EmoError as error:
            yield LeftOut(UNUSABLE_FACES, f"{photo.path}: {error}")
            return
        example |= {"faces": stored(found), "face_count": len(found)}
    yield photo.path, example
