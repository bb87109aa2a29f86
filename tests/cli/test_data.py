"""`emo-tf data` and its verbs, as a user meets them."""

import functools
import re
import shutil

import pytest

from emo_tf.data import miniature


@pytest.fixture
def data(run_here):
    return functools.partial(run_here, "data")


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    return miniature.write("emotic", tmp_path_factory.mktemp("twin") / "emotic", size=20)


@pytest.fixture
def hard_copy(twin, tmp_path):
    """A twin that a test may damage."""
    return shutil.copytree(twin, tmp_path / "copy")


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_the_verbs_are_listed(data):
    code, out, _ = data("--help")
    assert code == 0
    for verb in ("build", "describe", "export", "miniature"):
        assert f" {verb} " in out


def test_an_unknown_verb_is_one_line(data):
    code, out, err = data("biuld", "emotic")
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: No such command 'biuld'")
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", ["build", "describe", "export", "miniature"])
def test_every_verb_has_help_with_examples(data, verb):
    code, out, _ = data(verb, "--help")
    assert code == 0
    assert out.count(f"emo-tf data {verb}") >= 2


def test_a_miniature_is_written_and_its_oracle_printed(data, tmp_path):
    code, out, err = data("miniature", "emotic", "--out", "raw", "--size", 20, "--oracle")

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Wrote raw: emotic, 20 people, seed 0"
    assert lines[1] == "The best that can be reached on test, 4 people:"
    assert lines[2].split() == ["evidence", "mAP", "VAD", "MAE"]
    assert [line.split()[0] for line in lines[3:]] == ["none", "body", "scene", "both"]
    assert (tmp_path / "raw" / "Annotations" / "Annotations.mat").is_file()


