import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import emo_tf.data
from emo_tf.corpora.testing import BEAM_OPTIONS, assert_same_data
from emo_tf.data import builders, miniature
from emo_tf.data.miniature.fer2013 import write_fer2013
from emo_tf.errors import EmoError

THREADS = "--direct_running_mode=multi_threading"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def faces(tmp_path):
    return write_fer2013(tmp_path / "faces", training=2, public_test=1, private_test=0)


@pytest.fixture
def made_up_builders(tmp_path, monkeypatch):
    """Returns an empty folder that stands in for the package's own builders."""
    folder = tmp_path / "builders"
    folder.mkdir()
    monkeypatch.setattr(builders, "_builders_dir", lambda: folder)
    return folder


def test_every_builder_folder_has_a_name():
    assert builders.names() == (
        "affectnet",
        "emotic",
        "fer2013",
        "group_affect",
        "raf_db",
        "vtt_friends",
    )
    assert set(builders.names()) == {
        path.name for path in (REPOSITORY / "datasets").iterdir() if (path / "README.md").exists()
    }


def test_a_builder_is_imported_under_the_module_name_that_tfds_gives_it(tmp_path):
    path_before = list(sys.path)

    builder = builders.builder("fer2013", data_dir=tmp_path)

    assert type(builder).__module__ == "fer2013.fer2013_dataset_builder"
    assert builder.name == "fer2013"
    assert sys.path == path_before
    assert not [name for name in sys.modules if name.startswith("emo_tf._datasets")]


def test_a_builder_carries_its_description_citation_and_tags(tmp_path):
    builder = builders.builder("fer2013", data_dir=tmp_path)

    assert builder.info.description.startswith("# FER2013")
    assert "goodfellow2013challenges" in builder.info.citation
    assert "ml.task.image-classification" in builder.get_metadata().tags


def test_an_unknown_name_is_an_error_with_close_matches():
    with pytest.raises(EmoError, match="Unknown data set: did you mean fer2013"):
        builders.builder("fer2012")


def test_another_module_of_the_name_is_an_error_that_names_both(monkeypatch):
    monkeypatch.delitem(sys.modules, "fer2013.fer2013_dataset_builder", raising=False)
    foreign = types.ModuleType("fer2013")
    foreign.__file__ = "/elsewhere/fer2013.py"
    monkeypatch.setitem(sys.modules, "fer2013", foreign)

    with pytest.raises(EmoError, match=r"the builder of .*fer2013\. .*/elsewhere/fer2013\.py"):
        builders.builder("fer2013")


def test_another_builder_of_the_name_is_an_error_that_names_both(monkeypatch):
    foreign = types.ModuleType("fer2013.fer2013_dataset_builder")
    foreign.__file__ = "/elsewhere/fer2013/fer2013_dataset_builder.py"
    package = types.ModuleType("fer2013")
    package.__file__ = "/elsewhere/fer2013/__init__.py"
    monkeypatch.setitem(sys.modules, "fer2013", package)
    monkeypatch.setitem(sys.modules, foreign.__name__, foreign)

    with pytest.raises(EmoError, match=r"the builder of .*fer2013\. .*/elsewhere/fer2013/"):
        builders.builder("fer2013")


def test_what_a_builder_itself_misses_is_named(made_up_builders, monkeypatch):
    folder = made_up_builders / "lacking"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "lacking_dataset_builder.py").write_text("import a_package_that_is_not_there\n")

    try:
        with pytest.raises(ModuleNotFoundError, match="a_package_that_is_not_there"):
            builders.builder("lacking")
    finally:
        sys.modules.pop("lacking", None)
    assert str(made_up_builders) not in sys.path


def test_a_data_set_is_built_once(faces, tmp_path):
    data_dir = tmp_path / "prepared"
    built = builders.prepare("fer2013", manual_dir=faces, data_dir=data_dir)
    shutil.rmtree(faces)

    again = builders.prepare("fer2013", manual_dir=faces, data_dir=data_dir)

    counts = {name: split.num_examples for name, split in again.info.splits.items()}
    assert counts == {"train": 14, "public_test": 7}
    assert again.data_path == built.data_path == data_dir / "fer2013" / "1.0.0"


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "no folder"])
def test_missing_raw_files_are_an_error_that_lists_what_was_looked_for(tmp_path, there):
    manual_dir = tmp_path / "raw"
    if there:
        manual_dir.mkdir()

    with pytest.raises(EmoError, match=r"^fer2013: FER2013 is not there\.") as caught:
        builders.prepare("fer2013", manual_dir=manual_dir, data_dir=tmp_path / "prepared")

    assert f"{manual_dir / 'fer2013.csv'} (missing)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_raw_file_is_named_and_leaves_nothing_half_built(faces, tmp_path):
    broken = faces / "test" / "sad" / "PublicTest_00014.png"
    broken.write_bytes(broken.read_bytes()[:100])

    with pytest.raises(EmoError, match=r"sad/PublicTest_00014\.png: expected a whole picture"):
        builders.prepare("fer2013", manual_dir=faces, data_dir=tmp_path / "prepared")

    assert not list((tmp_path / "prepared").rglob("*.tfrecord*"))
    assert not builders.builder("fer2013", data_dir=tmp_path / "prepared").is_prepared()


