"""Finding EMOTIC unpacked, in archives and in a mixture of both."""

import dataclasses
import pickle
import shutil
import zipfile

import pytest

from emo_tf.errors import EmoError

from .hard_copies import combined_person, encoded, pack, row, train_person, write_emotic
from .source import DATABASES, Source


@pytest.fixture
def unpacked(tmp_path):
    rows = [
        row("a.jpg", train_person()),
        row("été 写真.jpg", train_person(), folder="emodb_small/images"),
    ]
    return write_emotic(tmp_path / "manual dir é", train=rows)


def contents(manual_dir):
    """Returns the annotations and the bytes of every image."""
    Source(manual_dir).check()
    files = Source(manual_dir)
    splits = files.annotations()
    return splits, [files.read_image(image) for images in splits.values() for image in images]


def moved(folder, *, into):
    """Moves what a folder holds into a folder inside it."""
    (folder / into).mkdir(parents=True)
    for path in list(folder.iterdir()):
        if path.name != into.split("/")[0]:
            path.rename(folder / into / path.name)


def two_archives(folder):
    pack(folder, folder / "emotic.zip", at="emotic")
    pack(folder, folder / "Annotations.zip", at="Annotations")


def archive_without_the_upper_folder(folder):
    pack(folder / "emotic", folder.parent / "emotic.zip")
    (folder.parent / "emotic.zip").rename(folder / "emotic.zip")


def all_in_one_archive(folder, above=None):
    if above:
        moved(folder, into=above)
    archive = pack(folder, folder.parent / "all.zip")
    folder.mkdir()
    archive.rename(folder / "emotic.zip")


def one_database_in_the_archive(folder):
    with zipfile.ZipFile(folder / "emotic.zip", "w") as archive:
        for path in (folder / "emotic" / "mscoco").rglob("*.jpg"):
            archive.write(path, path.relative_to(folder))
    shutil.rmtree(folder / "emotic" / "mscoco")


def labels_beside_the_images(folder):
    (folder / "Annotations" / "Annotations.mat").rename(folder / "Annotations.mat")
    (folder / "Annotations").rmdir()


def labels_deep_in_an_archive(folder):
    labels_beside_the_images(folder)
    with zipfile.ZipFile(folder / "Annotations.zip", "w") as archive:
        archive.write(folder / "Annotations.mat", "download/EMOTIC/labels/Annotations.mat")
    (folder / "Annotations.mat").unlink()


@pytest.mark.parametrize(
    "change",
    [
        two_archives,
        archive_without_the_upper_folder,
        all_in_one_archive,
        lambda folder: all_in_one_archive(folder, above="emotic19"),
        one_database_in_the_archive,
        labels_beside_the_images,
        labels_deep_in_an_archive,
    ],
    ids=[
        *("two archives", "databases at the archive's top", "one archive"),
        *("one archive with a folder above", "one database in the archive"),
        *("labels beside the images", "labels deep in an archive"),
    ],
)
def test_every_form_gives_what_the_unpacked_one_gives(unpacked, change):
    expected = contents(unpacked)
    change(unpacked)

    assert contents(unpacked) == expected
    assert expected[1] == [encoded()] * 4


def test_unpacked_folders_go_before_archives_that_lie_beside_them(unpacked):
    (unpacked / "emotic.zip").write_bytes(b"never opened")
    (unpacked / "Annotations.zip").write_bytes(b"never opened")

    assert contents(unpacked)[1] == [encoded()] * 4


def test_what_finder_adds_to_an_archive_is_ignored(unpacked):
    expected = contents(unpacked)
    with zipfile.ZipFile(unpacked / "emotic.zip", "w") as archive:
        archive.writestr("__MACOSX/emotic/mscoco/images/._a.jpg", b"")
        archive.writestr("__MACOSX/mscoco/images/a.jpg", b"")
        archive.writestr("__MACOSX/Annotations.mat", b"")
        archive.writestr("Annotations/._Annotations.mat", b"")
        for path in [*(unpacked / "emotic").rglob("*.jpg"), *unpacked.rglob("*.mat")]:
            archive.write(path, path.relative_to(unpacked))
    shutil.rmtree(unpacked / "emotic" / "mscoco")
    shutil.rmtree(unpacked / "Annotations")

    assert contents(unpacked) == expected


@pytest.mark.parametrize("form", ["unpacked", "packed"])
def test_an_image_that_is_not_there_is_none(unpacked, form):
    image = unpacked / "emotic" / "mscoco" / "images" / "a.jpg"
    image.rename(image.with_name("another.jpg"))
    if form == "packed":
        two_archives(unpacked)

    assert contents(unpacked)[1] == [None] + [encoded()] * 3


