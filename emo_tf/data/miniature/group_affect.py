"""The Group Affect Database's twin: drawn groups in drawn scenes, in the original's folders.

A picture's label follows from its faces and its scene by the rule of `groups`. Beside the pictures,
as the original has not, lies what a labeller says of their scenes, by the rule of `group_labels`.
"""

import pickle
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from emo_tf.data.miniature.group_labels import scene_labels_of
from emo_tf.data.miniature.groups import (
    GroupPicture,
    draw_picture,
    plan_picture,
    score_evidence,
)
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.writing import check_size, save_jpeg
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.scene_labels import SceneLabels

VERSION = 4
DEFAULT_SIZE = 200
SMALLEST_SIZE = 10
UNIT = "pictures"
SCENE_LABELS = "scene_labels.json"

SPLITS = ("train", "val", "eval", "test")

_PERCENT = {"val": 15, "eval": 10, "test": 15}  # of the pictures; the rest is train
_FOLDERS = {"train": "train", "val": "val", "eval": "val", "test": "test"}
_LISTS = {"val": "val_list", "eval": "test_list"}
_PICKLE_PROTOCOL = 2  # which Python 2 reads too


@dataclass(frozen=True)
class DrawnPhoto:
    """One picture of the twin.

    Attributes:
        split: One of `SPLITS`.
        folder: That it lies in: `train/Positive`, or `test`.
        filename: In that folder: `pos_1.jpg`, or `test_1.jpg`.
        picture: What it shows.
    """

    split: str
    folder: str
    filename: str
    picture: GroupPicture


def plan(*, seed: int, size: int = DEFAULT_SIZE) -> list[DrawnPhoto]:
    """Returns what the twin holds, before anything is drawn.

    Args:
        seed: Draws another twin.
        size: Pictures in all: 15 % in val, 10 % in eval, 15 % in test, the rest in train.

    Raises:
        EmoError: `size` is below `SMALLEST_SIZE`.
    """
    check_size(size, smallest=SMALLEST_SIZE, unit=UNIT)
    counts = {split: size * percent // 100 for split, percent in _PERCENT.items()}
    counts["train"] = size - sum(counts.values())
    splits = [split for split in SPLITS for _ in range(counts[split])]
    in_folder: Counter[str] = Counter()
    photos = []
    for number, split in enumerate(splits):
        picture = plan_picture(number, seed=seed)
        folder, prefix = "test", "test"
        if split != "test":
            folder, prefix = _class_folder(_FOLDERS[split], picture.label), picture.label[:3]
        in_folder[folder] += 1
        photos.append(DrawnPhoto(split, folder, f"{prefix}_{in_folder[folder]}.jpg", picture))
    return photos


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin: `train`, `val` and `test`, `val_list` and `test_list`, and scene labels.

    Scene labels are kept by path, as `train/Positive/pos_1.jpg`: `val` has files of the same names.

    Args:
        folder: An empty folder.
        seed: Draws another twin.
        size: Pictures in all.

    Raises:
        EmoError: `size` is too small.
    """
    photos = plan(seed=seed, size=size)
    for place in ("train", "val"):
        for label in GROUP_EMOTIONS:  # Each is there, also where nothing is drawn for it.
            (folder / _class_folder(place, label)).mkdir(parents=True)
    (folder / "test").mkdir()
    for photo in photos:
        canvas, _ = draw_picture(photo.picture)
        save_jpeg(canvas, folder / photo.folder / photo.filename)
    for split, name in _LISTS.items():
        names = [photo.filename for photo in photos if photo.split == split]
        (folder / name).write_bytes(pickle.dumps(names, protocol=_PICKLE_PROTOCOL))
    by_picture = {
        f"{photo.folder}/{photo.filename}": scene_labels_of(photo.picture) for photo in photos
    }
    SceneLabels(by_picture).write(folder / SCENE_LABELS)


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best guesses on the pictures of val and eval together.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    pictures = [
        photo.picture for photo in plan(seed=seed, size=size) if photo.split in ("val", "eval")
    ]
    return score_evidence(pictures, measured_on=f"val and eval, {len(pictures)} pictures")


def _class_folder(place: str, label: str) -> str:
    return f"{place}/{label.capitalize()}"