def test_builders_are_found_where_a_wheel_puts_them(tmp_path):
    package = Path(emo_tf.data.__file__).parents[1]
    shutil.copytree(package, tmp_path / "emo_tf", ignore=shutil.ignore_patterns("weights"))
    shutil.copytree(REPOSITORY / "datasets", tmp_path / "emo_tf" / "_datasets")
    script = (
        "import sys; from emo_tf.data import builders; b = builders.builder('fer2013');"
        "print(b.code_path, 'emo_tf._datasets' in sys.modules)"
    )

    output = subprocess.run(
        [sys.executable, "-c", script],
        cwd="/",
        env={"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    module = tmp_path / "emo_tf" / "_datasets" / "fer2013" / "fer2013_dataset_builder.py"
    assert output == f"{module} False\n"


def test_what_the_raw_files_must_hold_is_told_with_what_is_there(faces, tmp_path):
    (requirement,) = builders.requirements(builders.builder("fer2013", data_dir=tmp_path), faces)
    assert requirement.found == faces / "train"
    assert requirement.alternatives[0] == faces / "fer2013.csv"

    *images, annotations = builders.requirements(
        builders.builder("emotic", data_dir=tmp_path), tmp_path / "gone"
    )
    assert [requirement.found for requirement in (*images, annotations)] == [None] * 5
    assert images[0].alternatives == (
        tmp_path / "gone" / "emotic" / "mscoco",
        tmp_path / "gone" / "emotic.zip",
    )


@pytest.mark.parametrize(
    "name", ["affectnet", "emotic", "fer2013", "group_affect", "raf_db", "vtt_friends"]
)
def test_every_builder_keeps_the_contract(name, tmp_path):
    builder = builders.builder(name, data_dir=tmp_path)

    splits = {split for key in builder.published_counts for split in key.split("+")}
    assert splits <= {"train", "val", "validation", "test", "public_test", "private_test"}
    for key, classes in builder.published_classes.items():
        assert sum(classes.values()) == builder.published_counts[key]
        assert set(classes) <= set(builder.info.features[builder.CLASS_FEATURE].names)
    assert builder.RELEASE_NOTES[str(builder.version)]
    assert builder.MANUAL_DOWNLOAD_INSTRUCTIONS
    with pytest.raises(ValueError, match="missing"):
        builder.check_manual_dir(tmp_path / "gone")


def test_a_module_of_a_builder_is_imported_as_its_sibling():
    parser = builders.module("emotic", "annotations")
    assert parser.__name__ == "emotic.annotations"
    with pytest.raises(EmoError, match="Unknown data set"):
        builders.module("emotik", "annotations")


def test_an_unknown_file_format_is_an_error(tmp_path):
    with pytest.raises(EmoError, match="Unknown file format: did you mean tfrecord"):
        builders.builder("fer2013", data_dir=tmp_path, file_format="tfrecords")


def test_a_data_set_in_the_other_format_is_an_error(faces, tmp_path):
    options = {"manual_dir": faces, "data_dir": tmp_path / "prepared"}
    built = builders.prepare("fer2013", **options, file_format="array_record")
    assert built.info.file_format.value == "array_record"
    with pytest.raises(EmoError, match=r"expected a data set in tfrecord\. Received: array_record"):
        builders.read(built, split="train")

    with pytest.raises(EmoError, match=r"fer2013 in .*prepared: File format is already set"):
        builders.prepare("fer2013", **options, file_format="tfrecord")


def test_a_first_look_stops_each_split(faces, tmp_path):
    built = builders.prepare(
        "fer2013", manual_dir=faces, data_dir=tmp_path / "look", max_examples_per_split=3
    )
    counts = {name: split.num_examples for name, split in built.info.splits.items()}
    assert counts == {"train": 3, "public_test": 3}


@pytest.mark.slow
def test_beam_options_give_the_same_examples(faces, tmp_path):
    plain, by_beam = (
        builders.prepare(
            "fer2013", manual_dir=faces, data_dir=tmp_path / str(len(options)), beam_options=options
        )
        for options in ((), BEAM_OPTIONS)
    )
    assert_same_data(by_beam, plain)


@pytest.mark.parametrize(
    "workers",
    [(), BEAM_OPTIONS, (*BEAM_OPTIONS, "--direct_num_workers=2", THREADS)],
    ids=["no Beam", "Beam", "two workers"],
)
def test_an_error_in_a_worker_is_the_one_that_names_the_file(tmp_path, workers):
    raw = miniature.write("raf_db", tmp_path / "raw", size=20)
    box = raw / "basic" / "Annotation" / "boundingbox" / "train_00001_boundingbox.txt"
    box.write_text("1 2 x\n")

    message = r"^raf_db: .*train_00001_boundingbox\.txt, line 1: expected .* Received: 3 cells$"
    with pytest.raises(EmoError, match=message):
        builders.prepare("raf_db", manual_dir=raw, data_dir=tmp_path / "data", beam_options=workers)
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


@pytest.mark.slow
def test_tfds_builds_the_data_set_and_reads_it_back_without_the_package(faces, tmp_path):
    data_dir = tmp_path / "prepared"
    tfds_command = Path(sys.executable).with_name("tfds")
    subprocess.run(
        [tfds_command, "build", "--manual_dir", faces, "--data_dir", data_dir],
        cwd=REPOSITORY / "datasets" / "fer2013",
        check=True,
        capture_output=True,
    )
    script = (
        "import sys, tensorflow_datasets as tfds;"
        f"data = tfds.load('fer2013', data_dir={str(data_dir)!r}, split='public_test');"
        "face = next(iter(data)); print(face['image'].shape, face['id'].numpy().decode());"
        "print([name for name in sys.modules if name.startswith(('emo_tf', 'fer2013'))])"
    )

    output = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout

    shape, modules = output.splitlines()
    assert shape.startswith("(48, 48, 1) ")
    assert "/PublicTest_" in shape
    assert modules == "[]"
