"""Data sets: drawing, building and reading twins, and whether drawn faces are found.

python -m benchmarks.data --shared ../shared --json data.json
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.common import main, ratio_row, row, spread
from benchmarks.drawn_faces import find_drawn_faces
from benchmarks.group_faces import measure_group_faces
from emo_tf.data import builders, miniature
from emo_tf.data.emotic import BODY_SIZE, SCENE_SIZE
from emo_tf.data.miniature import emotic, groups, videos
from emo_tf.data.people import People
from emo_tf.runtime.face_detector import FaceDetector

PEOPLE = 1000
ROUNDS = 7
BATCH = 32
SPLITS = "train+val+test"
READ_BAR = 2.0
DRAWN, DRAW_BAR_S = 200, 10
FOUND_BAR = 0.95
SMALLEST_FACE = 40


def measure(shared: Path) -> list[dict]:
    """Measures on drawn data alone.

    Args:
        shared: Not looked at: all is drawn.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    del shared
    return [
        *measure_drawing(),
        *measure_reading(),
        *measure_detection(),
        *measure_group_faces(),
    ]


def measure_drawing() -> list[dict]:
    """Times the twin of 200 people, files and all."""
    seconds = []
    for seed in range(3):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            miniature.write("emotic", Path(folder) / "raw", seed=seed, size=DRAWN)
            seconds.append(time.perf_counter() - start)
    slowest = max(seconds)
    return [
        row(
            f"EMOTIC's twin of {DRAWN} people drawn and written, s",
            round(statistics.median(seconds), 2),
            bar=f"< {DRAW_BAR_S}",
            met=slowest < DRAW_BAR_S,
            runs=spread(seconds, digits=2),
        )
    ]


def measure_reading() -> list[dict]:
    """Times building, and reading against a Python loop with Pillow, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        raw = miniature.write("emotic", Path(folder) / "raw", size=PEOPLE)
        seconds = []
        for turn in range(3):
            start = time.perf_counter()
            dataset = builders.prepare(
                "emotic", manual_dir=raw, data_dir=Path(folder) / f"data{turn}"
            )
            seconds.append(time.perf_counter() - start)
        rates = {"ours": [], "Pillow": []}
        files = list(_files_and_boxes(raw))
        for turn in range(ROUNDS + 1):
            sizes = {"scene": SCENE_SIZE, "body": BODY_SIZE}
            people = People(dataset, SPLITS, inputs=sizes, batch_size=BATCH).evaluation()
            for name, work in (
                ("ours", lambda people=people: _count(people)),
                ("Pillow", lambda: sum(1 for _ in _pillow_loop(files))),
            ):
                rate = _people_per_second(work)
                if turn:  # the first fills caches and traces
                    rates[name].append(rate)
    return [
        row(
            f"EMOTIC's twin of {PEOPLE} people built, people a second",
            round(PEOPLE / statistics.median(seconds)),
            runs=spread([PEOPLE / value for value in seconds], digits=0),
        ),
        ratio_row(
            "People read (decoded, cut out, both pictures resized) / one Python loop with Pillow",
            rates["ours"],
            rates["Pillow"],
            peer="loop with Pillow",
            unit="people a second",
            at_least=READ_BAR,
        ),
    ]


def _count(people: Iterable[dict]) -> int:
    """Returns how many people there are, without those that fill the last batch."""
    return int(sum(batch["weight"].numpy().sum() for batch in people))


def _files_and_boxes(raw: Path) -> Iterator[tuple[Path, tuple[int, int, int, int]]]:
    annotations = builders.module("emotic", "source").Source(raw).annotations()
    for images in annotations.values():
        for image in images:
            for person in image.people:
                path = raw / "emotic" / image.folder / image.filename
                yield path, person.clamped_box(image.size)


def _pillow_loop(files: Iterable[tuple[Path, tuple]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for path, box in files:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        scene = picture.resize(SCENE_SIZE[::-1], Image.Resampling.BILINEAR)
        body = picture.crop(box).resize(BODY_SIZE[::-1], Image.Resampling.BILINEAR)
        yield np.asarray(scene), np.asarray(body)


def _people_per_second(work: Callable[[], int]) -> float:
    start = time.perf_counter()
    count = work()
    if count != PEOPLE:
        raise RuntimeError(f"expected {PEOPLE} people. Received: {count}")
    return PEOPLE / (time.perf_counter() - start)


def measure_detection() -> list[dict]:
    """Counts how many of the drawn faces, none of them smaller, the shipped detector finds."""
    people = (emotic.draw_picture(picture) for picture in emotic.plan(seed=1, size=300))
    drawn = {
        "people": ((picture, faces) for picture, _, faces in people),
        "groups": (groups.draw_picture(groups.plan_picture(n, seed=1)) for n in range(60)),
        "videos": (
            (frame, [face])
            for number in range(60)
            for frame, face in videos.draw_clip(videos.plan_clip(number, seed=1))
        ),
    }
    detector = FaceDetector(min_face=SMALLEST_FACE)
    rows = []
    for name, pictures in drawn.items():
        found, strays = find_drawn_faces(detector, pictures)
        share = float(found.mean())
        rows.append(
            row(
                f"Drawn faces of {SMALLEST_FACE} pixels and more that the detector finds: {name}",
                f"{share:.1%}",
                bar=f"≥ {FOUND_BAR:.0%}",
                met=share >= FOUND_BAR,
                details={"faces": len(found), "false ones": strays},
            )
        )
    return rows


if __name__ == "__main__":
    main(measure)
