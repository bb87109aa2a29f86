"""FER2013 as training wants it: no test picture in Training, a held-out tenth, a fixed order."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from emo_tf.data import builders
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.errors import EmoError

LICENCE = "Apache-2.0; trained on FER2013, whose images are for research use"
"""Of weights that were trained on it."""

_HELD_OUT_ONE_IN = 10


@dataclass(frozen=True, eq=False)
class Fer2013:
    """The parts of FER2013.

    Attributes:
        training: What is left of Training to train on.
        held_out: About a tenth of Training, for choosing checkpoints and temperatures. The pixels
            decide: pictures with the same pixels all lie on one side.
        public_test: PublicTest, whole; for reporting alone.
        private_test: PrivateTest, whole, or `None` where the source has none.
        left_out: How many pictures of Training are in neither part, as their pixels occur in
            PublicTest or PrivateTest.
        public_test_duplicates: Which pictures of PublicTest occur in Training, bool of shape (N,).
    """

    training: LabelledFaces
    held_out: LabelledFaces
    public_test: LabelledFaces
    private_test: LabelledFaces | None
    left_out: int
    public_test_duplicates: np.ndarray


def load_fer2013(*, manual_dir: Path, data_dir: Path) -> Fer2013:
    """Reads FER2013, building its TFDS data set first where it is not there.

    Every part is sorted by a hash of the pixels, so its order does not depend on the form that
    the data came in (folders, archive or CSV file).

    Args:
        manual_dir: The folder with the raw files, as the README of `datasets/fer2013` says.
        data_dir: Where prepared TFDS data sets lie.

    Returns:
        Images (N, 48, 48, 1), labels in the order of `emo_tf.labels.EXPRESSIONS`.

    Raises:
        EmoError: The raw files are missing or cannot be used, or have no Training or PublicTest.
    """
    dataset = builders.prepare("fer2013", manual_dir=manual_dir, data_dir=data_dir)
    absent = {"train", "public_test"} - set(dataset.info.splits)
    if absent:
        raise EmoError(
            f"{dataset.data_path}: expected the splits train and public_test. "
            f"Received: no {', no '.join(sorted(absent))}"
        )
    training, training_hashes = _read_split(dataset, "train")
    public_test, public_hashes = _read_split(dataset, "public_test")
    private_test, private_hashes = None, np.array([], dtype=public_hashes.dtype)
    if "private_test" in dataset.info.splits:
        private_test, private_hashes = _read_split(dataset, "private_test")

    in_test = np.isin(training_hashes, np.concatenate([public_hashes, private_hashes]))
    held_out = np.array([_is_held_out(sha1) for sha1 in training_hashes])
    return Fer2013(
        training=training.where(~in_test & ~held_out),
        held_out=training.where(~in_test & held_out),
        public_test=public_test,
        private_test=private_test,
        left_out=int(in_test.sum()),
        public_test_duplicates=np.isin(public_hashes, training_hashes),
    )


def _is_held_out(pixel_sha1: bytes) -> bool:
    # 32 bits of the hash: as good as a draw, and the same on every machine.
    return int(pixel_sha1[:8], 16) % _HELD_OUT_ONE_IN == 0


def _read_split(dataset: tfds.core.DatasetBuilder, split: str) -> tuple[LabelledFaces, np.ndarray]:
    """Returns the faces of a split sorted by pixel hash, and the hashes."""
    # One batch of everything: faces one by one take several times as long.
    batch = builders.read(dataset, split=split, batch_size=-1)
    hashes = np.array(batch["pixel_sha1"].numpy(), dtype="S40")
    labels = batch["label"].numpy().astype(np.int32)
    ids = np.array([name.decode() for name in batch["id"].numpy()])
    # Some pictures occur twice, a few of them with different labels: hence the further keys.
    order = np.lexsort((ids, labels, hashes))
    faces = LabelledFaces(
        images=batch["image"].numpy()[order], labels=labels[order], ids=tuple(ids[order].tolist())
    )
    return faces, hashes[order]
