"""TFDS builder of RAF-DB."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder
from emo_tf.labels import EXPRESSIONS

from .examples import examples_of
from .label_lists import COMPOUND_NAMES, SPLITS, list_path, read_faces

_CLASSES = {"basic": EXPRESSIONS, "compound": COMPOUND_NAMES}
_PUBLISHED_COUNTS = {
    "basic": {"train": 12_271, "test": 3_068},
    "compound": {"train": 3_162, "test": 792},
    "multi": {"train+test": 4_908},
}
_PUBLISHED_CLASSES = {
    "basic": {
        "train": {
            "surprise": 1_290,
            "fear": 281,
            "disgust": 717,
            "happy": 4_772,
            "sad": 1_982,
            "angry": 705,
            "neutral": 2_524,
        },
        "test": {
            "surprise": 329,
            "fear": 74,
            "disgust": 160,
            "happy": 1_185,
            "sad": 478,
            "angry": 162,
            "neutral": 680,
        },
    }
}


class Builder(CorpusBuilder):
    """RAF-DB: faces from the web with basic, compound or blended apparent expressions."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    RAF-DB has to be asked for at http://whdeng.cn/RAF/model1.html and fetched by hand.
    Put the folder of each set that you want to build into the folder, its archives unpacked:
      basic/EmoLabel/list_patition_label.txt, basic/Image/original/*.jpg,
      basic/Annotation/boundingbox/*_boundingbox.txt, basic/Annotation/manual (may be missing);
      compound/ with the same;
      multi/EmoLabel/distribution.txt, multi/Image/original/*.jpg,
      multi/Annotation/manual/*_manu_ldmk.txt.
    The README beside the builder says more.
    """
    BUILDER_CONFIGS: ClassVar[list[tfds.core.BuilderConfig]] = [
        tfds.core.BuilderConfig(name="basic", description="One of seven expressions a face."),
        tfds.core.BuilderConfig(name="compound", description="One of eleven pairs a face."),
        tfds.core.BuilderConfig(name="multi", description="Shares of expressions (RAF-ML)."),
    ]

    CLASS_FEATURE = "label"

    @property
    def published_counts(self) -> Mapping[str, int]:
        """Published examples by split; of `multi` only the sum is known."""
        return _PUBLISHED_COUNTS[self._kind]

    @property
    def published_classes(self) -> Mapping[str, Mapping[str, int]]:
        """Published examples by split and class; of `compound` they are not known."""
        return _PUBLISHED_CLASSES.get(self._kind, {})

    @property
    def counted_features(self) -> Mapping[str, str]:
        """The classes, where this configuration has any."""
        return super().counted_features if self._kind in _CLASSES else {}

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what this configuration needs: one entry a requirement."""
        folder = manual_dir / self._kind
        annotations = "manual" if self._kind == "multi" else "boundingbox"
        return (
            (list_path(folder, self._kind),),
            (folder / "Image" / "original",),
            (folder / "Annotation" / annotations,),
        )

    @property
    def _kind(self) -> str:
        return self.builder_config.name

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "image": tfds.features.Image(shape=(None, None, 3)),
            "filename": tfds.features.Text(),
            "box_xywh": tfds.features.Tensor(shape=(4,), dtype=np.float32),
            "bbox": tfds.features.BBoxFeature(),
            "landmarks": tfds.features.Sequence(tfds.features.Tensor(shape=(2,), dtype=np.float32)),
            "distribution": tfds.features.Tensor(shape=(len(EXPRESSIONS),), dtype=np.float32),
        }
        if self._kind in _CLASSES:
            features["label"] = tfds.features.ClassLabel(names=_CLASSES[self._kind])
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features),
            homepage="http://whdeng.cn/RAF/model1.html",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        manual_dir = Path(dl_manager.manual_dir)
        self.check_manual_dir(manual_dir)
        folder = manual_dir / self._kind
        faces = read_faces(list_path(folder, self._kind), kind=self._kind)
        read = partial(examples_of, folder=folder, kind=self._kind)
        return {
            split: self._generate_examples(
                [face for face in faces if face.split == split], read=read, split=split
            )
            for split in SPLITS
        }
