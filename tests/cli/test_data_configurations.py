"""Data sets of several configurations, as a user of `emo-tf data` meets them."""

import functools

import pytest
import tensorflow as tf

from emo_tf.data import miniature


@pytest.fixture
def data(run_here):
    return functools.partial(run_here, "data")


@pytest.fixture(scope="module")
def groups(tmp_path_factory):
    return miniature.write("group_affect", tmp_path_factory.mktemp("twin") / "groups", size=20)


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def records_of(folder) -> list:
    """Returns the stored examples in their order, as messages: their fields have none."""
    paths = sorted(map(str, folder.rglob("*.tfrecord*")))
    records = tf.data.TFRecordDataset(paths).as_numpy_iterator()
    return [tf.train.Example.FromString(record) for record in records]


def test_configurations_are_listed_and_the_first_is_described(data):
    code, out, err = data("describe", "group_affect")

    assert (code, err) == (0, "")
    assert out.startswith("group_affect/images 1.0.0: Group Affect Database 3.0")
    assert "group_affect/faces   The same with up to 32 faces a picture" in out
    assert "faces/landmarks" not in out
    assert ["negative", "2,758", "1,231"] in words(out)
    assert out.endswith("Faces a picture are known once group_affect/faces is built.\n")


def test_another_configuration_is_described_by_its_name(data):
    _, out, _ = data("describe", "group_affect/faces")

    assert out.startswith("group_affect/faces 1.0.0: ")
    assert ["faces/landmarks", "float32", "(5,", "2)"] in words(out)
    assert ["faces/vlgiitr", "picture,", "uint8", "(96,", "112,", "3)"] in words(out)


def test_faces_are_found_and_their_quantiles_described(data, groups):
    code, out, _ = data("build", "group_affect/faces", "--manual-dir", groups)

    assert code == 0
    assert "Wrote data/group_affect/faces/1.0.0" in out
    assert ["eval", "2", "1,000", "-998"] in words(out)
    (head,) = [line for line in words(out) if line[:1] == ["class"]]
    assert head == ["class", "train", "published", "val", "eval"]  # test has no classes
    shown = next(line for line in words(out) if line[:1] == ["neutral"])
    assert shown[2] == "3,080"

    for name in ("group_affect", "group_affect/faces"):
        _, described, _ = data("describe", name)
        table = {line[0]: line for line in words(described) if len(line) == 7}
        assert table["published"] == ["published", "-", "12", "-", "-", "-", "-"]
        half, *_, most, none = table["all"][1:]
        assert 1 <= int(half) <= int(most) <= 14  # one or two in front, up to a dozen behind
        assert none == "0.0%"


@pytest.mark.slow
def test_what_beam_builds_in_two_processes_is_the_same(data, groups, tmp_path):
    options = ["--runner=DirectRunner", "--allow_unsafe_triggers", "--direct_num_workers=2",
               "--direct_running_mode=multi_processing"]  # fmt: skip
    beam = [f"--beam={option}" for option in options]
    assert data("build", "group_affect", "--manual-dir", groups)[0] == 0

    code, out, _ = data(
        "build", "group_affect", "--manual-dir", groups, "--data-dir", "by_beam", *beam
    )

    assert code == 0
    assert "Wrote by_beam/group_affect/images/1.0.0" in out
    plain, by_beam = (records_of(tmp_path / folder) for folder in ("data", "by_beam"))
    assert len(plain) == 20
    assert by_beam == plain


def test_an_unknown_configuration_is_one_line_with_close_matches(data, groups):
    code, out, err = data("build", "group_affect/face", "--manual-dir", groups)

    assert (code, out) == (2, "")
    assert err == (
        "emo-tf: error: Unknown configuration of group_affect: did you mean faces? "
        "Received: 'face'\n"
    )


def test_a_data_set_without_configurations_has_none_to_name(data):
    code, _, err = data("describe", "emotic/all")

    assert code == 2
    assert err.startswith("emo-tf: error: emotic: expected no configuration. Received: 'all'")
