"""RAF-DB's twin: drawn portraits with basic, compound and blended expressions, one folder a set.

The rule: of four faces two belong to the basic set, one to the compound set and one to the multi
set. A basic face is drawn with one of the seven expressions, a compound one half-way between the
two of its pair, each class being as likely as any other. A face of the multi set is a blend of two
or three of the seven, weighted by shares drawn by lot; these are its distribution. The original
lists six of the seven: what they leave is neutral. Every fifth face of a set belongs to its test
split.

Boxes are those of the drawn faces. Landmarks are the five points of a face seen from the front,
laid into the box: see `portraits`. Gender, race and age are always 2, 2 and 2. Both forms of each
file of annotations occur by turns.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.data.miniature.faces import EXPRESSION_SHAPES, FaceShape
from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.portraits import (
    FIVE_POINTS,
    Portrait,
    draw_portrait,
    points_in,
)
from emo_tf.data.miniature.writing import check_size, save_jpeg
from emo_tf.labels import EXPRESSIONS, RAF_DB_COMPOUND_EXPRESSIONS, RAF_DB_EXPRESSIONS

VERSION = 1
DEFAULT_SIZE = 400
SMALLEST_SIZE = 20
UNIT = "faces"

LISTS = {
    "basic": "EmoLabel/list_patition_label.txt",
    "compound": "EmoLabel/list_patition_label.txt",
    "multi": "EmoLabel/distribution.txt",
}
"""The list of labels of each set."""

_SET_OF_TURN = ("basic", "compound", "basic", "multi")
_TEST_EVERY = 5
_MOST_BLENDED = 3
_EVENNESS = 4.0  # of the shares of a blend: the higher, the more alike
_LISTED_SHARES = RAF_DB_EXPRESSIONS[:6]
_DIGITS = {"train": 5, "test": 4}
_ATTRIBUTES = "2\n2\n2\n"


@dataclass(frozen=True)
class DrawnFace:
    """One picture of the twin.

    Attributes:
        kind: The set, a key of `LISTS`.
        split: `train` or `test`.
        stem: Of the names of its files.
        label: What the list says behind the name.
        distribution: Share of each of `EXPRESSIONS` in what is drawn.
        portrait: What is drawn.
    """

    kind: str
    split: str
    stem: str
    label: str
    distribution: tuple[float, ...]
    portrait: Portrait


def plan(*, seed: int, size: int = DEFAULT_SIZE) -> list[DrawnFace]:
    """Returns what the twin holds, before anything is drawn.

    Args:
        seed: Draws another twin.
        size: Faces in all three sets.

    Raises:
        EmoError: `size` is below `SMALLEST_SIZE`.
    """
    check_size(size, smallest=SMALLEST_SIZE, unit=UNIT)
    faces, in_sets, in_splits = [], Counter(), Counter()
    for number in range(size):
        kind = _SET_OF_TURN[number % len(_SET_OF_TURN)]
        in_sets[kind] += 1
        split = "test" if in_sets[kind] % _TEST_EVERY == 0 else "train"
        in_splits[kind, split] += 1
        stem = f"{split}_{in_splits[kind, split]:0{_DIGITS[split]}d}"
        faces.append(_plan_face(number, kind, split, stem, seed=seed))
    return faces


def _plan_face(number: int, kind: str, split: str, stem: str, *, seed: int) -> DrawnFace:
    rng = np.random.default_rng([seed, number])
    label, shares = _LABELS[kind](rng)
    shape = blend(shares)
    return DrawnFace(
        kind=kind,
        split=split,
        stem=stem,
        label=label,
        distribution=tuple(shares.get(name, 0.0) for name in EXPRESSIONS),
        portrait=Portrait.draw(
            # The shares of a blend can be told from its shape alone if that is just so.
            shape if kind == "multi" else shape.varied(rng),
            rng=rng,
            seed=(seed, number, 1),
        ),
    )


def blend(shares: dict[str, float]) -> FaceShape:
    """Returns the mean of the expressions' shapes, weighted by shares above 0."""
    (first, total), *others = shares.items()
    shape = EXPRESSION_SHAPES[first]
    for name, share in others:
        total += share
        shape = shape.towards(EXPRESSION_SHAPES[name], share / total)
    return shape


