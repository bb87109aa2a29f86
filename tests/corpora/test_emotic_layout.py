import pytest

from emo_tf.corpora.emotic_layout import (
    SPLITS,
    Annotation,
    LabelledPerson,
    LabelledPicture,
    write_annotations,
)
from emo_tf.data import builders

FIRST = Annotation(("Anger", "Fear"), (1, 2, 3))
SECOND = Annotation((), (2, 3, 6))
COMBINED = Annotation(("Anger", "Fear"), (1.5, 2.5, 4.5))
PERSON = LabelledPerson(
    box=(1, 2.5, 30, 40),
    annotations=(FIRST, SECOND),
    combined=COMBINED,
    gender="Female",
    age="",
)
PICTURE = LabelledPicture("annotated/images/été 😀", "a  b.jpg ", size=(64, 48), people=(PERSON,))


def written(path, **splits):
    everything = dict.fromkeys(SPLITS, ()) | splits
    write_annotations(path, everything, info="drawn")
    return builders.module("emotic", "annotations").read_annotations(path)


@pytest.mark.parametrize("split", ["val", "test"])
def test_every_annotator_and_the_combined_labels_are_read_back(tmp_path, split):
    found = written(tmp_path / "Annotations" / "Annotations.mat", **{split: [PICTURE]})

    (image,) = found.pop(split)
    (person,) = image.people
    assert (image.folder, image.filename) == (PICTURE.folder, PICTURE.filename)
    assert image.size == PICTURE.size
    assert person.body_box == PERSON.box
    assert (person.categories, person.vad) == (COMBINED.categories, COMBINED.vad)
    assert [(one.categories, one.vad) for one in person.annotators] == [
        (FIRST.categories, FIRST.vad),
        (SECOND.categories, SECOND.vad),
    ]
    assert (person.gender, person.age) == ("Female", "")
    assert not any(found.values())


def test_train_has_the_combined_labels_as_its_one_annotator(tmp_path):
    (image,) = written(tmp_path / "Annotations.mat", train=[PICTURE])["train"]

    (person,) = image.people
    (annotator,) = person.annotators
    assert (person.categories, person.vad) == (COMBINED.categories, COMBINED.vad)
    assert (annotator.categories, annotator.vad) == (COMBINED.categories, COMBINED.vad)


def test_the_same_labels_are_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        written(tmp_path / name, val=[PICTURE])

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes().startswith(b"MATLAB 5.0 MAT-file, drawn ")
