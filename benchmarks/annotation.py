"""Labels made by hand: how long a save takes, and how soon a large folder is open.

python -m benchmarks.annotation --shared ../shared --json annotation.json
"""

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.common import CACHE, main, ratio_row, row, spread
from emo_tf.annotation.answer import Answer
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.annotation.picture_folder import PictureFolder

PICTURES = 10_000
WIDTH, HEIGHT = 320, 240
PEOPLE, ROUNDS = 300, 7
ANSWER = Answer(("Happiness",), (8, 4, 6), gender="Female", age="Adult")
CONTENT = json.dumps(ANSWER.to_dict())


def draw_pictures(folder: Path, number: int) -> PictureFolder:
    """Writes JPEGs of noise, all of them different."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = [folder / f"{index:05d}.jpg" for index in range(number)]
    for path in paths:
        small = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        small.resize((WIDTH, HEIGHT)).save(path)
    return PictureFolder(folder, paths)


def opening_row(folder: Path) -> dict:
    """Measures how long the answers file of many pictures takes to open, new and again."""
    pictures = draw_pictures(folder / "album", PICTURES)
    first, again = [], []
    for turn in range(3):
        for times in (first, again):
            start = time.perf_counter()
            AnswerStore.open(folder / f"{turn}.sqlite", pictures).close()
            times.append(time.perf_counter() - start)
    return row(
        f"answers file of {PICTURES:,} new pictures: seconds until it is open",
        spread(first)["median"],
        runs=spread(first),
        details={"again, s": spread(again)},
    )


def saving_row(folder: Path) -> dict:
    """Measures a save against a bare row written by SQLite with the same care for the disk."""
    pictures = draw_pictures(folder / "few", 1)
    bare = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    for setting in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
        bare.execute(setting)
    bare.execute("CREATE TABLE answer (content TEXT)")
    ours, theirs = [], []
    with AnswerStore.open(folder / "answers.sqlite", pictures) as store:
        name = store.add_annotator("A")
        boxes = [(number / 2, 10, 80, 120) for number in range(PEOPLE)]
        people = [person.id for person in store.add_detected(1, boxes)]
        for _ in range(ROUNDS):
            ours.append(_median_ms(lambda person: store.save(person, name, ANSWER), people))
            theirs.append(
                _median_ms(
                    lambda _: bare.execute("INSERT INTO answer VALUES (?)", (CONTENT,)), people
                )
            )
    bare.close()
    return ratio_row(
        "time until an answer is on the disk / a bare row of SQLite, flushed alike",
        ours,
        theirs,
        peer="bare row of SQLite",
        unit="ms",
    )


def _median_ms(save: Callable[[int], object], people: Sequence[int]) -> float:
    times = []
    for person in people:
        start = time.perf_counter()
        save(person)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


def measure(_: Path) -> list[dict]:
    """Measures the answers file on made-up pictures, on the disk that holds `.bench`."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        return [saving_row(Path(name)), opening_row(Path(name))]


if __name__ == "__main__":
    main(measure)
