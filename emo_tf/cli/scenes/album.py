"""Labelled pictures in folders of their classes, and what the faces in them say."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from emo_tf.cli.progress import progress_bar
from emo_tf.cli.sources import expand_sources
from emo_tf.errors import EmoError
from emo_tf.groups.truth import class_by_folder
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.metrics.classification import confusion_matrix
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.scene_labels import SceneLabels


@dataclass(frozen=True, eq=False)
class Album:
    """The N pictures of a folder whose class and scene labels are known.

    Attributes:
        pictures: Their paths.
        classes: Their class indices, shape (N,).
        labels: The labels of each.
        without_class: How many pictures lie in folders of no class; they are left out.
        without_entry: How many others were not labelled; they are left out.
        errors: Folders that cannot be read, and why.
    """

    pictures: tuple[str, ...]
    classes: np.ndarray
    labels: tuple[tuple[str, ...], ...]
    without_class: int
    without_entry: int
    errors: tuple[str, ...]

    @classmethod
    def find(cls, folder: Path, labels: SceneLabels) -> "Album":
        """Finds the pictures below a folder.

        Args:
            folder: Its folders are named after classes.
            labels: What the pictures show.

        Raises:
            EmoError: It is no folder, holds no picture in a folder named after a class, or none
                that has an entry among the labels; or one entry stands for two pictures.
        """
        if not folder.is_dir():
            raise EmoError(f"{folder}: expected a folder of pictures. Received: no folder")
        found = expand_sources([str(folder)])
        pictures = [source.name for source in found if source.error is None]
        errors = tuple(source.error for source in found if source.error is not None)
        if not pictures:
            raise EmoError(errors[0])
        classes = {picture: class_by_folder(Path(picture), folder) for picture in pictures}
        of_a_class = [picture for picture in pictures if classes[picture] is not None]
        if not of_a_class:
            raise EmoError(
                f"{folder}: expected pictures in folders named {', '.join(GROUP_EMOTIONS)}. "
                f"Received: {len(pictures):,} in others, such as {pictures[0]}"
            )
        labels.check_told_apart(of_a_class)
        labelled = [picture for picture in of_a_class if labels.of(picture) is not None]
        if not labelled:
            raise EmoError(
                f"{labels.source}: expected an entry for one of the pictures in {folder} at "
                f"least, such as {of_a_class[0]}. Received: none of {len(of_a_class):,}"
            )
        return cls(
            pictures=tuple(labelled),
            classes=np.array([classes[picture] for picture in labelled]),
            labels=tuple(labels.of(picture) for picture in labelled),
            without_class=len(pictures) - len(of_a_class),
            without_entry=len(of_a_class) - len(labelled),
            errors=errors,
        )


@dataclass(frozen=True, eq=False)
class FaceTable:
    """What the faces in an album say.

    Attributes:
        confusion: Counts of shape (3, 3), rows the actual classes, columns the faces' verdicts.
        errors: Pictures that cannot be read, and why.
    """

    confusion: np.ndarray
    errors: tuple[str, ...]


def look_at_faces(album: Album, console: Console) -> FaceTable:
    """Looks at the faces in each picture with the shipped model, and shows a bar meanwhile.

    Args:
        album: The pictures.
        console: Where the bar is shown.

    Raises:
        EmoError: There is no face in any picture of a class.
    """
    actual, verdicts, errors = [], [], []
    with progress_bar(console, len(album.pictures)) as advance:
        results = Analyzer().analyze_many(album.pictures)
        for result, its_class in zip(results, album.classes, strict=True):
            faces = result.group.verdicts["faces"] if result.group else None
            if result.error is not None:
                errors.append(result.error)
            elif faces:
                actual.append(its_class)
                verdicts.append(GROUP_EMOTIONS.index(max(faces, key=faces.__getitem__)))
            advance()
    seen = Counter(actual)
    missing = [name for index, name in enumerate(GROUP_EMOTIONS) if not seen[index]]
    if missing:
        unreadable = f"; {len(errors):,} cannot be read: {errors[0]}" if errors else ""
        raise EmoError(
            "--images: expected a face in one picture of each class at least, or --confusion. "
            f"Received: none in those of {', '.join(missing)}{unreadable}"
        )
    classes = len(GROUP_EMOTIONS)
    return FaceTable(confusion_matrix(actual, verdicts, classes=classes), tuple(errors))
