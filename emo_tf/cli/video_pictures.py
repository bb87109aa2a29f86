"""What is drawn of a video: it again with what was found drawn in, and a plot over time."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emo_tf.cli.drawings import plan_drawings
from emo_tf.cli.sources import VideoSource
from emo_tf.errors import EmoError
from emo_tf.extras import needing_extra
from emo_tf.runtime.annotate_video import VideoAnnotator
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.runtime.video_writer import VideoWriter
from emo_tf.video_results import FrameResult, Segment

if TYPE_CHECKING:
    from emo_tf.plots.expression_timeline import ExpressionTimeline


@dataclass(frozen=True)
class VideoDrawing:
    """What takes the results of one video to draw them.

    Attributes:
        annotator: Draws on frames, if they are kept.
        writer: Takes the frames, drawn on.
        timeline: Draws how expressions changed, if asked for.
    """

    annotator: VideoAnnotator | None = None
    writer: VideoWriter | None = None
    timeline: "ExpressionTimeline | None" = None

    def add(self, result: FrameResult, image: np.ndarray) -> None:
        """Draws a frame.

        Args:
            result: What was found in the frame.
            image: The frame, uint8 RGB of shape (H, W, 3).
        """
        if self.writer:
            self.writer.write(self.annotator.annotate(image, result), result.time_s)
        if self.timeline:
            self.timeline.add(result)

    def add_segment(self, segment: Segment) -> None:
        """Draws a segment."""
        if self.timeline:
            self.timeline.add_segments([segment])


@dataclass(frozen=True)
class VideoPictures:
    """Which files are drawn of which video.

    Attributes:
        videos: Where each is written again, annotated; none without `--draw`.
        plots: Where each is plotted; none without `--plot`.
        group: Whether there are verdicts on groups to draw.
        start_s: From when on each video is looked at.
        end_s: Until when; `None` for its end.
    """

    videos: dict[VideoSource, Path] = field(default_factory=dict)
    plots: dict[VideoSource, Path] = field(default_factory=dict)
    group: bool = False
    start_s: float = 0.0
    end_s: float | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All of the files."""
        return *self.videos.values(), *self.plots.values()

    @contextmanager
    def drawing(self, source: VideoSource, reader: VideoReader) -> Iterator[VideoDrawing]:
        """Draws what was found in one video; the files appear once the block ends well.

        Args:
            source: The video.
            reader: What it is read by, opened.
        """
        with ExitStack() as files:
            drawn = {}
            if source in self.plots:
                drawn["timeline"] = files.enter_context(
                    _plotted(self.plots[source], title=source.file.name)
                )
            if source in self.videos:
                annotator = VideoAnnotator(
                    width=reader.width,
                    height=reader.height,
                    start_s=self.start_s,
                    duration_s=self._duration_s(reader),
                    group=self.group,
                )
                width, height = annotator.size
                writer = VideoWriter(
                    self.videos[source],
                    width=width,
                    height=height,
                    pixel_aspect=reader.pixel_aspect,
                )
                drawn |= {"annotator": annotator, "writer": files.enter_context(writer)}
            yield VideoDrawing(**drawn)

    def _duration_s(self, reader: VideoReader) -> float | None:
        """Returns how long what is looked at will be, where that is known."""
        ends = [end for end in (self.end_s, reader.duration_s) if end is not None]
        return min(ends) - self.start_s if ends else None


def plan_pictures(
    sources: Sequence[VideoSource],
    *,
    draw: Path | None,
    plot: Path | None,
    group: bool,
    start_s: float | None,
    end_s: float | None,
) -> VideoPictures:
    """Gives every video files of its own below the folders of `--draw` and `--plot`.

    Args:
        sources: The videos.
        draw: Folder of drawn videos, if asked for.
        plot: Folder of timelines, if asked for.
        group: Whether verdicts on groups are drawn.
        start_s: Where the videos are looked at from, in seconds.
        end_s: Up to where.

    Raises:
        EmoError: A folder cannot be written to, what is drawn would replace one of the videos, or
            there is nothing to plot with.
    """
    planned = {}
    for option, folder, suffix in (("--draw", draw, ".mp4"), ("--plot", plot, ".png")):
        if folder is not None:
            _check_folder(option, folder)
        planned[option] = (
            {}
            if folder is None
            else plan_drawings(
                sources, folder, option=option, kept_suffixes=(suffix,), other_suffix=suffix
            )
        )
    if plot is not None:
        with needing_extra("groups", what="--plot", modules=["matplotlib"]):
            import emo_tf.plots.expression_timeline  # noqa: F401 (said before any work is done)
    return VideoPictures(
        videos=planned["--draw"],
        plots=planned["--plot"],
        group=group,
        start_s=start_s or 0.0,
        end_s=end_s,
    )


def _check_folder(option: str, folder: Path) -> None:
    """Checks that files can be made in a folder, which may still have to be made itself."""
    there = Path(os.path.abspath(folder))  # noqa: PTH100
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise EmoError(f"{option}: expected a folder. Received: {folder}, but {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise EmoError(f"{option}: {folder}: cannot be written (no permission in {there})")


@contextmanager
def _plotted(path: Path, *, title: str) -> Iterator["ExpressionTimeline"]:
    from emo_tf.plots.expression_timeline import ExpressionTimeline

    timeline = ExpressionTimeline()
    yield timeline
    timeline.draw(path, title=title)
