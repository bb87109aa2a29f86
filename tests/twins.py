"""Twins of the data sets, built for tests."""

import dataclasses
from pathlib import Path

import numpy as np

from emo_tf.data import builders, miniature
from emo_tf.data.photographs import Photographs
from emo_tf.results import Face

EMOTIC_PEOPLE = 30
GROUP_PICTURES = 40
VIDEO_CLIPS = 20


def build_twin(folder: Path, *, people: int = EMOTIC_PEOPLE) -> Path:
    """Builds a twin of EMOTIC in `folder / "data"`, a folder of prepared data sets; returns that.

    The raw files lie in `folder / "raw"`.
    """
    raw = miniature.write("emotic", folder / "raw", size=people)
    builders.prepare("emotic", manual_dir=raw, data_dir=folder / "data")
    return folder / "data"


def build_group_twin(folder: Path, *, pictures: int = GROUP_PICTURES) -> Path:
    """Builds a twin of the Group Affect Database, with its faces, as `build_twin` does EMOTIC's."""
    raw = miniature.write("group_affect", folder / "raw", size=pictures)
    with builders.without_headlines():
        builders.prepare("group_affect/faces", manual_dir=raw, data_dir=folder / "data")
    return folder / "data"


def build_video_twin(folder: Path, *, clips: int = VIDEO_CLIPS) -> Path:
    """Builds a twin of Friends, clips of 8 frames, and small ones of the data sets of stills.

    As `build_twin` does; the raw files lie in `folder / "raw" / <data set>`.
    """
    sizes = {"vtt_friends/clips8": clips, "affectnet": 40, "raf_db/basic": 40, "fer2013": 140}
    for name, size in sizes.items():
        raw = folder / "raw" / name.split("/")[0]
        miniature.write(raw.name, raw, size=size)
        with builders.without_headlines():
            builders.prepare(name, manual_dir=raw, data_dir=folder / "data")
    return folder / "data"


def small_video_experiment(name: str):
    """Returns an experiment on videos, shrunk, on the clips that `build_video_twin` builds."""
    from emo_tf import configs

    experiment = configs.load(name, smoke=True)
    if experiment.dataset.startswith("vtt_friends"):
        return dataclasses.replace(experiment, dataset="vtt_friends/clips8")
    return experiment


def video_datasets(experiment, data_dir: Path) -> dict:
    """Returns the prepared data sets of an experiment on videos, by name."""
    return {name: builders.prepared(name, data_dir=data_dir) for name in experiment.datasets}


def made_up_photographs() -> Photographs:
    """Returns two photographs of noise of each expression, with a face in the middle of each."""
    landmarks = ((24, 26), (40, 26), (32, 34), (26, 42), (38, 42))
    face = Face((16, 12, 32, 40), 0.99, landmarks)
    pictures = np.random.default_rng(0).integers(0, 256, (14, 64, 64, 3), np.uint8)
    return Photographs(
        images=tuple(pictures),
        labels=np.arange(14, dtype=np.int32) % 7,
        faces=(face,) * 14,
        ids=tuple(map(str, range(14))),
    )
