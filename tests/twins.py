"""Twins of the data sets, built for tests."""

from pathlib import Path

from emo_tf.data import builders, miniature

EMOTIC_PEOPLE = 30
GROUP_PICTURES = 40


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
