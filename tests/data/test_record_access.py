"""Records at any places of the files of a data set."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.clip_inputs import ClipInputs
from emo_tf.data.clips import Clips
from emo_tf.data.record_access import RecordAccess
from emo_tf.data.records import read_records, record_files
from emo_tf.errors import EmoError

STILL = ClipInputs(frames=1, size=(8, 8))
LOTS = np.zeros((1, 4))


@pytest.fixture
def copied(video_twin, tmp_path) -> Path:
    """A copy of the prepared twin of AffectNet."""
    shutil.copytree(video_twin / "affectnet", tmp_path / "affectnet")
    return tmp_path


def file_of(data_dir: Path) -> Path:
    (path,) = data_dir.glob("affectnet/*/*-train.tfrecord*")
    return path


def clips(data_dir: Path) -> Clips:
    dataset = builders.prepared("affectnet", data_dir=data_dir)
    return Clips(dataset, "train", inputs=STILL, batch_size=1)


@pytest.mark.parametrize("split", ["train", "train[3:9]", "train[5:]+validation"])
def test_records_at_places_are_those_of_the_files_in_their_order(video_twin, split):
    dataset = builders.prepared("affectnet", data_dir=video_twin)
    files = record_files(dataset, split)
    expected = list(read_records(files).as_numpy_iterator())
    places = np.array([len(expected) - 1, 0, 2, 0])

    access = RecordAccess(files)
    assert len(access) == len(expected)
    found = list(access.read(places).as_numpy_iterator())
    assert found == [expected[place] for place in places]


def test_a_file_that_ends_early_is_named(copied):
    path = file_of(copied)
    content = path.read_bytes()
    split = clips(copied)
    path.write_bytes(content[: len(content) - 30])

    with pytest.raises(EmoError, match=r"train: .*tfrecord.*: record \d+: expected one of the"):
        split.chosen(np.array([0]), LOTS)
    with pytest.raises(EmoError, match=r"record \d+: .* Received: a file that ends within it"):
        RecordAccess(record_files(builders.prepared("affectnet", data_dir=copied), "train"))


def test_a_picture_that_cannot_be_decoded_is_named(copied):
    path = file_of(copied)
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            example = tf.train.Example.FromString(record)
            example.features.feature["image"].bytes_list.value[:] = [b"no picture"]
            writer.write(example.SerializeToString())
    split = clips(copied)
    message = "expected pictures of a face. Received: Unknown image file format"

    with pytest.raises(EmoError, match=message), split.errors_named():
        list(split.chosen(np.array([0]), LOTS))
    with pytest.raises(EmoError, match=message), split.errors_named():
        list(split.evaluation())


def test_a_clip_that_cannot_be_decoded_is_named_by_episode_record_and_character(
    video_twin, tmp_path
):
    shutil.copytree(video_twin / "vtt_friends", tmp_path / "vtt_friends")
    (path,) = tmp_path.glob("vtt_friends/clips8/*/*-validation.tfrecord*")
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            example = tf.train.Example.FromString(record)
            example.features.feature["frames"].bytes_list.value[3] = b"no picture"
            writer.write(example.SerializeToString())
    dataset = builders.prepared("vtt_friends/clips8", data_dir=tmp_path)
    split = Clips(dataset, "validation", inputs=ClipInputs(frames=8, size=(8, 8)), batch_size=2)

    with pytest.raises(EmoError, match=r": (9|10)/\d+/\d: expected pict"), split.errors_named():
        list(split.evaluation())