def _label_basic(rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    place = int(rng.integers(len(RAF_DB_EXPRESSIONS)))
    return str(place + 1), {RAF_DB_EXPRESSIONS[place]: 1.0}


def _label_compound(rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    place = int(rng.integers(len(RAF_DB_COMPOUND_EXPRESSIONS)))
    return str(place + 1), dict.fromkeys(RAF_DB_COMPOUND_EXPRESSIONS[place], 0.5)


def _label_multi(rng: np.random.Generator) -> tuple[str, dict[str, float]]:
    count = int(rng.integers(2, _MOST_BLENDED, endpoint=True))
    chosen = rng.choice(EXPRESSIONS, size=count, replace=False)
    # Whole hundredths, one or more each; the first takes what is left.
    hundredths = np.maximum(1, np.floor(100 * rng.dirichlet([_EVENNESS] * count))).astype(int)
    hundredths[0] = 100 - hundredths[1:].sum()
    shares = {str(name): int(part) / 100 for name, part in zip(chosen, hundredths, strict=True)}
    return " ".join(f"{shares.get(name, 0):g}" for name in _LISTED_SHARES), shares


_LABELS = {"basic": _label_basic, "compound": _label_compound, "multi": _label_multi}


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin: `basic/`, `compound/` and `multi/` with pictures, labels and annotations.

    Args:
        folder: An empty folder.
        seed: Draws another twin.
        size: Faces in all three sets.

    Raises:
        EmoError: `size` is too small.
    """
    lines = {kind: [] for kind in LISTS}
    for number, face in enumerate(plan(seed=seed, size=size)):
        lines[face.kind].append(f"{face.stem}.jpg {face.label}\n")
        canvas, box = draw_portrait(face.portrait)
        home = folder / face.kind
        save_jpeg(canvas, home / "Image" / "original" / f"{face.stem}.jpg")
        # Turns of four would give each set but one of the two forms.
        _write_annotations(face, box, home / "Annotation", with_tabs=number // 4 % 2 == 0)
    for kind, name in LISTS.items():
        _write_text(folder / kind / name, "".join(lines[kind]))


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best predictions on the test splits.

    A face shows its class or its distribution. Whoever sees nothing can but guess one class of
    many, or all expressions alike: as each is as likely as any other, no distribution is better.
    The error of a distribution is the mean over the seven expressions of the absolute difference.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    faces = [face for face in plan(seed=seed, size=size) if face.split == "test"]
    blends = np.array([face.distribution for face in faces if face.kind == "multi"])
    error = float(np.abs(blends - 1 / len(EXPRESSIONS)).mean())
    counts = Counter(face.kind for face in faces)
    return Oracle(
        measured_on=f"test, {', '.join(f'{counts[kind]} {kind}' for kind in LISTS)} faces",
        metrics=("basic accuracy", "compound accuracy", "multi L1"),
        scores={
            "none": (1 / len(RAF_DB_EXPRESSIONS), 1 / len(RAF_DB_COMPOUND_EXPRESSIONS), error),
            "face": (1.0, 1.0, 0.0),
        },
    )


def _write_annotations(face: DrawnFace, box: np.ndarray, folder: Path, *, with_tabs: bool) -> None:
    between = "\t" if with_tabs else " "
    points = "".join(f"{_cells(point, between)}\n" for point in points_in(box, FIVE_POINTS))
    if face.kind == "multi":
        attributes = "" if with_tabs else _ATTRIBUTES
        _write_text(folder / "manual" / f"{face.stem}_manu_ldmk.txt", points + attributes)
        return
    corners = np.concatenate([box[:2], box[:2] + box[2:]])
    path = folder / "boundingbox" / f"{face.stem}_boundingbox.txt"
    _write_text(path, f"{_cells(corners, between)}\n")
    _write_text(folder / "manual" / f"{face.stem}_manu_attri.txt", points + _ATTRIBUTES)


def _cells(values: Sequence[float], between: str) -> str:
    return between.join(f"{value:.3f}" for value in values)


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
