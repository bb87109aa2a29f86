"""TFDS builder of the annotated episodes of Friends."""

import dataclasses
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder
from emo_tf.labels import EXPRESSIONS

from . import source
from .annotations import CHARACTERS
from .clips import examples_of

_TRAIN_AND_VALIDATION = {"train": source.EPISODES[:8], "validation": source.EPISODES[8:]}
_PUBLISHED_CLASSES = dict(zip(EXPRESSIONS, (633, 646, 145, 2728, 476, 622, 8119), strict=True))


@dataclasses.dataclass(eq=False, kw_only=True)
class FriendsConfig(tfds.core.BuilderConfig):
    """A configuration of the data set.

    Attributes:
        frames: Frames of a clip, half of them before the key frame.
        episodes: Episodes of each split.
    """

    frames: int
    episodes: Mapping[str, tuple[int, ...]]


class Builder(CorpusBuilder):
    """Friends: clips of six characters' faces, labelled with seven apparent expressions."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    The annotations were given to partners of the Video Turing Test project; the episodes are
    bought. Put these into the folder, for every episode from 01 to 10:
      s01_ep01_tag2_visual_Final_180809.json   the annotations, with either
      ep01/00000.jpg, ep01/00001.jpg, ...      the frames, or
      ep01.mkv                                 a video, also .mp4, .avi and others; its name
                                               says ep01, 1x01 or s01e01.
    The README beside the builder says more.
    """

    BUILDER_CONFIGS: ClassVar[list[FriendsConfig]] = [
        *(
            FriendsConfig(
                name=f"clips{frames}",
                description=f"Clips of {frames} frames; episodes 1 to 8 train, 9 and 10 validate.",
                frames=frames,
                episodes=_TRAIN_AND_VALIDATION,
            )
            for frames in (4, 8, 16)
        ),
        FriendsConfig(
            name="published",
            description="Clips of 4 frames; all episodes validate, as in the published figures.",
            frames=4,
            episodes={"validation": source.EPISODES},
        ),
    ]

    CLASS_FEATURE = "label"

    @property
    def published_counts(self) -> Mapping[str, int]:
        """All clips, as nothing is published by episode."""
        return {"+".join(self.builder_config.episodes): sum(_PUBLISHED_CLASSES.values())}

    @property
    def published_classes(self) -> Mapping[str, Mapping[str, int]]:
        """The classes of all clips."""
        return {"+".join(self.builder_config.episodes): _PUBLISHED_CLASSES}

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        return source.required_paths(manual_dir)

    def check_manual_dir(self, manual_dir: Path) -> None:
        """Raises `EmoError` where an episode is not complete or not there."""
        source.check_pairs(manual_dir)
        super().check_manual_dir(manual_dir)

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "frames": tfds.features.Sequence(
                        tfds.features.Image(shape=(None, None, 3), encoding_format="png"),
                        length=self.builder_config.frames,
                    ),
                    "label": tfds.features.ClassLabel(names=EXPRESSIONS),
                    "episode": np.int32,
                    "character": tfds.features.ClassLabel(names=CHARACTERS),
                    "period": np.int32,
                    "key_frame": np.int32,
                    "box_xywh": tfds.features.Tensor(shape=(4,), dtype=np.int32),
                    "crop_xywh": tfds.features.Tensor(shape=(4,), dtype=np.int32),
                    "start_s": np.float32,
                    "end_s": np.float32,
                    "record": np.int32,
                }
            ),
            supervised_keys=("frames", "label"),
            homepage="https://github.com/JanghoonChoi/VTT_vid_emotion",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        manual_dir = Path(dl_manager.manual_dir)
        self.check_manual_dir(manual_dir)
        read = partial(examples_of, length=self.builder_config.frames)
        parts = {
            split: [part for episode in episodes for part in source.parts_of(manual_dir, episode)]
            for split, episodes in self.builder_config.episodes.items()
        }
        return {
            split: self._generate_examples(parts_of_split, read=read, split=split)
            for split, parts_of_split in parts.items()
        }
