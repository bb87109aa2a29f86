"""TFDS builder of EMOTIC."""

from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES

from . import source
from .examples import AGES, GENDERS, examples_of


class Builder(CorpusBuilder):
    """EMOTIC: people in scenes, labelled with 26 kinds of apparent emotion and with VAD."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    EMOTIC has to be asked for at https://s3.sunai.uoc.edu/emotic/ and fetched by hand.
    Put these into the folder:
      emotic/mscoco, emotic/framesdb, emotic/emodb_small, emotic/ade20k   the images, or
      emotic.zip                                                          an archive of them;
      Annotations/Annotations.mat                                         the labels, or
      Annotations.zip                                                     an archive of them.
    Images are asked for of the collections alone that the labels name.
    The README beside the builder says more.
    """
    PUBLISHED_COUNTS: ClassVar[dict[str, int]] = {"train": 23266, "val": 3315, "test": 7203}
    """People that the public PyTorch implementation keeps of each split."""

    _opened: source.Source | None = None

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        return self._files(manual_dir).required_paths()

    def check_manual_dir(self, manual_dir: Path) -> None:
        """Raises `EmoError`, listing every path looked for, where EMOTIC is not complete."""
        self._files(manual_dir).check()

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(None, None, 3)),
                    "folder": tfds.features.Text(),
                    "filename": tfds.features.Text(),
                    "box_xywh": tfds.features.Tensor(shape=(4,), dtype=np.int32),
                    "bbox": tfds.features.BBoxFeature(),
                    "categories": tfds.features.Sequence(
                        tfds.features.ClassLabel(names=EMOTIC_CATEGORIES)
                    ),
                    "vad": tfds.features.Tensor(shape=(3,), dtype=np.float32),
                    "gender": tfds.features.ClassLabel(names=GENDERS),
                    "age": tfds.features.ClassLabel(names=AGES),
                    # One column a category: a sequence of sequences could not be padded in batches.
                    "annotators": tfds.features.Sequence(
                        {
                            "categories": tfds.features.Tensor(
                                shape=(len(EMOTIC_CATEGORIES),), dtype=np.bool_
                            ),
                            "vad": tfds.features.Tensor(shape=(3,), dtype=np.float32),
                        }
                    ),
                    "row": np.int32,
                    "person": np.int32,
                }
            ),
            homepage="https://s3.sunai.uoc.edu/emotic/",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        manual_dir = Path(dl_manager.manual_dir)
        self.check_manual_dir(manual_dir)
        files = self._files(manual_dir)
        splits = {split: images for split, images in files.annotations().items() if images}
        if not splits:
            raise EmoError(f"{manual_dir}: expected annotations of images. Received: of none")
        read = partial(examples_of, files=files)
        return {
            split: self._generate_examples(images, read=read, split=split)
            for split, images in splits.items()
        }

    def _files(self, manual_dir: Path) -> source.Source:
        """Returns the raw files; all labels of EMOTIC take seconds to read, so once is enough."""
        if self._opened is None or self._opened.manual_dir != manual_dir:
            self._opened = source.Source(manual_dir)
        return self._opened
