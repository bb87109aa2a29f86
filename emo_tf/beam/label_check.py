"""The check that scene labels tell the pictures apart, which no worker can make alone."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import apache_beam as beam

from emo_tf.beam.addresses import address_of
from emo_tf.beam.analyzer_settings import AnalyzerFile
from emo_tf.beam.source_file import SourceFile
from emo_tf.runtime.picture_keys import check_told_apart
from emo_tf.runtime.scene_labels import SceneLabels


class CheckLabels(beam.PTransform):
    """Lets the pipeline fail where an entry of the labels stands for two pictures.

    Args:
        labels: The file of the labels.
    """

    def __init__(self, labels: AnalyzerFile):
        super().__init__()
        self._labels = labels

    def expand(self, files: beam.PCollection) -> beam.PCollection:
        by_entry = files | beam.ParDo(_Entries(self._labels)).with_output_types(tuple[bytes, bytes])
        return by_entry | beam.GroupByKey() | beam.Map(_check, self._labels.address)


class _Entries(beam.DoFn):
    """Finds the entry that a picture's labels come from."""

    def __init__(self, labels: AnalyzerFile):
        self._file = labels

    def setup(self) -> None:
        with TemporaryDirectory(prefix="emo_tf_") as folder:
            self._labels = SceneLabels.read(self._file.opened(Path(folder)))

    def process(self, numbered: tuple[int, SourceFile]) -> Iterator[tuple[bytes, bytes]]:
        _, file = numbered
        entry = self._labels.key_of(file.name)
        if entry is not None:
            yield entry.encode("utf-8", "surrogatepass"), file.key


def _check(by_entry: tuple[bytes, Iterable[bytes]], source: str) -> None:
    entry, *names = (name.decode("utf-8", "surrogatepass") for name in (by_entry[0], *by_entry[1]))
    # One picture may be named twice, and by two paths.
    pictures = {address_of(name): name for name in names}
    check_told_apart(pictures.values(), [entry], source=source)
