"""What cannot be read, and what is said of it."""

import shutil

import pytest
import tensorflow as tf

from emo_tf.data import builders
from emo_tf.data.people import PeopleData
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError

ONE_EPOCH = {"epoch": 0, "seed": 1, "augmentation": None}


@pytest.fixture
def damaged(emotic, tmp_path):
    """A copy of the data set, its records of train, and a function that writes them."""
    folder = tmp_path / "emotic" / "1.0.0"
    shutil.copytree(emotic.data_path, folder)
    (path,) = folder.glob("*train*")

    def write(records: list[bytes]) -> None:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for record in records:
                writer.write(record)

    records = list(tf.data.TFRecordDataset(str(path)).as_numpy_iterator())
    return builders.builder("emotic", data_dir=tmp_path), path, records, write


@pytest.mark.parametrize(
    "picture",
    [b"no picture", b"\xff\xd8\xff\xe0 cut", b""],
    ids=["other bytes", "damaged JPEG", "empty"],
)
@pytest.mark.parametrize("inputs", [{"scene": (8, 8)}, {"body": (8, 8)}], ids=["scene", "body"])
def test_a_picture_that_cannot_be_decoded_is_named(people, read, damaged, inputs, picture):
    dataset, path, records, write = damaged
    example = tf.train.Example.FromString(records[7])
    example.features.feature["image"].bytes_list.value[:] = [picture]
    write([*records[:7], example.SerializeToString(), *records[8:]])
    name = example.features.feature["filename"].bytes_list.value[0].decode()
    source = people(dataset=dataset, inputs=inputs)

    expected = rf"^train: .*{path.name}: \w+(/\w+)*/{name}: expected a picture and .*Received: \w"
    for batches in (source.training(**ONE_EPOCH), source.evaluation()):
        with pytest.raises(EmoError, match=expected), source.errors_named():
            read(batches)


def test_what_is_kept_names_a_bad_picture_by_itself(people, damaged):
    dataset, path, records, write = damaged
    write([records[0], b"no record", *records[2:]])
    source = people(dataset=dataset, settings=PeopleData(cache="memory"))

    expected = rf"train: .*{path.name}: record 2: expected one .*Received: Could not parse"
    with pytest.raises(EmoError, match=expected):
        source.evaluation()


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_fewer_records_than_the_data_set_says_are_an_error(people, damaged, tmp_path, cache):
    dataset, _, records, write = damaged
    write(records[:-1])
    settings = PeopleData(cache=cache)
    with pytest.raises(EmoError, match=r"train: expected 28 people .* Received: 27"):
        people(dataset=dataset, settings=settings, cache_dir=tmp_path / "cache").evaluation()


@pytest.mark.parametrize("how", ["cut off", "gone"])
def test_a_damaged_file_is_named(people, read, damaged, how):
    dataset, path, _, _ = damaged
    source = people(dataset=dataset)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])

    expected = rf"train: .*{path.name}: record \d+: expected one of the data set\. Received: ."
    with pytest.raises(EmoError, match=expected), source.errors_named():
        read(source.evaluation())


def test_an_error_that_is_not_of_the_files_stays_as_it_is(people):
    with pytest.raises(tf.errors.InvalidArgumentError, match="of a model"), people().errors_named():
        raise tf.errors.InvalidArgumentError(None, None, "of a model")


def test_a_split_without_a_whole_batch_is_an_error(people):
    source = people("test", batch_size=26)
    for ask in (source.steps, lambda: source.training(**ONE_EPOCH)):
        with pytest.raises(
            EmoError, match=r"^test: expected at least one batch of 26 people\. R.* 8"
        ):
            ask()
    assert source.steps(drop_remainder=False) == 1


def test_a_split_with_nobody_in_it_is_an_error(people):
    with pytest.raises(EmoError, match=r"train\[:0\]: expected something in it. Received: nothing"):
        people("train[:0]")


def test_an_unknown_split_is_an_error_with_close_matches(people):
    with pytest.raises(EmoError, match="Unknown split of emotic: did you mean train"):
        people("trains")


def test_a_data_set_in_another_format_is_an_error(people, emotic_raw, tmp_path):
    dataset = builders.prepare(
        "emotic",
        manual_dir=emotic_raw,
        data_dir=tmp_path,
        file_format="array_record",
        max_examples_per_split=1,
    )
    with pytest.raises(EmoError, match=r"expected a data set in tfrecord\. Received: array_record"):
        people(dataset=dataset)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": {"scenes": (8, 8)}}, "Unknown input: did you mean scene"),
        ({"inputs": {}}, "Unknown input: expected one of body, scene"),
        ({"batch_size": 0}, "batch_size: expected a multiple of 1"),
        ({"batch_size": 26, "share": Share(workers=2, replicas=2)}, "batch_size: .* of 4, .* 26"),
    ],
    ids=["unknown input", "no input", "no batch", "uneven batch"],
)
def test_arguments_that_cannot_be_are_errors(people, options, message):
    with pytest.raises(EmoError, match=message):
        people(**options)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cache": "memroy"}, "Unknown data.cache: did you mean memory"),
        ({"sharding": "file"}, "Unknown data.sharding: did you mean files"),
        ({"limit": 0}, r"data.limit: expected at least 1\. Received: 0"),
        ({"shuffle_buffer": 0}, "data.shuffle_buffer: expected at least 1"),
        ({"parallel_files": -1}, "data.parallel_files: expected at least 1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_settings_that_cannot_be_are_errors(settings, message):
    with pytest.raises(EmoError, match=message):
        PeopleData(**settings)


@pytest.mark.parametrize("step", [-1, 4])
def test_a_step_past_the_epoch_is_an_error(people, step):
    with pytest.raises(EmoError, match=rf"first_step: expected 0 to 3\. Received: {step}"):
        people().training(**ONE_EPOCH, first_step=step)
