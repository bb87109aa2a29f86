"""A run of videos that has ended, read back: its model and the clips it is measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from emo_tf.data import builders
from emo_tf.data.clip_splits import MeasuredClips
from emo_tf.files import read_object
from emo_tf.labels import EXPRESSIONS
from emo_tf.training.run_files import CONFIG, FinishedRun, read_finished_classifier
from emo_tf.training.video_config import MovingStill
from emo_tf.training.video_data import VideoData
from emo_tf.training.video_predictions import VideoPredictions, VideoPredictor
from emo_tf.training.video_task import clip_inputs

TESTS = ("test", "public_test")
"""Splits that nothing was chosen on, by the name that a data set has for them."""


@dataclass(frozen=True)
class VideoRun(FinishedRun):
    """A run of videos that has ended."""

    def default_split(self, *, data_dir: Path | None = None) -> str:
        """Returns a split that nothing was chosen on where there is one, else what validated.

        Raises:
            EmoError: There is no such data set.
        """
        dataset = builders.prepared(self.dataset, data_dir=Path(data_dir or self.data_dir))
        found = [split for split in TESTS if split in dataset.info.splits]
        return found[0] if found else read_object(self.folder / CONFIG)["validation_split"]

    def clips(self, split: str, *, data_dir: Path | None = None) -> MeasuredClips:
        """Returns a split as this model takes it; stills move for one of several frames.

        Args:
            split: Name of a split of the data set.
            data_dir: Where the data set lies, if not where it lay for training.

        Raises:
            EmoError: There is no such data set or split.
        """
        dataset = builders.prepared(self.dataset, data_dir=Path(data_dir or self.data_dir))
        moving = read_object(self.folder / CONFIG).get("moving", {})
        data = VideoData(
            {self.dataset: dataset},
            inputs=clip_inputs(self.model),
            moving=MovingStill(
                **{name: tuple(v) if isinstance(v, list) else v for name, v in moving.items()}
            ),
        )
        return data.measured(self.dataset, split)

    def predict(
        self, clips: MeasuredClips, *, advance: Callable[[], None] = lambda: None
    ) -> VideoPredictions:
        """Predicts clips.

        Args:
            clips: What `clips` returned.
            advance: Called after every batch.

        Raises:
            EmoError: A picture cannot be read.
        """
        return VideoPredictor(self.model)(clips, advance=advance)


def read_video_run(folder: Path) -> VideoRun:
    """Reads a run of videos that has ended.

    Raises:
        EmoError: There is no run in the folder, one of another task, or one that has not ended, or
            a file of it is damaged.
    """
    return VideoRun(**vars(read_finished_classifier(folder, task="video", labels=EXPRESSIONS)))