def test_a_collection_that_is_none_of_emotics_is_read_and_demanded_where_it_is_named(tmp_path):
    rows = [row("a.jpg", train_person(), folder="annotated/images/a day out")]
    (tmp_path / "emotic" / "emotic" / "annotated" / "images" / "a day out").mkdir(parents=True)
    folder = write_emotic(tmp_path / "emotic", train=rows, val=[], test=[])
    for database in DATABASES:
        shutil.rmtree(folder / "emotic" / database)

    assert contents(folder)[1] == [encoded()]
    assert Source(folder).required_paths()[0][0] == folder / "emotic" / "annotated"
    assert len(Source(folder).required_paths()) == 2
    two_archives(folder)
    assert contents(folder)[1] == [encoded()]
    (folder / "emotic.zip").unlink()
    with pytest.raises(EmoError, match="no images of annotated") as caught:
        Source(folder).check()
    assert "mscoco" not in str(caught.value)


def test_an_image_of_a_collection_that_is_not_there_is_an_error(tmp_path):
    folder = write_emotic(tmp_path / "emotic")
    files = Source(folder)
    image = files.annotations()["train"][0]

    with pytest.raises(EmoError, match="no images of flickr"):
        files.read_image(dataclasses.replace(image, folder="flickr"))


def test_the_paths_of_emotic_are_listed_where_the_annotations_cannot_be_read(unpacked):
    (unpacked / "Annotations" / "Annotations.mat").write_bytes(b"cut off")

    assert len(Source(unpacked).required_paths()) == len(DATABASES) + 1
    with pytest.raises(EmoError, match="expected a whole file of MATLAB 5"):
        Source(unpacked).check()


def test_paths_are_listed_by_requirement_best_first(tmp_path):
    archive = tmp_path / "emotic.zip"

    assert Source(tmp_path).required_paths() == (
        *((tmp_path / "emotic" / database, archive) for database in DATABASES),
        (
            tmp_path / "Annotations" / "Annotations.mat",
            tmp_path / "Annotations.mat",
            tmp_path / "Annotations.zip",
            archive,
        ),
    )


@pytest.mark.parametrize("missing", [*DATABASES, "annotations"])
def test_an_error_says_what_is_missing_and_lists_every_path_looked_for(unpacked, missing):
    gone = unpacked / ("Annotations" if missing == "annotations" else f"emotic/{missing}")
    shutil.rmtree(gone)

    with pytest.raises(EmoError, match=f"EMOTIC is not complete: no .*{missing}\\. ") as caught:
        Source(unpacked).check()

    looked_for = str(caught.value).split("Looked for: ")[1].split(", ")
    paths = [path for paths in Source(unpacked).required_paths() for path in paths]
    assert looked_for == list(
        dict.fromkeys(f"{path} ({'found' if path.exists() else 'missing'})" for path in paths)
    )


def test_nothing_is_found_where_there_is_no_folder(tmp_path):
    with pytest.raises(EmoError, match="no images of mscoco"):
        Source(tmp_path / "nowhere").check()


def test_an_archive_without_the_images_is_an_error(unpacked):
    shutil.rmtree(unpacked / "emotic")
    with zipfile.ZipFile(unpacked / "emotic.zip", "w") as archive:
        archive.writestr("emotic/mscoco/images/a.jpg", encoded())

    with pytest.raises(EmoError, match="no images of framesdb") as caught:
        Source(unpacked).check()

    assert f"{unpacked / 'emotic.zip'} (found)" in str(caught.value)


@pytest.mark.parametrize("kept", [0, 0.5, 0.999], ids=lambda kept: f"{kept} kept")
def test_a_damaged_archive_is_an_error_that_names_it(unpacked, kept):
    two_archives(unpacked)
    path = unpacked / "emotic.zip"
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])

    with pytest.raises(EmoError) as caught:
        Source(unpacked).check()

    assert str(caught.value).startswith(f"{path}: expected a whole file.")
    assert "\n" not in str(caught.value)


def test_a_damaged_member_of_an_archive_is_an_error_that_names_it(unpacked):
    two_archives(unpacked)
    path = unpacked / "emotic.zip"
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("emotic/mscoco/images/a.jpg")
    data = bytearray(path.read_bytes())
    data[member.header_offset + 100] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(EmoError, match=r"emotic\.zip: emotic/mscoco/images/a\.jpg: expected a"):
        contents(unpacked)


def test_a_source_reads_on_in_another_process(unpacked):
    two_archives(unpacked)
    files = Source(unpacked)
    image = files.annotations()["train"][0]
    files.read_image(image)

    assert pickle.loads(pickle.dumps(files)).read_image(image) == encoded()


def test_a_label_file_that_cannot_be_used_is_named_with_its_archive(tmp_path):
    person = combined_person(combined_categories=["Hapiness"])
    folder = write_emotic(tmp_path / "emotic", val=[row("b.jpg", person)])
    two_archives(folder)

    with pytest.raises(EmoError, match="did you mean Happiness") as caught:
        Source(folder).annotations()

    name = "Annotations/Annotations.mat"
    assert str(caught.value).startswith(f"{folder / 'Annotations.zip'}: {name}, val row 0 (")
