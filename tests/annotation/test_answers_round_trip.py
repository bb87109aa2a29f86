import numpy as np
import pytest
import tensorflow_datasets as tfds

from emo_tf.annotation.answer import Answer, Skip
from emo_tf.annotation.emotic_export import export_emotic
from emo_tf.corpora.testing import encoded, turned_jpeg
from emo_tf.data import builders
from emo_tf.labels import EMOTIC_AGES, EMOTIC_CATEGORIES, EMOTIC_GENDERS
from tests.annotation.albums import open_store
from tests.annotation.answered import ANNOTATORS, add_person

BOXES = [(3, 4, 20, 30), (30, 10, 10, 33)]


def drawn_answers(rng: np.random.Generator) -> list[Answer]:
    """Draws what each annotator says of a person; they see the same gender and age."""
    gender, age = (str(rng.choice(("", *every))) for every in (EMOTIC_GENDERS, EMOTIC_AGES))
    answers = []
    for _ in ANNOTATORS:
        chosen = rng.random(len(EMOTIC_CATEGORIES)) < 0.1
        names = tuple(np.array(EMOTIC_CATEGORIES)[chosen].tolist())
        vad = tuple(rng.integers(1, 11, size=3).tolist())
        answers.append(Answer(names, vad, gender=gender, age=age, none_applies=not names))
    return answers


@pytest.mark.slow
def test_the_builder_makes_examples_of_what_was_annotated(tmp_path, run_cli):
    rng = np.random.default_rng(0)
    album = tmp_path / "album"
    album.mkdir()
    for number in range(10):  # The lower the quality, the more different the bytes.
        (album / f"{number}.jpg").write_bytes(encoded(quality=50 + number))
    (album / "turned.jpg").write_bytes(turned_jpeg(8))
    annotated = {}
    with open_store(tmp_path / "answers.db", album) as store:
        for entry in store.pictures():
            for index, box in enumerate(BOXES):
                answers = drawn_answers(rng)
                add_person(store, entry.path, *answers, box_xywh=box)
                annotated[entry.path, index] = (box, answers)
            add_person(store, entry.path, Skip("out of focus"))
        summary = export_emotic(store, album, tmp_path / "raw", shares=(1, 0, 1))

    data = tmp_path / "data"
    done = run_cli("data", "build", "emotic", "--manual-dir", tmp_path / "raw", "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert "Left out" not in done.stdout

    dataset = builders.prepared("emotic", data_dir=data)
    genders, ages = dataset.info.features["gender"], dataset.info.features["age"]
    assert sorted(dataset.info.splits) == ["test", "train"]
    for split in ("train", "test"):
        examples = list(tfds.as_numpy(builders.read(dataset, split=split)))
        assert len(examples) == summary.people[split] > 2
        for example in examples:
            name = example["filename"].decode()
            box, answers = annotated.pop((name, int(example["person"])))
            assert example["folder"] == b"annotated/images"
            assert example["image"].shape == ((64, 48, 3) if name == "turned.jpg" else (48, 64, 3))
            assert tuple(example["box_xywh"]) == box
            chosen = {category for answer in answers for category in answer.categories}
            names = [EMOTIC_CATEGORIES[code] for code in example["categories"]]
            assert names == sorted(chosen)
            vad = np.array([answer.vad for answer in answers])
            np.testing.assert_allclose(example["vad"], vad.mean(axis=0), rtol=1e-6)
            said = vad.mean(axis=0, keepdims=True) if split == "train" else vad
            np.testing.assert_allclose(example["annotators"]["vad"], said, rtol=1e-6)
            assert genders.int2str(example["gender"]) == (answers[0].gender or "unknown")
            assert ages.int2str(example["age"]) == (answers[0].age or "unknown")
    assert not annotated
