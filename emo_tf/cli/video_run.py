"""Videos one after the other, from their frames to all that is written and printed of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from time import perf_counter

from rich.console import Console

from emo_tf.cli.interruption import Interruption
from emo_tf.cli.progress import progress_bar
from emo_tf.cli.segment_table import SegmentTable
from emo_tf.cli.sources import VideoSource
from emo_tf.cli.video_outputs import VideoOutputs
from emo_tf.cli.video_pictures import VideoPictures
from emo_tf.cli.video_verdict import VideoVerdict
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.runtime.segments import SegmentBuilder
from emo_tf.runtime.video_analyzer import VideoAnalyzer
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.video_results import FrameResult, Segment, VideoFailure


class VideoRun:
    """Analyses videos, hands on what is found and counts it.

    Args:
        sources: The videos.
        analyzer: What analyses the frames.
        reading: Settings of `VideoReader`.
        pictures: What is drawn.
        outputs: What takes the results.
        console: Where segments are printed.
        interruption: Tells when to stop: the frame at hand is then the last.

    Attributes:
        counts: Of `videos`, `frames`, `tracks`, those that are `drawn` and `plotted`, and those
            that `failed`.
    """

    def __init__(
        self,
        sources: Sequence[VideoSource],
        *,
        analyzer: VideoAnalyzer,
        reading: Mapping[str, object],
        pictures: VideoPictures,
        outputs: VideoOutputs,
        console: Console,
        interruption: Interruption,
    ):
        self._sources = sources
        self._analyzer = analyzer
        self._reading = reading
        self._pictures = pictures
        self._outputs = outputs
        self._console = console
        self._interruption = interruption
        self._table = SegmentTable(console, [source.name for source in sources])
        self._analysis_s = 0.0
        self._last: FrameResult | None = None
        self.counts = Counter()

    def look_at_all(self) -> None:
        """Analyses the videos; one that cannot be read, or not to its end, is reported."""
        for source in self._sources:
            if self._interruption.wished:
                break
            self._look_at(source)

    def summary(self, seconds: float) -> list[str]:
        """Returns what there is to say about all videos together.

        Args:
            seconds: What everything took.
        """
        frames = self.counts["frames"]
        said = [
            counted(self.counts["videos"], "video"),
            counted(frames, "frame"),
            counted(self.counts["tracks"], "track"),
        ]
        if self.counts["failed"]:
            said.append(f"{self.counts['failed']} failed")
        rate = f" ({frames / self._analysis_s:.1f} frames/s)" if self._analysis_s else ""
        return [*said, f"{seconds:.1f} s{rate}"]

    def where_stopped(self) -> str:
        """Returns how far the work came before it was stopped."""
        text = f"stopped at {self._last.time_s:.1f} s" if self._last else "stopped"
        rest = len(self._sources) - self.counts["videos"]
        if len(self._sources) > 1 and self._last:
            text += f" of {self._last.source}"
        return text + (f"; {counted(rest, 'video')} not looked at" if rest else "")

    def _look_at(self, source: VideoSource) -> None:
        self._last = None
        error = source.error
        if error is None:
            try:
                error = self._watch(source)
            except EmoError as failure:
                error = str(failure)
        self.counts["videos"] += 1
        if error is not None:
            self.counts["failed"] += 1
            failure = VideoFailure(source.name, error)
            self._outputs.add_failure(failure)
            self._table.add_failure(failure)

    def _watch(self, source: VideoSource) -> str | None:
        """Analyses a video that may be readable.

        Returns:
            Why it ended early, `None` where it did not.
        """
        tracks = set()
        builder, verdict = SegmentBuilder(source.name), VideoVerdict()
        with VideoReader(source.name, **self._reading) as reader:
            began = perf_counter()
            with (
                self._pictures.drawing(source, reader) as drawing,
                progress_bar(self._console, reader.frames_expected, unit="frames") as advance,
            ):
                frames = takewhile(lambda _: not self._interruption.wished, reader)
                takers = (self._outputs.add_segment, self._table.add, drawing.add_segment)
                for result, image in self._analyzer.analyze(frames, source=source.name):
                    self._outputs.add(result)
                    verdict.add(result)
                    drawing.add(result, image)
                    _hand_on(builder.add(result), takers)
                    tracks |= {track.id for track in result.tracks}
                    self.counts["frames"] += 1
                    self._last = result
                    advance()
                _hand_on(builder.finish(), takers)
            self._analysis_s += perf_counter() - began
            self.counts["tracks"] += len(tracks)
            self.counts["drawn"] += source in self._pictures.videos
            self.counts["plotted"] += source in self._pictures.plots
            if not tracks:
                nobody = f"no face of at least {self._analyzer.min_face:g} pixels found"
                self._table.add_reason(source.name, nobody)
            if verdict.frames:
                self._table.add_verdict(source.name, verdict.mean(), frames=verdict.frames)
            if self._interruption.wished or reader.cut is None:
                return None
            return f"{source.name}: {reader.cut}"


def _hand_on(segments: Iterable[Segment], takers: Iterable[Callable[[Segment], None]]) -> None:
    for segment in segments:
        for take in takers:
            take(segment)
