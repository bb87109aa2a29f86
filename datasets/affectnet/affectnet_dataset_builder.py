"""TFDS builder of AffectNet."""

from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder
from emo_tf.labels import AFFECTNET_EXPRESSIONS, EXPRESSIONS

from .annotations import LANDMARKS, read_rows
from .examples import examples_of

_LISTS = "Manually_Annotated_file_lists"
_IMAGES = "Manually_Annotated_Images"


class Builder(CorpusBuilder):
    """AffectNet: faces from the web with eight apparent expressions, valence and arousal."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    AffectNet has to be asked for at http://mohammadmahoor.com/affectnet/ and fetched by hand.
    Put these of its manually annotated part into the folder:
      training.csv, validation.csv   the labels, or
      Manually_Annotated_file_lists  a folder with both;
      Manually_Annotated_Images      the pictures in their numbered folders, as they lie or in
                                     one more folder Manually_Annotated.
    The README beside the builder says more.
    """
    PUBLISHED_COUNTS: ClassVar[dict[str, int]] = {"train": 287_651, "validation": 4_000}
    """Pictures of the eight expressions; see the README on `validation`."""

    PUBLISHED_CLASSES: ClassVar[dict[str, dict[str, int]]] = {
        "train": {
            "neutral": 74_874,
            "happy": 134_415,
            "sad": 25_459,
            "surprise": 14_090,
            "fear": 6_378,
            "disgust": 3_803,
            "angry": 24_882,
            "contempt": 3_750,
        },
        "validation": dict.fromkeys(AFFECTNET_EXPRESSIONS, 500),
    }

    CLASS_FEATURE = "expression"

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        tables = (
            (manual_dir / name, manual_dir / _LISTS / name)
            for name in ("training.csv", "validation.csv")
        )
        return (*tables, (manual_dir / _IMAGES, manual_dir / "Manually_Annotated" / _IMAGES))

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(None, None, 3)),
                    "filename": tfds.features.Text(),
                    "box_xywh": tfds.features.Tensor(shape=(4,), dtype=np.int32),
                    "bbox": tfds.features.BBoxFeature(),
                    "landmarks": tfds.features.Tensor(shape=(LANDMARKS, 2), dtype=np.float32),
                    "expression": tfds.features.ClassLabel(names=AFFECTNET_EXPRESSIONS),
                    "expression7": tfds.features.ClassLabel(names=EXPRESSIONS),
                    "valence": np.float32,
                    "arousal": np.float32,
                }
            ),
            homepage="http://mohammadmahoor.com/affectnet/",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        manual_dir = Path(dl_manager.manual_dir)
        self.check_manual_dir(manual_dir)
        training, validation, images = (
            next(path for path in alternatives if path.exists())
            for alternatives in self.required_paths(manual_dir)
        )
        return {
            split: self._generate_examples(
                read_rows(table),
                read=partial(examples_of, images=images, table=table.name),
                split=split,
            )
            for split, table in (("train", training), ("validation", validation))
        }
