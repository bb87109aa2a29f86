"""TFDS builder of EMOTIC."""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from . import annotations, source
from .examples import AGES, GENDERS, example_of, examples_by_beam, read_left_out
from .people import KeptPerson, people_of

if TYPE_CHECKING:
    import apache_beam as beam

_ReasonAndText = tuple[str, str]
_KeyAndExample = tuple[str, dict[str, object]]

_logger = logging.getLogger(__name__)


class Builder(tfds.core.GeneratorBasedBuilder):
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
    The README beside the builder says more.
    """
    PUBLISHED_COUNTS: ClassVar[dict[str, int]] = {"train": 23266, "val": 3315, "test": 7203}
    """People that the public PyTorch implementation keeps of each split."""

    @classmethod
    def required_paths(cls, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        return source.required_paths(manual_dir)

    @classmethod
    def check_manual_dir(cls, manual_dir: Path) -> None:
        """Raises `SourceError`, listing every path looked for, where EMOTIC is not complete."""
        source.check(manual_dir)

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
                        tfds.features.ClassLabel(names=annotations.CATEGORIES)
                    ),
                    "vad": tfds.features.Tensor(shape=(3,), dtype=np.float32),
                    "gender": tfds.features.ClassLabel(names=GENDERS),
                    "age": tfds.features.ClassLabel(names=AGES),
                    # One column a category: a sequence of sequences could not be padded in batches.
                    "annotators": tfds.features.Sequence(
                        {
                            "categories": tfds.features.Tensor(
                                shape=(len(annotations.CATEGORIES),), dtype=np.bool_
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

    def _download_and_prepare(
        self,
        dl_manager: tfds.download.DownloadManager,
        download_config: tfds.download.DownloadConfig,
    ) -> None:
        # Not beam_runner, which TFDS's own tools may set. And TFDS does not heed
        # max_examples_per_split with Beam; it is for a first look, which needs none.
        self._with_beam = (
            download_config.beam_options is not None
            and download_config.max_examples_per_split is None
        )
        self._left_out: dict[str, list[_ReasonAndText]] = {}
        super()._download_and_prepare(dl_manager, download_config)
        counts = {
            split: dict(Counter(reason for reason, _ in people))
            for split, people in self._left_out.items()
        }
        for split, reasons in counts.items():
            if reasons:
                _logger.warning("emotic, %s: people left out: %s", split, _shown(reasons))
        self.info.metadata["left_out"] = counts
        self.info.metadata["left_out_people"] = {
            split: [text for _, text in people] for split, people in self._left_out.items()
        }

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        files = source.Source(Path(dl_manager.manual_dir))
        files.check()
        return {
            split: self._generate_examples(images, split=split, files=files)
            for split, images in files.annotations().items()
        }

    def _generate_examples(
        self, images: list[annotations.AnnotatedImage], *, split: str, files: source.Source
    ) -> "Iterator[_KeyAndExample] | beam.PTransform":
        if self._with_beam:
            return examples_by_beam(images, files=files, left_out=self._left_out_path(split))
        return self._examples(images, split=split, files=files)

    def _examples(
        self, images: list[annotations.AnnotatedImage], *, split: str, files: source.Source
    ) -> Iterator[_KeyAndExample]:
        left_out = self._left_out[split] = []
        kept = 0
        for person in people_of(images, files):
            if isinstance(person, KeptPerson):
                kept += 1
                yield example_of(person)
            else:
                left_out.append((person.reason, str(person)))
        if not kept:  # TFDS would fail on an empty split without a word on why.
            reasons = _shown(Counter(reason for reason, _ in left_out))
            raise annotations.SourceError(
                f"{split}: expected people who can be used. Received: {reasons or 'nobody'}"
            )

    def _process_pipeline_result(self, pipeline_result: object) -> None:
        for split in annotations.SPLITS:
            path = self._left_out_path(split)
            self._left_out[split] = read_left_out(path)
            path.unlink()

    def _left_out_path(self, split: str) -> Path:
        """Where Beam's workers leave what the metadata will hold; never in a finished data set."""
        return self.data_path / f"left_out_{split}.json"


def _shown(reasons: dict[str, int]) -> str:
    return ", ".join(f"{reason}: {count}" for reason, count in reasons.items())
