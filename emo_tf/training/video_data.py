"""Which examples a model of faces in videos is trained and measured on."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow_datasets as tfds

from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_mixture import ClipMixture
from emo_tf.data.clip_splits import ClipSplits
from emo_tf.data.clips import ClipData
from emo_tf.data.labelled_faces import LabelledFaces
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

    def training(
        self,
        experiment: VideoExperiment,
        *,
        share: Share,
        photographs: LabelledFaces | None = None,
    ) -> ClipMixture:
        """Returns what an experiment is trained on.

        Args:
            experiment: What to train and how.
            share: Which part of each batch this process reads.
            photographs: Faces cut out of photographs, which are set moving as other stills are.

        Raises:
            EmoError: A data set or its split is missing or has nothing to draw.
        """
        sources = [self.source(name, experiment.train_split) for name in experiment.trained_on]
        batch_size = experiment.batch_size
        if not experiment.balanced:
            return ClipMixture(sources, batch_size=batch_size, share=share)
        count = sum(source.count for source in sources)
        shares = list(experiment.shares.values()) or [1.0]
        if photographs is not None:
            sources.append(self.of_faces(photographs, name="photographs"))
            own = experiment.photographs
            shares = [*(one / sum(shares) * (1 - own) for one in shares), own]
        return ClipMixture(
            sources,
            shares=shares,
            batch_size=batch_size,
            steps=experiment.steps or max(1, count // batch_size),
            neutral_share=experiment.neutral_share,
            share=share,
        )
