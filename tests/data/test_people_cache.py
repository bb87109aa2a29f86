"""People who are kept, in memory and on disk."""

import json

import numpy as np
import pytest

from emo_tf.data import example_reader
from emo_tf.data.people import PeopleData
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError
from tests.full_disk import largest_file

DISK = PeopleData(cache="disk")
EPOCH = {"epoch": 0, "seed": 1, "augmentation": None}


@pytest.fixture
def decoded(monkeypatch) -> list:
    """What is decoded from here on."""
    calls = []
    decode = example_reader.ExampleReader._decoded
    monkeypatch.setattr(
        example_reader.ExampleReader, "_decoded", lambda *a: calls.append(a) or decode(*a)
    )
    return calls


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_people_are_decoded_once_for_all_epochs_and_evaluation(
    people, read, decoded, tmp_path, cache
):
    source = people(settings=PeopleData(cache=cache), cache_dir=tmp_path)
    for epoch in range(2):
        read(source.training(epoch=epoch, seed=1, augmentation=None))
    read(source.evaluation())
    assert len(decoded) == 1


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_kept_people_are_those_that_are_decoded_each_time(
    people, read, assert_same, tmp_path, cache
):
    source = people(settings=PeopleData(cache=cache), cache_dir=tmp_path)
    assert_same(read(source.evaluation()), read(people().evaluation()))


def test_both_caches_give_the_same_batches(people, read, assert_same, tmp_path):
    first, second = (
        read(people(settings=PeopleData(cache=cache), cache_dir=tmp_path).training(**EPOCH))
        for cache in ("memory", "disk")
    )
    assert_same(first, second)


def test_an_epoch_is_shuffled_as_a_whole(people, read):
    settings = PeopleData(cache="memory", shuffle_buffer=1)
    source = people(batch_size=28, settings=settings)
    (everybody,) = read(source.evaluation())
    (shuffled,) = read(source.training(epoch=0, seed=1, augmentation=None))
    assert not np.array_equal(shuffled["vad"], everybody["vad"])
    assert sorted(map(tuple, shuffled["vad"])) == sorted(map(tuple, everybody["vad"]))


def test_the_next_run_finds_what_is_on_disk(people, read, assert_same, decoded, tmp_path):
    expected = read(people(settings=DISK, cache_dir=tmp_path).training(**EPOCH))
    assert len(decoded) == 1
    (folder,) = tmp_path.iterdir()
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    found = read(people(settings=DISK, cache_dir=tmp_path).training(**EPOCH))

    assert_same(found, expected)
    assert times == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        {"split": "test"},
        {"inputs": {"body": (16, 12)}},
        {"inputs": {"scene": (20, 24), "body": (16, 12)}},
        {"settings": PeopleData(cache="disk", limit=9)},
    ],
    ids=["split", "branches", "size", "limit"],
)
def test_other_people_and_other_sizes_are_kept_apart(people, read, assert_same, tmp_path, options):
    read(people(settings=DISK, cache_dir=tmp_path).evaluation())
    options = {"settings": DISK, "cache_dir": tmp_path, **options}
    kept = read(people(**options).evaluation())
    options["settings"] = PeopleData(limit=options["settings"].limit)
    assert_same(kept, read(people(**options).evaluation()))
    assert len(list(tmp_path.iterdir())) == 2


def damage_pixels(folder):
    path = folder / "scene.npy"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def cut_off(folder):
    path = folder / "body.npy"
    path.write_bytes(path.read_bytes()[:-100])


def replace_by_a_file(folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("something else")


def change_description(**changes):
    def change(folder):
        path = folder / "description.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return change


@pytest.mark.parametrize(
    "damage",
    [
        damage_pixels,
        cut_off,
        lambda folder: (folder / "box.npy").unlink(),
        lambda folder: (folder / "vad.npy").write_bytes(b"\x93NUMPY"),
        lambda folder: (folder / "description.json").write_text("["),
        lambda folder: (folder / "description.json").write_text("[]"),
        change_description(stats=[[1, 2]]),
        change_description(pixels=0),
        change_description(crc32=None),
        replace_by_a_file,
    ],
    ids=[
        "a pixel",
        "cut off",
        "a file gone",
        "not an array",
        "no JSON",
        "other JSON",
        "other records",
        "other pixels",
        "no checksums",
        "a file in its place",
    ],
)
def test_what_is_damaged_or_foreign_is_written_anew(people, read, assert_same, tmp_path, damage):
    expected = read(people(settings=DISK, cache_dir=tmp_path).evaluation())
    (folder,) = tmp_path.iterdir()
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    damage(folder)

    assert_same(read(people(settings=DISK, cache_dir=tmp_path).evaluation()), expected)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == contents
    assert list(tmp_path.iterdir()) == [folder]


def test_a_full_disk_is_an_error_that_leaves_nothing(people, tmp_path):
    source = people(settings=DISK, cache_dir=tmp_path / "cache")
    expected = r"train: .*cache/emotic.*: expected a place for 0\.1 MB .* File too large"
    with largest_file(20_000), pytest.raises(EmoError, match=expected):
        source.evaluation()
    assert not list((tmp_path / "cache").iterdir())


def test_a_cache_that_cannot_be_a_folder_is_an_error(people, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EmoError, match="expected a place for"):
        people(settings=DISK, cache_dir=tmp_path / "cache").evaluation()


def test_a_cache_on_disk_needs_a_folder(people):
    with pytest.raises(EmoError, match=r"cache_dir: expected a folder .* Received: None"):
        people(settings=DISK)


def test_workers_of_own_files_keep_their_own_people(people, read, tmp_path):
    for worker in range(2):
        source = people(
            "test+val", batch_size=4, share=Share(worker, 2), settings=DISK, cache_dir=tmp_path
        )
        read(source.training(**EPOCH))
    kept = sorted(len(np.load(path)) for path in tmp_path.glob("*/vad.npy"))
    assert kept == [4, 8]
