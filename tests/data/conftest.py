"""Twins of EMOTIC and of groups, prepared once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders, miniature
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.group_pictures import GroupData, GroupPictures
from emo_tf.data.people import People
from tests.data.group_data import edited, without_faces


@pytest.fixture(scope="session")
def emotic_raw(tmp_path_factory) -> Path:
    """The raw files of 40 people: 28 in train, 4 in val, 8 in test."""
    return miniature.write("emotic", tmp_path_factory.mktemp("twin") / "emotic", size=40)


@pytest.fixture(scope="session")
def emotic(emotic_raw, tmp_path_factory):
    """Their prepared data set, one file a split."""
    data_dir = tmp_path_factory.mktemp("data")
    return builders.prepare("emotic", manual_dir=emotic_raw, data_dir=data_dir)


@pytest.fixture
def people(emotic) -> Callable[..., People]:
    """Makes `People` of small pictures; `people("train", batch_size=4)`."""

    def make(split: str = "train", *, dataset=emotic, **options) -> People:
        defaults = {"inputs": {"scene": (24, 20), "body": (16, 12)}, "batch_size": 8}
        return People(dataset, split, **{**defaults, **options})

    return make


EMPTY = (1, 4, 5, 6)
"""Pictures of train in which there is no face."""


@pytest.fixture(scope="session")
def groups(group_twin, tmp_path_factory):
    """The prepared twin of groups; some pictures of train are without a face."""

    def edit(place, example):
        if place in EMPTY:
            without_faces(example)

    return edited(group_twin, tmp_path_factory.mktemp("groups"), edit)


@pytest.fixture
def pictures(groups) -> Callable[..., GroupPictures]:
    """Makes `GroupPictures` of the first ten pictures; `pictures("train", batch_size=4)`."""

    def make(split: str = "train", *, dataset=groups, limit=10, cache="none", **options):
        settings = GroupData(limit=limit, cache=cache, sharding=options.pop("sharding", "auto"))
        inputs = GroupInputs(image_size=(24, 20), faces=3, alignment="sphereface")
        defaults = {"inputs": inputs, "batch_size": 4, "settings": settings}
        return GroupPictures(dataset, split, **{**defaults, **options})

    return make


@pytest.fixture(scope="session")
def read() -> Callable[[tf.data.Dataset], list[dict[str, np.ndarray]]]:
    """Reads a whole data set."""
    return lambda dataset: list(dataset.as_numpy_iterator())


@pytest.fixture(scope="session")
def assert_same() -> Callable[[list, list], None]:
    """Compares what `read` returned, number by number."""

    def compare(found: list[dict], expected: list[dict]) -> None:
        for batch, other in zip(found, expected, strict=True):
            assert batch.keys() == other.keys()
            for name, values in batch.items():
                np.testing.assert_array_equal(values, other[name], err_msg=name)

    return compare
