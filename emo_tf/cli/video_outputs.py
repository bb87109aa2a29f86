"""Results of videos as files: JSON Lines, CSV and labels, whole or not at all."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from emo_tf.cli.output import STANDARD_OUTPUT, ResultWriter, csv_rows, json_lines, text_stream
from emo_tf.runtime.vtt_labels import VttLabels, published_labels
from emo_tf.video_results import (
    GROUP_COLUMNS,
    PERSON_COLUMNS,
    VIDEO_CSV_COLUMNS,
    FrameResult,
    Segment,
    VideoFailure,
)


@dataclass(frozen=True)
class VideoTargets:
    """Where results of videos are to go: files, or `-`; `None` where they are not wanted.

    Attributes:
        json: One object a frame.
        segments: One object a segment.
        csv: One row a frame and track.
        vtt: Labels of VTT's schema.
        vtt_frames: Labels of its older form.
    """

    json: str | None = None
    segments: str | None = None
    csv: str | None = None
    vtt: str | None = None
    vtt_frames: str | None = None

    def by_option(self) -> dict[str, str | None]:
        """Returns them by the options of the command line."""
        return {f"--{name.replace('_', '-')}": target for name, target in vars(self).items()}

    @property
    def on_stdout(self) -> bool:
        """Whether one of them is standard output."""
        return STANDARD_OUTPUT in vars(self).values()

    def files(self) -> list[str]:
        """Returns those that are files."""
        return [item for item in vars(self).values() if item not in (None, STANDARD_OUTPUT)]


@dataclass(frozen=True)
class VideoOutputs:
    """What takes the results of videos: functions that are called with each of them.

    Attributes:
        frames: Called with each frame.
        segments: Called with each segment.
        failures: Called with each video that could not be read.
    """

    frames: list[ResultWriter] = field(default_factory=list)
    segments: list[ResultWriter] = field(default_factory=list)
    failures: list[ResultWriter] = field(default_factory=list)

    def add(self, result: FrameResult) -> None:
        """Writes a frame."""
        for write in self.frames:
            write(result)

    def add_segment(self, segment: Segment) -> None:
        """Writes a segment."""
        for write in self.segments:
            write(segment)

    def add_failure(self, failure: VideoFailure) -> None:
        """Writes why a video could not be read, or not to its end."""
        for write in self.failures:
            write(failure)


@contextmanager
def video_outputs(targets: VideoTargets, *, people: bool, group: bool) -> Iterator[VideoOutputs]:
    """Opens where the results go; files appear once the block ends well.

    Args:
        targets: Files or `-`.
        people: Whether people will come, who have columns of their own.
        group: Whether verdicts on groups will come, likewise.

    Raises:
        EmoError: A file cannot be written.
    """
    outputs = VideoOutputs()
    with ExitStack() as files:
        if targets.json:
            write = files.enter_context(json_lines(targets.json))
            outputs.frames.append(write)
            outputs.failures.append(write)
        if targets.csv:
            left_out = () if people else PERSON_COLUMNS
            left_out += () if group else GROUP_COLUMNS
            columns = [name for name in VIDEO_CSV_COLUMNS if name not in left_out]
            write = files.enter_context(csv_rows(targets.csv, columns))
            outputs.frames.append(write)
            outputs.failures.append(write)
        if targets.segments:
            outputs.segments.append(files.enter_context(json_lines(targets.segments)))
        if targets.vtt:
            outputs.frames.append(files.enter_context(vtt_lines(targets.vtt)))
        if targets.vtt_frames:
            write = files.enter_context(_object_lines(targets.vtt_frames))
            outputs.frames.append(lambda result: write(published_labels(result)))
        yield outputs


@contextmanager
def vtt_lines(target: str) -> Iterator[ResultWriter]:
    """Opens `target` (a file or `-`) for the labels of the frames of one video.

    Yields:
        A function that takes a frame; the last labels are written when the block ends well.
    """
    labels = VttLabels()
    with _object_lines(target) as write:
        yield lambda result: write(labels.add(result))
        write(labels.finish())


@contextmanager
def _object_lines(target: str) -> Iterator[Callable[[list[dict]], None]]:
    with text_stream(target) as stream:

        def write(objects: list[dict]) -> None:
            for item in objects:
                print(json.dumps(item), file=stream, flush=stream is sys.stdout)

        yield write
