import json
import shutil
from dataclasses import replace

import pytest

from emo_tf.errors import EmoError
from emo_tf.models.context_fusion import context_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.training.emotic_run import read_run
from tests.training.emotic_runs import mean_colour_model, write_run


@pytest.fixture(scope="module")
def data_dir(emotic_twin):
    return emotic_twin


@pytest.fixture
def run(tmp_path, data_dir):
    return write_run(tmp_path / "run", mean_colour_model(), data_dir=data_dir)


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("branches", "letters"),
    [(("scene", "body"), "B+I"), (("body",), "B"), (("scene",), "I")],
    ids=["both", "body", "scene"],
)
def test_a_run_is_read_with_its_branches_and_gives_people_as_its_model_takes_them(
    tmp_path, data_dir, branches, letters
):
    run = read_run(write_run(tmp_path / "run", mean_colour_model(branches), data_dir=data_dir))
    assert (run.name, run.branches, run.dataset) == ("mean_colours", letters, "emotic")
    people = run.people("test")
    assert people.count == 6
    batch = next(iter(people.evaluation()))
    for branch in branches:
        assert batch[branch].shape[1:3] == run.model.input[branch].shape[1:3]


def test_the_data_set_may_have_moved(tmp_path, data_dir):
    run = read_run(write_run(tmp_path / "run", mean_colour_model(), data_dir=tmp_path / "gone"))
    assert run.people("val", data_dir=data_dir).count == 3
    with pytest.raises(
        EmoError, match=r"gone: expected the data set emotic in it\. Received: none"
    ):
        run.people("val")


def test_a_data_set_that_is_not_prepared_is_an_error_that_says_how_to(run, tmp_path):
    (tmp_path / "empty").mkdir()
    message = r"empty: expected the data set emotic in it\..*`emo-tf data build emotic "
    with pytest.raises(EmoError, match=message):
        read_run(run).people("test", data_dir=tmp_path / "empty")


def test_an_unknown_split_is_an_error_with_close_matches(run):
    with pytest.raises(EmoError, match=r"Unknown split of emotic: did you mean test\?.*'tset'"):
        read_run(run).people("tset")


def test_a_split_without_people_is_an_error(run, data_dir, tmp_path):
    copy = shutil.copytree(data_dir, tmp_path / "data")
    (info,) = copy.rglob("dataset_info.json")
    values = json.loads(info.read_text())
    (test,) = [split for split in values["splits"] if split["name"] == "test"]
    test["shardLengths"] = ["0"]
    info.write_text(json.dumps(values))
    with pytest.raises(EmoError, match=r": test: expected something in it\. Received: nothing"):
        read_run(run).people("test", data_dir=copy)


def test_another_data_set_is_an_error(run):
    change(run / "data.json", dataset="fer2013")
    with pytest.raises(EmoError, match=r"data\.json: dataset: expected emotic\. .*'fer2013'"):
        read_run(run)


def test_no_run_is_an_error(tmp_path):
    with pytest.raises(EmoError, match=r"none: expected the folder of a run\. .*no such folder"):
        read_run(tmp_path / "none")
    with pytest.raises(EmoError, match=r"expected the folder of a run\. .*without config\.json"):
        read_run(tmp_path)


@pytest.mark.parametrize("task", ["expression", None], ids=["expression", "before tasks"])
def test_an_expression_run_is_an_error_that_says_where_its_figures_are(run, task):
    (run / "config.json").write_text(json.dumps({"task": task} if task else {"name": "x"}))
    message = r"run: expected a run of the task emotic\. .*task expression, .* its metrics\.json"
    with pytest.raises(EmoError, match=message):
        read_run(run)


def test_a_run_that_has_not_ended_is_an_error(run):
    (run / "model.keras").unlink()
    with pytest.raises(EmoError, match=r"run: expected a run that has ended\. .*model\.keras"):
        read_run(run)


def test_a_damaged_model_is_an_error(run):
    content = (run / "model.keras").read_bytes()
    (run / "model.keras").write_bytes(content[: len(content) // 2])
    with pytest.raises(EmoError, match=r"model\.keras: expected a .*model"):
        read_run(run)


@pytest.mark.parametrize("name", ["config.json", "data.json"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "expected JSON"),
        (b"\xff\xfe", "expected JSON"),
        (b"[1]", "expected an object of JSON. Received: list"),
    ],
    ids=["cut off", "no text", "a list"],
)
def test_a_damaged_file_is_an_error_that_names_it(run, name, content, message):
    (run / name).write_bytes(content)
    with pytest.raises(EmoError, match=rf"{name}: {message}"):
        read_run(run)


@pytest.mark.parametrize(
    ("name", "key"), [("config.json", "name"), ("data.json", "data_dir"), ("data.json", "dataset")]
)
def test_what_a_file_lacks_is_named(run, name, key):
    change(run / name, **{key: None})
    with pytest.raises(EmoError, match=rf"{name}: {key}: expected a text\. Received: None"):
        read_run(run)


def test_a_missing_data_json_is_an_error(run):
    (run / "data.json").unlink()
    with pytest.raises(EmoError, match=r"data\.json: expected what training wrote"):
        read_run(run)


def test_a_model_of_other_labels_is_an_error(run):
    model = mean_colour_model()
    metadata = replace(context_metadata(model, version="1"), labels=("happy", "sad"))
    save_model(model, run / "model.keras", metadata=metadata)
    message = r"model\.keras: expected a model .* the 26 categories .*scene, body to 2 labels"
    with pytest.raises(EmoError, match=message):
        read_run(run)
