"""Who comes when, from one process without a cache."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data import builders, example_reader, step_batches
from emo_tf.data.emotic import ATTRIBUTES, person_inputs
from emo_tf.data.people import PeopleData
from emo_tf.data.person_augment import PersonAugmentation
from emo_tf.labels import EMOTIC_CATEGORIES

EVERYTHING = PersonAugmentation(zoom=0.1, shift=0.1)
ONE_EPOCH = {"epoch": 0, "seed": 1, "augmentation": None}


def persons(batches: list[dict]) -> list[tuple]:
    """Returns what tells people apart."""
    return [
        (*box, *vad)
        for batch in batches
        for box, vad in zip(batch["box"].tolist(), batch["vad"].tolist(), strict=True)
    ]


@pytest.fixture(scope="module")
def raw(emotic_raw):
    """What the raw files say of everybody in test: pixels and box, by labels."""
    people = builders.module("emotic", "people").read_people(emotic_raw, "test")
    return {
        (kept.person.vad, kept.person.categories): (kept.picture.pixels, kept.box_in_picture)
        for kept in people
    }


def test_labels_are_those_of_evaluation_and_in_its_order(people, read):
    split = people("test")
    batches = read(split.evaluation())
    labels = split.labels()
    for name in ("categories", "vad"):
        rows = np.concatenate([batch[name][batch["weight"] > 0] for batch in batches])
        assert labels[name].dtype == np.float32
        np.testing.assert_array_equal(labels[name], rows)


def test_attributes_are_names_in_the_order_of_evaluation(people, read, emotic_raw):
    split = people("test")
    assert split.count == 8
    boxes = np.concatenate([batch["box"] for batch in read(split.evaluation())])[: split.count]
    known = split.attributes(ATTRIBUTES)
    assert set(known) == {"gender", "age"}
    annotated = {
        tuple(np.float32(_shares(kept)).tolist()): (kept.person.gender, kept.person.age)
        for kept in builders.module("emotic", "people").read_people(emotic_raw, "test")
    }
    found = zip(known["gender"].tolist(), known["age"].tolist(), strict=True)
    assert list(found) == [annotated[tuple(box)] for box in boxes.tolist()]
    assert len(set(annotated.values())) > 1


def _shares(kept) -> list[float]:
    """Returns a person's box as shares of the picture."""
    (x1, y1, x2, y2), (height, width) = kept.box_in_picture, kept.picture.pixels.shape[:2]
    return [x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height]


def test_a_limit_holds_for_labels_and_attributes_too(people):
    few = people("test", settings=PeopleData(limit=3))
    everybody = people("test").attributes(ATTRIBUTES) | people("test").labels()
    for name, values in (few.attributes(ATTRIBUTES) | few.labels()).items():
        np.testing.assert_array_equal(values, everybody[name][:3])


def test_people_come_with_scene_body_and_labels(people, read, raw):
    (batch,) = read(people("test").evaluation())

    assert len(raw) == 8
    for person in (dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)):
        names = tuple(np.array(EMOTIC_CATEGORIES)[person["categories"] == 1])
        (pixels, (x1, y1, x2, y2)) = next(
            found
            for (vad, categories), found in raw.items()
            if categories == names and np.allclose(vad, person["vad"])
        )
        height, width = pixels.shape[:2]
        edges = np.array([x1 / width, y1 / height, x2 / width, y2 / height])
        np.testing.assert_allclose(person["box"], [*edges[:2], *edges[2:] - edges[:2]], rtol=1e-6)
        for name, region, size in (
            ("scene", pixels, (20, 24)),
            ("body", pixels[y1:y2, x1:x2], (12, 16)),
        ):
            expected = np.rint(cv2.resize(region.astype(np.float32), size))
            np.testing.assert_allclose(person[name], expected, atol=1)  # a half goes either way
            np.testing.assert_array_equal(person[name], np.rint(person[name]))
        alone = person_inputs(
            pixels, (x1, y1, x2 - x1, y2 - y1), scene_size=(24, 20), body_size=(16, 12)
        )
        for name, value in alone.items():
            np.testing.assert_array_equal(value, person[name])


@pytest.mark.parametrize("input_name", ["scene", "body"])
def test_one_picture_alone_is_the_same_as_beside_the_other(people, read, input_name):
    both = read(people().evaluation())
    sizes = {"scene": (24, 20), "body": (16, 12)}
    alone = read(people(inputs={input_name: sizes[input_name]}).evaluation())

    for batch, other in zip(alone, both, strict=True):
        assert set(batch) == {input_name, "box", "categories", "vad", "weight"}
        for name, value in batch.items():
            np.testing.assert_array_equal(value, other[name])


def test_training_shows_the_pixels_and_labels_of_evaluation(people, read):
    trained, evaluated = (
        {
            key: (scene, body, categories)
            for batch in batches
            for key, scene, body, categories in zip(
                persons([batch]), batch["scene"], batch["body"], batch["categories"], strict=True
            )
        }
        for batches in (
            read(people(batch_size=4).training(**ONE_EPOCH)),
            read(people(batch_size=4).evaluation()),
        )
    )
    assert trained.keys() == evaluated.keys()
    for key, values in trained.items():
        for value, other in zip(values, evaluated[key], strict=True):
            np.testing.assert_array_equal(value, other)


