"""Which examples a model of faces in videos is trained and measured on."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow_datasets as tfds

from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_mixture import ClipMixture
from emo_tf.data.clip_splits import ClipSplits
from emo_tf.data.clips import ClipData
from emo_tf.data.sharing import Share
from emo_tf.training.video_config import MovingStill, VideoExperiment


class VideoData(ClipSplits):
    """The data sets of an experiment on faces in videos, as its model takes them.

    Args:
        datasets: Prepared data sets by name.
        inputs: What the model takes.
        settings: How examples are read.
        moving: How stills become clips.
        cache_dir: Where pictures are kept if they are cached on disk.
    """

    def __init__(
        self,
        datasets: Mapping[str, tfds.core.DatasetBuilder],
        *,
        inputs: ClipInputs,
        settings: ClipData | None = None,
        moving: MovingStill = MovingStill(),  # noqa: B008 (frozen)
        cache_dir: Path | None = None,
    ):
        super().__init__(
            datasets,
            inputs=inputs,
            change=moving.change,
            fade=moving.fade,
            settings=settings,
            cache_dir=cache_dir,
        )

    def training(self, experiment: VideoExperiment, *, share: Share) -> ClipMixture:
        """Returns what an experiment is trained on.

        Raises:
            EmoError: A data set or its split is missing or has nothing to draw.
        """
        sources = [self.source(name, experiment.train_split) for name in experiment.trained_on]
        batch_size = experiment.batch_size
        if not experiment.balanced:
            return ClipMixture(sources, batch_size=batch_size, share=share)
        count = sum(source.count for source in sources)
        return ClipMixture(
            sources,
            shares=tuple(experiment.shares.values()) or None,
            batch_size=batch_size,
            steps=experiment.steps or max(1, count // batch_size),
            neutral_share=experiment.neutral_share,
            share=share,
        )
