"""How several workers with several devices share the batches of one process."""

import numpy as np
import pytest

from emo_tf.data.people import PeopleData
from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.data.sharing import Share
from emo_tf.errors import EmoError

PLACES = [(2, 1), (1, 2), (2, 2)]
PLACE_IDS = ["two workers", "two devices", "two workers of two devices"]
BATCHES = PeopleData(sharding="batches")
PLAIN = {"epoch": 1, "seed": 4, "augmentation": None}


def shares(workers: int, replicas: int) -> list[Share]:
    return [Share(worker, workers, replicas) for worker in range(workers)]


def joined(parts: list[list[dict]], replicas: int) -> list[dict]:
    """Puts what the devices of all workers get in each step side by side."""
    steps = range(len(parts[0]) // replicas)
    return [
        {
            name: np.concatenate(
                [part[step * replicas + i][name] for part in parts for i in range(replicas)]
            )
            for name in parts[0][0]
        }
        for step in steps
    ]


@pytest.mark.parametrize(("workers", "replicas"), PLACES, ids=PLACE_IDS)
@pytest.mark.parametrize("cache", ["none", "memory"])
def test_together_all_devices_train_on_the_batches_of_one(
    people, read, assert_same, workers, replicas, cache
):
    settings = PeopleData(cache=cache, sharding="batches")
    augmentation = PersonAugmentation() if (workers * replicas, cache) == (4, "none") else None
    options = {**PLAIN, "augmentation": augmentation, "first_step": 1}
    whole = read(people(settings=settings).training(**options))
    sources = [people(settings=settings, share=share) for share in shares(workers, replicas)]
    parts = [read(source.training(**options)) for source in sources]

    assert {source.sharding for source in sources} == {"none" if workers == 1 else "batches"}
    assert all(len(batch["vad"]) == 8 // workers // replicas for part in parts for batch in part)
    assert_same(joined(parts, replicas), whole)


@pytest.mark.parametrize(("workers", "replicas"), PLACES, ids=PLACE_IDS)
def test_together_all_devices_evaluate_the_batches_of_one(
    people, read, assert_same, workers, replicas
):
    split = "train+val"  # Two files: training would share it by files.
    whole = read(people(split).evaluation())
    parts = [read(people(split, share=s).evaluation()) for s in shares(workers, replicas)]

    assert_same(joined(parts, replicas), whole)
    assert sum(batch["weight"].sum() for part in parts for batch in part) == 32


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(28, [1, 1, 1, 1]), (23, [2, 2, 2, 1]), (19, None)],
    ids=["even rest", "odd rest", "rest below the devices"],
)
def test_the_rest_of_an_epoch_is_split_evenly_or_dropped(people, read, assert_same, limit, sizes):
    settings = PeopleData(limit=limit, sharding="batches")
    options = {**PLAIN, "drop_remainder": False}
    sources = [people(settings=settings, share=share) for share in shares(2, 2)]
    parts = [read(source.training(**options)) for source in sources]
    whole = read(people(settings=settings).training(**options))

    steps = limit // 8 + (sizes is not None)
    assert {source.steps(drop_remainder=False) for source in sources} == {steps}
    if sizes:
        assert [len(batch["vad"]) for part in parts for batch in part[-2:]] == sizes
    assert_same(joined(parts, 2), whole[:steps])


def test_with_a_file_for_each_worker_everyone_reads_their_own(people, read):
    sources = [people("test+val", batch_size=4, share=share) for share in shares(2, 1)]
    parts = [read(source.training(**PLAIN)) for source in sources]
    own = [
        {tuple(vad) for batch in read(people(split).evaluation()) for vad in batch["vad"].tolist()}
        for split in ("test", "val")
    ]

    assert {source.sharding for source in sources} == {"files"}
    assert [source.steps() for source in sources] == [len(part) for part in parts] == [3, 3]
    seen = [[tuple(vad) for batch in part for vad in batch["vad"].tolist()] for part in parts]
    assert set(seen[0]) < own[0]
    assert len(set(seen[0])) == 6
    # The four people of val are not enough: two of them come twice.
    assert set(seen[1]) == own[1]
    assert seen[1][4:] == seen[1][:2]


@pytest.mark.parametrize("cache", ["none", "memory"])
def test_an_epoch_of_own_files_can_be_taken_up_too(people, read, assert_same, cache):
    source = people("test+val", batch_size=4, share=Share(1, 2), settings=PeopleData(cache=cache))
    whole = read(source.training(**PLAIN))
    assert_same(read(source.training(**PLAIN, first_step=2)), whole[2:])


def test_workers_of_own_files_change_people_by_the_rows_that_are_theirs(people, read):
    """Two workers with the same people: they must not be changed alike."""
    sources = [people("val+val", batch_size=8, share=share) for share in shares(2, 1)]
    options = {**PLAIN, "augmentation": PersonAugmentation(flip=False)}
    first, second = [read(s.training(**options))[0] for s in sources]
    order = [np.lexsort(batch["vad"].T) for batch in (first, second)]
    np.testing.assert_array_equal(first["vad"][order[0]], second["vad"][order[1]])
    assert np.abs(first["body"][order[0]] - second["body"][order[1]]).max() > 5


@pytest.mark.parametrize(
    ("split", "workers", "wish", "sharding"),
    [
        ("train", 1, "files", "none"),
        ("train", 2, "auto", "batches"),
        ("train+val", 2, "auto", "files"),
        ("train+val", 2, "batches", "batches"),
        ("train+val", 4, "auto", "batches"),
        ("train+val", 2, "files", "files"),
    ],
)
def test_the_way_of_sharing_can_be_asked(people, split, workers, wish, sharding):
    settings = PeopleData(sharding=wish)
    assert people(split, settings=settings, share=Share(0, workers)).sharding == sharding


def test_fewer_files_than_workers_cannot_be_shared_by_files(people):
    source = people(settings=PeopleData(sharding="files"), share=Share(0, 2))
    with pytest.raises(EmoError, match=r"data.sharding: .* train has fewer files \(1\) .*\(2\)"):
        source.training(**PLAIN)


@pytest.mark.parametrize("size", [8, 9, 11, 4], ids=str)
def test_rows_are_dealt_out_in_order_and_evenly(size):
    dealt = [part for share in shares(2, 2) for part in share.rows(size)]
    assert [row for part in dealt for row in part] == list(range(size))
    lengths = [len(part) for part in dealt]
    assert lengths == sorted(lengths, reverse=True)
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    "numbers", [(2, 2, 1), (-1, 2, 1), (0, 0, 1), (0, 1, 0)], ids=lambda n: " ".join(map(str, n))
)
def test_a_share_that_cannot_be_is_an_error(numbers):
    with pytest.raises(EmoError, match=r"share: expected worker from 0 .* Received: worker="):
        Share(*numbers)
