"""What the TFDS builders of all corpora do alike: Apache Beam if asked, and a report at the end."""

import abc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.paths import found_or_missing
from emo_tf.corpora.report import LeftOut, SplitReport, in_words
from emo_tf.errors import EmoError, in_place

if TYPE_CHECKING:
    import apache_beam as beam

KeyAndExample = tuple[str, dict[str, object]]
Read = Callable[[Any], Iterable[KeyAndExample | LeftOut]]
"""Makes the examples of one item of a split; Beam sends it to other processes."""


class CorpusBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Builds a corpus from raw files that the user holds.

    A builder says in `_info` what an example holds (with `metadata=tfds.core.MetadataDict()`), in
    `required_paths` what has to be there, and returns from `_split_generators` for each split
    `self._generate_examples(items, read=..., split=...)`: its items, small and fit to be pickled,
    and what makes the examples of one item. The work is done in this process, or by Apache Beam
    where `DownloadConfig.beam_options` are given: the examples are the same.

    What an item gives a `LeftOut` for is counted in `info.metadata["left_out"][split][reason]` and
    listed in `["left_out_items"][split][reason]`, `LISTED` of a reason at most. What
    `counted_features` names is counted too: the classes of `CLASS_FEATURE` in
    `["classes"][split][class]`.
    """

    PUBLISHED_COUNTS: ClassVar[Mapping[str, int]] = {}
    """Published examples by split; `train+val` where only the sum of some splits is known."""

    PUBLISHED_CLASSES: ClassVar[Mapping[str, Mapping[str, int]]] = {}
    """Published examples by split and class of `CLASS_FEATURE`."""

    CLASS_FEATURE: ClassVar[str | None] = None
    """The `ClassLabel` whose classes are counted; examples hold the class's name, or -1."""

    @property
    def published_counts(self) -> Mapping[str, int]:
        """`PUBLISHED_COUNTS`, as they are for this configuration."""
        return self.PUBLISHED_COUNTS

    @property
    def published_classes(self) -> Mapping[str, Mapping[str, int]]:
        """`PUBLISHED_CLASSES`, as they are for this configuration."""
        return self.PUBLISHED_CLASSES

    @property
    def counted_features(self) -> Mapping[str, str]:
        """The features whose values are counted, by the name of the count in the metadata."""
        return {} if self.CLASS_FEATURE is None else {"classes": self.CLASS_FEATURE}

    def notes(self) -> list[str]:
        """Returns further lines on the data set, for a description of it."""
        return []

    @abc.abstractmethod
    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""

    def check_manual_dir(self, manual_dir: Path) -> None:
        """Raises `EmoError`, listing every path looked for, where the corpus is not complete."""
        required = self.required_paths(manual_dir)
        for alternatives in required:
            if not any(path.exists() for path in alternatives):
                raise EmoError(
                    f"{self.name} is not complete: no {' or '.join(map(str, alternatives))}. "
                    f"Looked for: {found_or_missing(chain.from_iterable(required))}"
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
        self._reports: dict[str, SplitReport] = {}
        self._items: dict[str, int] = {}
        with ExitStack() as around:
            if self._with_beam:
                from emo_tf.corpora.beam_examples import no_timed_flush

                around.enter_context(no_timed_flush())
                around.enter_context(_import_path_of_workers(self.code_path.parent.parent))
            super()._download_and_prepare(dl_manager, download_config)
        for split, report in self._reports.items():
            report.warn(self.name, split)
            if self._with_beam:
                self._check_complete(split, made=report.examples)
        self.info.metadata.update(
            left_out={split: dict(report.left_out) for split, report in self._reports.items()},
            left_out_items={split: dict(report.listed) for split, report in self._reports.items()},
            **{
                name: {split: dict(report.counts[name]) for split, report in self._reports.items()}
                for name in self.counted_features
            },
        )

    def _generate_examples(
        self, items: Sequence[object], *, read: Read, split: str
    ) -> "Iterator[KeyAndExample] | beam.PTransform":
        self._reports[split] = SplitReport()
        self._items[split] = len(items)
        counted = partial(_counted, features=self.counted_features)
        if self._with_beam:
            from emo_tf.corpora.beam_examples import examples_by_beam

            return examples_by_beam(
                items, read=read, counted=counted, report=self._report_path(split)
            )
        return self._examples(items, read=read, counted=counted, split=split)

    def _examples(
        self, items: Sequence[object], *, read: Read, counted: Callable, split: str
    ) -> Iterator[KeyAndExample]:
        report = self._reports[split]
        for found in chain.from_iterable(map(read, items)):
            if isinstance(found, LeftOut):
                report.leave_out(found)
            else:
                report.count(counted(found[1]))
                yield found
        if not report.examples:  # TFDS would fail on an empty split without a word on why.
            raise EmoError(
                f"{split}: expected examples that can be used. "
                f"Received: {in_words(report.left_out) or 'none at all'}"
            )

    def _check_complete(self, split: str, *, made: int) -> None:
        """Raises `EmoError` where a runner has lost what its workers made."""
        stored = self.info.splits[split].num_examples
        if stored != made:
            raise EmoError(
                f"{split}: expected {made:,} examples, as Beam's workers made. "
                f"Received: {stored:,} in the data set"
            )

    def _process_pipeline_result(self, pipeline_result: object) -> None:
        from emo_tf.corpora.beam_examples import take_report

        for split, items in self._items.items():
            with in_place(split):
                self._reports[split] = take_report(self._report_path(split), items=items)

    def _report_path(self, split: str) -> Path:
        """Where Beam's workers leave what the metadata will hold; never in a finished data set."""
        return Path(self.data_path) / f"report_{split}"


def _counted(example: Mapping[str, object], *, features: Mapping[str, str]) -> dict[str, str]:
    """Returns the values of the features to count as texts; -1 stands for no class."""
    return {
        name: str(example[feature]) for name, feature in features.items() if example[feature] != -1
    }


@contextmanager
def _import_path_of_workers(folder: Path) -> Iterator[None]:
    """Lets processes started inside the block import the builder."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), before]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
