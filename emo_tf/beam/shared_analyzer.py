"""An analyzer that the threads of a worker take turns at."""

import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from emo_tf.beam.addresses import READ_ERRORS, is_remote, read_bytes
from emo_tf.beam.analyzer_settings import AnalyzerSettings
from emo_tf.beam.shard_work import ShardResults, ShardWork
from emo_tf.beam.source_file import SourceFile
from emo_tf.results import PhotoResult
from emo_tf.runtime.analyzer import Source
from emo_tf.runtime.photo_window import WINDOW_PHOTOS

_READERS = 8


class SharedAnalyzer:
    """Analyses shards, one at a time: LiteRT's interpreters serve one thread at a time.

    Args:
        settings: Those of the analyzer, which is opened here.

    Raises:
        EmoError: A file or a setting cannot be used.
    """

    def __init__(self, settings: AnalyzerSettings):
        self._analyzer = settings.analyzer()
        self._lock = threading.Lock()

    def analyze(self, work: ShardWork) -> ShardResults:
        """Analyses the pictures of a shard, in their order."""
        results, failed, counts = [], [], Counter(pictures=0, faces=0, people=0, failed=0)
        with self._lock:
            for result in self._results(work.files):
                lines = results if result.error is None else failed
                # A name that is no valid UTF-8 becomes \\udc80 and the like, which JSON reads back.
                lines.append(f"{result.to_json()}\n".encode("utf-8", "backslashreplace"))
                counts.update(
                    pictures=1,
                    faces=len(result.faces),
                    people=len(result.people),
                    failed=result.error is not None,
                )
        return ShardResults(work, b"".join(results), b"".join(failed), dict(counts))

    def _results(self, files: Sequence[SourceFile]) -> Iterator[PhotoResult]:
        waiting: list[Source] = []
        for content in _contents(files):
            if isinstance(content, PhotoResult):
                yield from self._analyzed(waiting)
                waiting.clear()
                yield content
                continue
            waiting.append(content)
            if len(waiting) == WINDOW_PHOTOS:
                yield from self._analyzed(waiting)
                waiting.clear()
        yield from self._analyzed(waiting)

    def _analyzed(self, sources: Sequence[Source]) -> list[PhotoResult]:
        try:
            return list(self._analyzer.analyze_many(sources))
        except Exception:  # one picture of millions must not stop the others
            return [self._alone(source) for source in sources]

    def _alone(self, source: Source) -> PhotoResult:
        try:
            return next(iter(self._analyzer.analyze_many([source])))
        except Exception as error:
            name = source[0] if isinstance(source, tuple) else source
            return PhotoResult(name, error=f"{name}: {type(error).__name__}: {error}")


def _contents(files: Iterable[SourceFile]) -> Iterator[Source | PhotoResult]:
    """Returns what an analyzer takes for each file, remote ones read some files ahead."""
    with ThreadPoolExecutor(_READERS) as readers:
        ahead = deque()
        for file in files:
            ahead.append(readers.submit(_content, file))
            if len(ahead) > WINDOW_PHOTOS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _content(file: SourceFile) -> Source | PhotoResult:
    if file.error is not None:
        return PhotoResult(file.name, error=file.error)
    if not is_remote(file.name):
        return file.name
    try:
        return file.name, read_bytes(file.name)
    except READ_ERRORS as error:
        text = f"{file.name}: expected a picture file. Received: {error}"
        return PhotoResult(file.name, error=text)
