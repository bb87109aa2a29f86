"""TFDS builder of FER2013."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder, KeyAndExample
from emo_tf.labels import EXPRESSIONS

from . import annotations, source

_SPLIT_OF_USAGE = {
    "Training": "train",
    "PublicTest": "public_test",
    "PrivateTest": "private_test",
}


class Builder(CorpusBuilder):
    """FER2013: 48x48 grey faces labelled with seven apparent expressions."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    FER2013 has to be fetched by hand: its terms allow research use.
    Put one of these into the folder:
      fer2013.csv                              the original table, or
      train/<class>/Training_<number>.png with test/<class>/PublicTest_<number>.png, or
      fer2013.zip or fer2013.tar.gz            an archive of either.
    The README beside the builder says where each comes from.
    """

    PUBLISHED_COUNTS: ClassVar[dict[str, int]] = {
        "train": 28709,
        "public_test": 3589,
        "private_test": 3589,
    }
    """Faces of each part; copies as folders often lack PrivateTest."""

    CLASS_FEATURE = "label"

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        return (source.candidates(manual_dir),)

    def check_manual_dir(self, manual_dir: Path) -> None:
        """Raises `EmoError`, listing every path looked for, where FER2013 is not there."""
        source.find(manual_dir)

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(annotations.SIDE, annotations.SIDE, 1), encoding_format="png"
                    ),
                    "label": tfds.features.ClassLabel(names=EXPRESSIONS),
                    "id": tfds.features.Text(),
                    "pixel_sha1": tfds.features.Text(),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://arxiv.org/abs/1307.0414",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        faces = source.read_faces(Path(dl_manager.manual_dir))
        return {
            split: self._generate_examples(
                [face for face in faces if face.usage == usage], read=_examples_of, split=split
            )
            for usage, split in _SPLIT_OF_USAGE.items()
            if any(face.usage == usage for face in faces)
        }


def _examples_of(face: annotations.Face) -> Iterator[KeyAndExample]:
    yield (
        face.id,
        {
            "image": face.pixels[..., np.newaxis],  # (48, 48, 1)
            "label": face.label,
            "id": face.id,
            "pixel_sha1": face.pixel_sha1,
        },
    )
