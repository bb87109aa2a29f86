"""TFDS builder of the Group Affect Database."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import tensorflow_datasets.public_api as tfds

from emo_tf.corpora.corpus_builder import CorpusBuilder
from emo_tf.labels import GROUP_EMOTIONS

from . import source
from .examples import examples_of
from .face_quantiles import face_quantiles
from .faces import CROP_SIZES, FEATURES, LANDMARKS, MOST_FACES, DetectedFaces
from .published_faces import PublishedFaces, find_published

_FACES = "faces"
_COUNTS = "face_counts"


class Builder(CorpusBuilder):
    """Group Affect Database 3.0: pictures of groups with three classes of perceived affect."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = """\
    The Group Affect Database 3.0 has to be asked for from its authors, as used in EmotiW 2018.
    Put these into the folder:
      train/Negative, train/Neutral, train/Positive   pictures,
      val/Negative, val/Neutral, val/Positive         pictures;
      test                                            pictures without labels, or none;
      val_list, test_list                             pickled lists that cut val in two, or neither;
      Removed_EmotiW                                  pictures that were taken out, or none;
      FaceCoordinates, FaceFeatures, CroppedFaces     faces as published, or none of the three.
    The README beside the builder says more.
    """
    BUILDER_CONFIGS: ClassVar[list[tfds.core.BuilderConfig]] = [
        tfds.core.BuilderConfig(
            name="images", description="Whole pictures, with the label of the group."
        ),
        tfds.core.BuilderConfig(
            name=_FACES,
            description=f"The same with up to {MOST_FACES} faces a picture, the largest first.",
        ),
    ]
    PUBLISHED_COUNTS: ClassVar[dict[str, int]] = {"train": 9815, "val": 4346, "test": 3011}
    """Pictures of the folders, as without the lists."""

    PUBLISHED_CLASSES: ClassVar[dict[str, dict[str, int]]] = {
        "train": {"negative": 2758, "neutral": 3080, "positive": 3977},
        "val": {"negative": 1231, "neutral": 1368, "positive": 1747},
    }
    """Pictures of each class of the folders; of what the lists make of val they are not known."""

    CLASS_FEATURE = "label"

    _COUNTS_BY_LISTS: ClassVar[dict[str, int]] = {"val": 3341, "eval": 1000}

    @property
    def published_counts(self) -> dict[str, int]:
        """The pictures of each split, with or without the lists and `test`, as it was built."""
        splits = self._built_splits()
        if splits is None:
            return self.PUBLISHED_COUNTS
        cut = self._COUNTS_BY_LISTS if "eval" in splits else {}
        counts = self.PUBLISHED_COUNTS | cut
        return {
            split: counts[split] for split in ("train", "val", "eval", "test") if split in splits
        }

    @property
    def published_classes(self) -> dict[str, dict[str, int]]:
        """The pictures of each class, without those of `val` where the lists have cut it."""
        cut = self._COUNTS_BY_LISTS if "eval" in (self._built_splits() or ()) else {}
        return {
            split: counts for split, counts in self.PUBLISHED_CLASSES.items() if split not in cut
        }

    def _built_splits(self) -> set[str] | None:
        return set(self.info.splits) if self.is_prepared() else None

    @property
    def counted_features(self) -> dict[str, str]:
        """The classes of the pictures and, in the configuration `faces`, their faces."""
        return super().counted_features | ({_COUNTS: "face_count"} if self._has_faces else {})

    def notes(self) -> list[str]:
        """Returns how many faces the pictures have, where the configuration `faces` is built."""
        root = Path(self.data_path).parents[2]
        with_faces = self if self._has_faces else type(self)(config=_FACES, data_dir=root)
        if not with_faces.is_prepared():
            return ["Faces a picture are known once group_affect/faces is built."]
        return face_quantiles(with_faces.info.metadata[_COUNTS])

    @property
    def _has_faces(self) -> bool:
        return self.builder_config.name == _FACES

    def required_paths(self, manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
        """Returns what has to be there: one entry a requirement, its alternatives best first."""
        return source.required_paths(manual_dir)

    def check_manual_dir(self, manual_dir: Path) -> None:
        """Raises `EmoError` where the database is not complete or a class folder is not known."""
        source.check_class_folders(manual_dir)  # A misspelt folder is a missing one too.
        super().check_manual_dir(manual_dir)

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "image": tfds.features.Image(shape=(None, None, 3)),
            "filename": tfds.features.Text(),
            "label": tfds.features.ClassLabel(names=GROUP_EMOTIONS),
        }
        if self._has_faces:
            features |= {"faces": _faces_feature(), "face_count": np.int32}
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label"),
            homepage="https://sites.google.com/view/emotiw2018",
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        manual_dir = Path(dl_manager.manual_dir)
        self.check_manual_dir(manual_dir)
        splits = source.find_splits(manual_dir)
        read = partial(examples_of, manual_dir=manual_dir, faces=self._faces(manual_dir, splits))
        return {
            split: self._generate_examples(photos, read=read, split=split)
            for split, photos in splits.items()
        }

    def _faces(
        self, manual_dir: Path, splits: Mapping[str, Iterable[object]]
    ) -> DetectedFaces | PublishedFaces | None:
        if not self._has_faces:
            return None
        photos = [
            item.path
            for items in splits.values()
            for item in items
            if isinstance(item, source.Photo)
        ]
        # Beam's workers share the processors out among themselves.
        detected = DetectedFaces(threads=1 if self._with_beam else None)
        return find_published(manual_dir, photos) or detected


def _faces_feature() -> tfds.features.Sequence:
    return tfds.features.Sequence(
        {
            "box_xywh": tfds.features.Tensor(shape=(4,), dtype=np.float32),
            "score": np.float32,
            "landmarks": tfds.features.Tensor(shape=(LANDMARKS, 2), dtype=np.float32),
            "features": tfds.features.Tensor(shape=(FEATURES,), dtype=np.float32),
            **{
                preset: tfds.features.Image(shape=(*size, 3), encoding_format="png")
                for preset, size in CROP_SIZES.items()
            },
        }
    )