def test_an_oracle_needs_no_folder(data, tmp_path):
    code, out, _ = data("miniature", "fer2013", "--oracle")
    assert code == 0
    assert words(out)[1:] == [["evidence", "accuracy"], ["none", "0.143"], ["face", "1.000"]]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["emotic"], "miniature: expected --out DIR, --oracle or both. Received: neither"),
        (["emotik", "--out", "raw"], "Unknown miniature: did you mean emotic? Received: 'emotik'"),
        (["emotic", "--out", "raw", "--seed", "-1"], "seed: expected 0 or more. Received: -1"),
        (
            ["emotic", "--out", "."],
            ".: expected a new or empty folder. Received: one that holds something",
        ),
    ],
    ids=["nothing to do", "name", "seed", "full folder"],
)
def test_what_cannot_be_drawn_is_one_line(data, tmp_path, arguments, message):
    (tmp_path / "mine.txt").write_text("mine")
    code, out, err = data("miniature", *arguments)
    assert (code, out, err) == (2, "", f"emo-tf: error: {message}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_build_lists_what_is_there_and_counts_what_it_made(data, twin, tmp_path):
    code, out, err = data("build", "emotic", "--manual-dir", twin)

    assert code == 0
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == f"emotic is looked for in {twin}:"
    assert words(out)[1:6] == [
        ["found", "emotic/mscoco"],
        ["found", "emotic/framesdb"],
        ["found", "emotic/emodb_small"],
        ["found", "emotic/ade20k"],
        ["found", "Annotations/Annotations.mat"],
    ]
    assert lines[6] == "Wrote data/emotic/1.0.0"
    assert words(out)[7:11] == [
        ["split", "examples", "published", "difference"],
        ["train", "14", "23,266", "-23,252"],
        ["val", "2", "3,315", "-3,313"],
        ["test", "4", "7,203", "-7,199"],
    ]
    assert lines[11].startswith("The counts differ from the published ones")
    assert (tmp_path / "data" / "emotic" / "1.0.0" / "dataset_info.json").is_file()

    code, again, _ = data("build", "emotic", "--manual-dir", tmp_path / "gone")
    assert code == 0
    assert again.splitlines()[0].startswith("emotic was built before")
    assert again.splitlines()[1:] == lines[7:]


def test_missing_files_are_all_listed_and_nothing_is_started(data, hard_copy, tmp_path):
    shutil.rmtree(hard_copy / "emotic" / "ade20k")

    code, out, err = data("build", "emotic", "--manual-dir", hard_copy)

    assert code == 2
    assert ["missing", "emotic/ade20k", "(or", "emotic.zip)"] in words(out)
    assert ["found", "emotic/mscoco"] in words(out)
    assert err == (
        f"emo-tf: error: emotic: expected all of these in {hard_copy}, nothing was started. "
        "Received: no emotic/ade20k\n"
    )
    assert not (tmp_path / "data").exists()


def test_who_is_left_out_is_named_with_the_reason(data, hard_copy):
    images = hard_copy / "emotic" / "framesdb" / "images"
    first, second = sorted(images.iterdir())[:2]
    first.unlink()
    second.write_bytes(second.read_bytes()[:3000])

    code, out, err = data("build", "emotic", "--manual-dir", hard_copy)

    assert code == 0
    assert "left out" not in err
    totals = re.findall(r"^Left out of \w+: (\d+)$", out, re.MULTILINE)
    reasons = re.findall(r"^  (\w+ image): (\d+)$", out, re.MULTILINE)
    assert {reason for reason, _ in reasons} == {"missing image", "unreadable image"}
    assert sum(map(int, totals)) == sum(int(count) for _, count in reasons)
    named = [line for line in out.splitlines() if line.startswith("    Annotations.mat, ")]
    assert any(first.name in line and "image is missing" in line for line in named)
    assert any(second.name in line and "image cannot be read" in line for line in named)


def test_a_data_set_that_an_earlier_version_built_is_still_told_of(data, twin, tmp_path):
    assert data("build", "emotic", "--manual-dir", twin)[0] == 0
    metadata = tmp_path / "data" / "emotic" / "1.0.0" / "metadata.json"
    for text in ('{"left_out": {"train": {"missing image": 7}, "val": {}}}', "{}", None):
        metadata.unlink() if text is None else metadata.write_text(text)

        code, out, err = data("build", "emotic", "--manual-dir", twin)

        assert (code, err) == (0, "")
        assert ["train", "14", "23,266", "-23,252"] in words(out)
        assert ("  missing image: 7" in out) == ("missing" in (text or ""))
        assert data("describe", "emotic")[0] == 0


def test_annotations_that_are_cut_off_are_one_line_that_names_the_file(data, hard_copy, tmp_path):
    annotations = hard_copy / "Annotations" / "Annotations.mat"
    annotations.write_bytes(annotations.read_bytes()[:-200])

    code, _, err = data("build", "emotic", "--manual-dir", hard_copy)

    assert code == 2
    assert err.startswith(f"emo-tf: error: emotic: {annotations}")
    assert err.count("\n") == 1
    assert not list((tmp_path / "data").rglob("*record*"))


def test_a_first_look_in_the_other_format_stops_each_split(data, twin, tmp_path):
    code, out, _ = data(
        "build", "emotic", "--manual-dir", twin, "--data-dir", "look",
        "--max-examples-per-split", 2, "--file-format", "array_record",
    )  # fmt: skip

    assert code == 0
    assert ["train", "2", "23,266", "-23,264"] in words(out)
    assert "Each split was stopped at 2, so the counts differ." in out
    assert list((tmp_path / "look").rglob("*.array_record*"))

    code, _, err = data("build", "emotic", "--manual-dir", twin, "--data-dir", "look",
                        "--file-format", "tfrecord")  # fmt: skip
    assert code == 2
    assert "emotic in look: File format is already set" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "emotik"], "Unknown data set: did you mean emotic?"),
        (["build", "emotic", "--file-format", "tf_record"], "did you mean tfrecord"),
        (["export", "fer2013", "--out", "o"], "Unknown data set to export: expected one of emotic"),
        (
            ["export", "emotic", "--out", "o", "--label", "valid"],
            "Unknown --label: did you mean val",
        ),
        (
            ["export", "emotic", "--out", "o", "--format", "np"],
            "Unknown --format: did you mean npy",
        ),
        (["export", "emotic", "--out", "o"], "emotic: EMOTIC is not complete"),
    ],
    ids=["data set", "file format", "no export", "label", "format", "no raw files"],
)
def test_what_cannot_be_done_is_one_line(data, tmp_path, arguments, message):
    code, out, err = data(*arguments, "--manual-dir", tmp_path / "raw")
    assert (code, out) == (2, "")
    assert err.startswith("emo-tf: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_data_set_is_described_before_and_after_it_is_built(data, twin):
    code, before, err = data("describe", "emotic")
    assert (code, err) == (0, "")
    assert before.startswith("emotic 1.0.0: EMOTIC: people in scenes")
    assert "26 classes: Affection, Anger," in before
    assert ["train", "-", "23,266", "-"] in words(before)
    assert ["test", "-", "7,203", "-"] in words(before)

    assert data("build", "emotic", "--manual-dir", twin)[0] == 0
    _, after, _ = data("describe", "emotic")
    assert ["train", "14", "23,266", "-23,252"] in words(after)
    assert re.search(r"^[\d.]+ MB as tfrecord in data/emotic/1\.0\.0$", after, re.MULTILINE)


def test_tables_and_arrays_are_exported(data, twin, tmp_path):
    code, out, err = data("export", "emotic", "--manual-dir", twin, "--out", "tables")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Wrote tables/train.csv: 14 people",
        "Wrote tables/val.csv: 2 people",
        "Wrote tables/test.csv: 4 people",
    ]
    arrays = ("--format", "npy", "--label", "val", "--out", "arrays")
    code, out, _ = data("export", "emotic", "--manual-dir", twin, *arrays)
    assert code == 0
    assert out.count("Wrote arrays/val_") == 4
    assert len(list((tmp_path / "arrays").iterdir())) == 4


@pytest.mark.slow
def test_the_command_itself_draws_builds_and_describes(run_cli, tmp_path):
    for arguments in (
        ("miniature", "emotic", "--out", "raw", "--size", "10"),
        ("build", "emotic", "--manual-dir", "raw", "--data-dir", "data"),
        ("describe", "emotic", "--data-dir", "data"),
    ):
        done = run_cli("data", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
    assert ["train", "7", "23,266", "-23,259"] in words(done.stdout)
