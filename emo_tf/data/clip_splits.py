"""The splits of several data sets as clips, stills among them set moving."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data.clip_augment import MOVING, ClipAugmentation
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clip_mixture import ClipMixture
from emo_tf.data.clip_source import ClipSource
from emo_tf.data.clips import ClipData, Clips
from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.data.labelled_faces import LabelledFaces
from emo_tf.data.moving_stills import MovingStills
from emo_tf.data.still_faces import StillFaces
from emo_tf.errors import EmoError, unknown_name

FER2013 = "fer2013"
HELD_OUT = "held_out"
"""A tenth of FER2013's training pictures, as for models of still faces."""

OF_CLIPS = ("vtt_friends",)
"""Builders whose examples are clips; those of the others are stills."""

CLIPS_AT_A_TIME = 32


@dataclass(frozen=True)
class MeasuredClips:
    """Clips of one split, the same every time.

    Attributes:
        source: Where they come from.
        augmentation: How stills are moved that are made clips; None for clips as they are.
    """

    source: ClipSource
    augmentation: ClipAugmentation | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return self.source.count

    def batches(self) -> tf.data.Dataset:
        """Returns all of them; of weight 0 are those that only fill up the last batch."""
        if isinstance(self.source, Clips):
            return self.source.evaluation()
        mixture = ClipMixture([self.source], batch_size=CLIPS_AT_A_TIME)
        return mixture.training(
            epoch=0, seed=0, augmentation=self.augmentation, drop_remainder=False
        )

    @contextlib.contextmanager
    def errors_named(self) -> Iterator[None]:
        """Turns an error of TensorFlow that stems from the data into one that names the place.

        Raises:
            EmoError: A file is missing or damaged, or a picture in it cannot be decoded.
        """
        with ClipMixture([self.source], batch_size=1).errors_named():
            yield


class ClipSplits:
    """Data sets of clips and of stills, as a model takes them.

    Args:
        datasets: Prepared data sets by name.
        inputs: What the model takes.
        change: Share of the clips made of stills whose face changes; see `MovingStills`.
        fade: Fewest and most frames that a change takes.
        settings: How examples are read.
        cache_dir: Where pictures are kept if they are cached on disk.
    """

    def __init__(
        self,
        datasets: Mapping[str, tfds.core.DatasetBuilder],
        *,
        inputs: ClipInputs,
        change: float,
        fade: tuple[int, int],
        settings: ClipData | None = None,
        cache_dir: Path | None = None,
    ):
        self._datasets, self._inputs = datasets, inputs
        self._stills = ClipInputs(1, inputs.size, colour=inputs.colour)
        self._change, self._fade = change, fade
        self._settings, self._cache_dir = settings, cache_dir
        self._fer2013: Fer2013 | None = None

    def measured(self, name: str, split: str) -> MeasuredClips:
        """Returns a split to measure a model on.

        Args:
            name: A data set.
            split: A split of it.

        Raises:
            EmoError: There is no such data set or split.
        """
        source = self.source(name, split)
        return MeasuredClips(source, MOVING if isinstance(source, MovingStills) else None)

    def source(self, name: str, split: str) -> ClipSource:
        """Returns a split to draw from.

        Args:
            name: A data set.
            split: A split of it.

        Raises:
            EmoError: There is no such data set or split.
        """
        dataset = self._datasets[name]
        if dataset.name == FER2013:
            return self.of_faces(self._faces(dataset, split), name=f"{name} {split}")
        of_clips = dataset.name in OF_CLIPS
        source = Clips(
            dataset,
            split,
            inputs=self._inputs if of_clips else self._stills,
            batch_size=CLIPS_AT_A_TIME,
            settings=self._settings,
            cache_dir=self._cache_dir,
        )
        return source if of_clips else self._set_moving(source)

    def of_faces(self, faces: LabelledFaces, *, name: str) -> ClipSource:
        """Returns faces in memory to draw from, set moving for a model of several frames.

        Args:
            faces: The faces.
            name: In messages.
        """
        return self._set_moving(StillFaces(faces, inputs=self._stills, name=name))

    def _set_moving(self, stills: ClipSource) -> ClipSource:
        frames = self._inputs.frames
        if frames == 1:
            return stills
        return MovingStills(stills, frames=frames, change=self._change, fade=self._fade)

    def _faces(self, dataset: tfds.core.DatasetBuilder, split: str) -> LabelledFaces:
        """Returns faces of FER2013: those of `train` are in no other split."""
        if self._fer2013 is None:
            root = Path(dataset.data_dir_root)
            self._fer2013 = load_fer2013(manual_dir=root, data_dir=root)
        known = {
            "train": self._fer2013.training,
            HELD_OUT: self._fer2013.held_out,
            "public_test": self._fer2013.public_test,
            "private_test": self._fer2013.private_test,
        }
        if split not in known:
            raise unknown_name(f"split of {FER2013}", split, known)
        faces = known[split]
        if faces is None or not len(faces):
            raise EmoError(f"{split}: expected faces of {FER2013}. Received: none")
        limit = None if self._settings is None else self._settings.limit
        return faces if limit is None else faces.where(np.arange(len(faces)) < limit)