def test_shapes_and_types_are_known_beforehand(people):
    spec = people().training(epoch=0, seed=0, augmentation=EVERYTHING).element_spec
    shapes = {"scene": (8, 24, 20, 3), "body": (8, 16, 12, 3), "box": (8, 4)}
    shapes |= {"categories": (8, 26), "vad": (8, 3)}
    assert {name: (tuple(part.shape), part.dtype) for name, part in spec.items()} == {
        name: (shape, tf.float32) for name, shape in shapes.items()
    }
    assert people().evaluation().element_spec["weight"] == tf.TensorSpec(8)


def test_how_many_batches_there_are_is_known_beforehand(people):
    assert people().evaluation().cardinality() == 4
    assert people().training(**ONE_EPOCH).cardinality() == 3
    assert people().training(**ONE_EPOCH, first_step=2).cardinality() == 1


def test_an_epoch_visits_everybody_once_and_drops_the_odd_rest(people, read):
    whole = persons(read(people().training(**ONE_EPOCH, drop_remainder=False)))
    dropped = persons(read(people().training(**ONE_EPOCH)))
    everybody = persons(read(people(batch_size=4).evaluation()))

    assert people().count == len(set(everybody)) == 28
    assert sorted(whole) == sorted(everybody)
    assert dropped == whole[:24]
    assert (people().steps(), people().steps(drop_remainder=False)) == (3, 4)


def test_each_epoch_and_each_seed_has_an_order_of_its_own(people, read):
    orders = {
        tuple(persons(read(people(batch_size=4).training(epoch=e, seed=s, augmentation=None))))
        for e in (0, 1)
        for s in (1, 2)
    }
    assert len(orders) == 4


def test_a_small_buffer_still_visits_everybody(people, read):
    small = people(batch_size=4, settings=PeopleData(shuffle_buffer=5))
    everybody = persons(read(small.evaluation()))
    visited = persons(read(small.training(**ONE_EPOCH)))
    assert visited != everybody
    assert sorted(visited) == sorted(everybody)


def test_files_come_in_an_order_of_the_epoch(people, read):
    one_by_one = people(
        "train+val+test", batch_size=4, settings=PeopleData(shuffle_buffer=1, parallel_files=1)
    )
    orders = [
        persons(read(one_by_one.training(epoch=epoch, seed=1, augmentation=None)))
        for epoch in range(8)
    ]
    assert len(set(map(tuple, orders))) > 1
    assert len({tuple(sorted(order)) for order in orders}) == 1


@pytest.mark.parametrize(("cache", "drop_remainder"), [("none", False), ("memory", True)])
def test_an_epoch_can_be_taken_up_at_any_step(people, read, assert_same, cache, drop_remainder):
    source = people(settings=PeopleData(cache=cache))
    augmentation = EVERYTHING if cache == "none" else None
    options = {"epoch": 2, "seed": 3, "augmentation": augmentation}
    options["drop_remainder"] = drop_remainder
    whole = read(source.training(**options))
    for step in (1, len(whole) - 1, len(whole)):
        assert_same(read(source.training(first_step=step, **options)), whole[step:])


@pytest.mark.parametrize("cache", ["none", "memory"])
def test_neither_processors_nor_the_global_seed_matter(
    people, read, assert_same, monkeypatch, cache
):
    source = people("train+val+test", settings=PeopleData(cache=cache))

    augmentation = EVERYTHING if cache == "none" else None

    def batches(count: int) -> list[dict]:
        for module in (example_reader, step_batches):
            monkeypatch.setattr(module, "processors", lambda: count)
        tf.random.set_seed(count)
        return read(source.training(epoch=1, seed=5, augmentation=augmentation))

    assert_same(batches(1), batches(7))


def test_evaluation_fills_its_last_batch_with_people_of_no_weight(people, read):
    batches = read(people("train", batch_size=16).evaluation())
    weights = np.concatenate([batch["weight"] for batch in batches])
    keys = persons(batches)

    assert [len(batch["vad"]) for batch in batches] == [16, 16]
    np.testing.assert_array_equal(weights, [1] * 28 + [0] * 4)
    assert len(set(keys[:28])) == 28
    assert set(keys[28:]) < set(keys)


def test_a_batch_larger_than_the_split_is_filled_for_evaluation(people, read):
    (batch,) = read(people("val", batch_size=10).evaluation())
    assert batch["weight"].tolist() == [1] * 4 + [0] * 6


@pytest.mark.parametrize("limit", [1, 5, 30], ids=str)
def test_a_limit_takes_the_first_people(people, read, limit):
    split = "train+test"
    everybody = persons(read(people(split, batch_size=1).evaluation()))
    few = people(split, batch_size=1, settings=PeopleData(limit=limit))

    assert few.count == limit
    assert persons(read(few.evaluation())) == everybody[:limit]
    assert sorted(persons(read(few.training(**ONE_EPOCH)))) == sorted(everybody[:limit])


def test_no_thread_that_tunes_holds_up_the_end(people):
    for dataset in (people().evaluation(), people().training(**ONE_EPOCH)):
        assert dataset.options().autotune.enabled is False
