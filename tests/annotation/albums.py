"""Folders of small pictures, and files of answers about them."""

import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from emo_tf.annotation.answer import Answer
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.picture_folder import PictureFolder

WIDTH, HEIGHT = 64, 48
BOX = (8, 4, 20, 40)
HAPPY = Answer(("Happiness", "Peace"), (8, 4, 6), gender="Female", age="Adult")
SAD = Answer(("Sadness",), (2, 3, 4), gender="", age="")


def make_album(
    folder: Path,
    names: Iterable[str] = ("a.png", "b.png", "c.png"),
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """Draws a picture for each name, all of them different."""
    for name in names:
        add_picture(folder / name, size=size)
    return folder


def add_picture(path: Path, *, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """Draws a picture in a colour of its name's first three letters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = tuple(os.fsencode(path.name)[:3])
    Image.new("RGB", size, colour).save(path)
    return path


def pictures_of(folder: Path) -> PictureFolder:
    """Returns the pictures in a folder and in its folders."""
    return PictureFolder(folder, sorted(path for path in folder.rglob("*") if path.is_file()))


def open_store(file: Path, folder: Path) -> AnswerStore:
    """Opens a file of answers about the pictures in a folder."""
    return AnswerStore.open(file, pictures_of(folder))
