"""Groups that are kept, and groups that several devices share."""

import numpy as np
import pytest

from emo_tf.data import example_reader
from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.group_inputs import GroupInputs
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.data.sharing import Share

INPUTS = {
    "pictures": GroupInputs(image_size=(12, 16), faces=3, alignment="vlgiitr", features=4),
    "faces": GroupInputs(faces=3, alignment="vlgiitr"),
}
CHANGED = GroupAugmentation(faces=PictureAugmentation(zoom=0.2))
PLACES = [(2, 1), (1, 2), (2, 2)]
PLACE_IDS = ["two workers", "two devices", "two workers of two devices"]


def joined(parts: list[list[dict]], replicas: int) -> list[dict]:
    """Puts what the devices of all workers get in each step side by side, faces without filling."""
    steps = []
    for step in range(len(parts[0]) // replicas):
        own = [part[step * replicas + i] for part in parts for i in range(replicas)]
        steps.append({name: np.concatenate([real(b)[name] for b in own]) for name in own[0]})
    return steps


def real(batch: dict) -> dict:
    """Returns a batch without the black face of one that has none."""
    if "face_mask" not in batch:
        return batch
    return {**batch, "faces": batch["faces"][: int(batch["face_mask"].sum())]}


@pytest.mark.parametrize("unit", ["pictures", "faces"])
@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_what_is_kept_is_what_is_decoded_each_time(
    pictures, read, assert_same, tmp_path, cache, unit
):
    options = {"inputs": INPUTS[unit], "unit": unit}
    kept = pictures(cache=cache, cache_dir=tmp_path, **options)
    assert_same(read(kept.evaluation()), read(pictures(**options).evaluation()))


@pytest.mark.parametrize("unit", ["pictures", "faces"])
def test_both_caches_give_the_same_batches_and_the_next_run_finds_them(
    pictures, read, assert_same, tmp_path, monkeypatch, unit
):
    def epoch(cache: str) -> list[dict]:
        source = pictures(cache=cache, cache_dir=tmp_path, inputs=INPUTS[unit], unit=unit)
        return read(source.training(epoch=0, seed=1, augmentation=CHANGED))

    first = epoch("memory")
    assert_same(epoch("disk"), first)

    monkeypatch.setattr(example_reader, "keep_in_memory", None)
    monkeypatch.setattr("emo_tf.data.example_cache._write", None)  # Nothing is written anew.
    assert_same(epoch("disk"), first)


def test_no_more_faces_are_kept_than_there_are(pictures, read, tmp_path):
    split = pictures(cache="disk", cache_dir=tmp_path, inputs=INPUTS["pictures"])
    read(split.evaluation())
    (path,) = tmp_path.glob("*/faces.npy")
    assert len(np.load(path)) == np.minimum(split.face_counts(), 3).sum() < 3 * split.count


def test_pictures_and_single_faces_are_kept_apart(pictures, read, tmp_path):
    for unit in ("pictures", "faces"):
        read(
            pictures(
                cache="disk", cache_dir=tmp_path, inputs=INPUTS["faces"], unit=unit
            ).evaluation()
        )
    assert len(list(tmp_path.iterdir())) == 2


def test_pictures_of_which_none_has_a_face_can_be_kept(pictures, read, tmp_path):
    # Of six pictures in the order of the files 4 and 5 have none.
    split = "train[4:6]"
    kept = pictures(split, limit=None, cache="disk", cache_dir=tmp_path)
    (batch,) = read(kept.evaluation())
    assert kept.count == 2
    assert not batch["face_mask"].any()


@pytest.mark.parametrize(("workers", "replicas"), PLACES, ids=PLACE_IDS)
@pytest.mark.parametrize("unit", ["pictures", "faces"])
def test_together_all_devices_get_the_batches_of_one(
    pictures, read, assert_same, workers, replicas, unit
):
    cache = "memory" if replicas == 2 else "none"
    options = {"inputs": INPUTS[unit], "unit": unit, "sharding": "batches", "cache": cache}
    one = pictures(**options)
    shares = [Share(worker, workers, replicas) for worker in range(workers)]
    several = [pictures(share=share, **options) for share in shares]
    for ask in (
        lambda source: source.training(epoch=1, seed=4, augmentation=CHANGED),
        lambda source: source.evaluation(),
    ):
        whole = [real(batch) for batch in read(ask(one))]
        assert_same(joined([read(ask(source)) for source in several], replicas), whole)


def test_with_a_file_for_each_worker_everyone_reads_their_own(pictures, read):
    split, unit = "train+val", "faces"
    sources = [
        pictures(split, limit=None, unit=unit, inputs=INPUTS[unit], share=Share(worker, 2))
        for worker in range(2)
    ]
    parts = [
        read(source.training(epoch=0, seed=1, augmentation=None).take(3)) for source in sources
    ]
    assert {source.sharding for source in sources} == {"files"}
    assert [len(batch["label"]) for part in parts for batch in part] == [2] * 6
    seen = [{face.tobytes() for batch in part for face in batch["faces"]} for part in parts]
    assert not seen[0] & seen[1]
