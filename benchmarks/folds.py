"""What the second stage of training gives on photographs it has not seen: five folds, two ways.

By photograph, as people usually report it; and by person, so that no face of the fold that is
measured was in training, which says more about other people's photographs.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from benchmarks.common import REPOSITORY
from benchmarks.photographs import ARCHIVE, NO_FACE, photograph_row
from emo_tf import configs
from emo_tf.data.photographs import FER2013_CROP, Photographs
from emo_tf.training.expression import train_expression
from emo_tf.training.expression_task import predict_logits

EXPERIMENT = "expression_photographs"
BAR = 0.58
FOLDS = 5


def person_of(name: str) -> str:
    """Returns who is in `<class>/<person>_<number>.jpg`."""
    return re.sub(r"_\d+\.\w+$", "", name.split("/")[-1])


def splits(photographs: Photographs, *, by: str) -> np.ndarray:
    """Returns the fold of each photograph, shape (N,): `by` photograph or person."""
    kinds = {"photograph": StratifiedKFold, "person": StratifiedGroupKFold}
    splitter = kinds[by](FOLDS, shuffle=True, random_state=0)
    people = [person_of(name) for name in photographs.ids] if by == "person" else None
    fold = np.empty(len(photographs), int)
    parts = splitter.split(photographs.labels, photographs.labels, people)
    for number, (_, members) in enumerate(parts):
        fold[members] = number
    return fold


def out_of_fold(
    photographs: Photographs, fold: np.ndarray, *, folder: Path, first_stage: Path, shared: Path
) -> np.ndarray:
    """Returns predictions of each fold by a model that was trained on the others.

    Args:
        photographs: N photographs.
        fold: The fold of each, shape (N,).
        folder: Where the runs go; one that has ended is not trained again.
        first_stage: Run that the second stage starts from.
        shared: Folder with `data/fer2013.zip`.
    """
    crops = photographs.crops(FER2013_CROP)
    fold_of_crop = fold[photographs.has_face]
    answers = np.empty(len(crops), int)
    for number in range(FOLDS):
        run, held = folder / f"fold_{number}", fold_of_crop == number
        if not (run / "metrics.json").exists():
            train_expression(
                configs.load(EXPERIMENT),
                run,
                manual_dir=shared / "data",
                data_dir=REPOSITORY / "data",
                photographs=crops.where(~held),
                initial_run=first_stage,
            )
        model = keras.models.load_model(run / "model.keras")
        answers[held] = predict_logits(model, crops.images[held]).argmax(axis=1)
        print(f"{folder.name}, fold {number + 1} of {FOLDS} done", flush=True)
    predictions = np.full(len(photographs), NO_FACE)
    predictions[photographs.has_face] = answers
    return predictions


def measure(first_stage: Path, *, runs: Path, shared: Path) -> Iterator[dict]:
    """Yields the out-of-fold figures of the second stage, and the first stage's own.

    Args:
        first_stage: Run of `expression_fer2013` that has ended.
        runs: Folder for the folds' runs.
        shared: Folder with `data/fer2013.zip` and `data/expression_photos.zip`.
    """
    photographs = Photographs.read(shared / ARCHIVE)
    what = "photograph to expression, mean of the seven recalls"
    crops = photographs.crops(FER2013_CROP)
    model = keras.models.load_model(first_stage / "model.keras")
    predictions = np.full(len(photographs), NO_FACE)
    predictions[photographs.has_face] = predict_logits(model, crops.images).argmax(axis=1)
    yield photograph_row(f"{what}, first stage alone", photographs.labels, predictions)
    for by, bar in (("photograph", BAR), ("person", None)):
        predictions = out_of_fold(
            photographs,
            splits(photographs, by=by),
            folder=runs / f"folds_by_{by}",
            first_stage=first_stage,
            shared=shared,
        )
        yield photograph_row(
            f"{what}, out of fold by {by}", photographs.labels, predictions, bar=bar
        )
