from pathlib import Path

import pytest

from emo_tf import configs
from emo_tf.errors import EmoError
from emo_tf.pipeline import experiments
from emo_tf.pipeline.config import read_config

FULL = """
experiment = "emotic_miniature"
run = "runs/twin"
data_dir = "~/data"
[build]
manual_dir = "raw"
[train]
set = ["epochs=2"]
smoke = true
[evaluate]
ablate = true
[export]
out = "out"
precision = ["float32", "int8"]
limit = 500
[bless]
baseline = "served/emotic"
min = { mean_average_precision = 0.4 }
max_drop = 1
[push]
to = "served/emotic"
keep = 3
"""
SMALL = 'experiment = "emotic_cli"\n[train]\n'


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        path = tmp_path / "pipeline.toml"
        path.write_text(text)
        return read_config(path)

    return read


def test_every_table_and_key_is_read(read, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    config = read(FULL)
    assert config.folder == tmp_path
    assert config.data_dir == Path("/home/somebody/data")
    assert (config.task, config.dataset) == ("emotic", "emotic")
    assert (config.run_dir, config.export_dir) == (Path("runs/twin"), Path("out"))
    assert config.build.manual_dir == Path("raw")
    assert config.train.set == ("epochs=2",)
    assert config.train.smoke
    assert config.evaluate.ablate
    assert config.export.precision == ("float32", "int8")
    assert config.bless.min == {"mean_average_precision": 0.4}
    assert config.bless.max_drop == 1
    assert (config.push.to, config.push.keep) == (Path("served/emotic"), 3)


def test_what_is_left_out_has_its_default_and_its_step_is_left_out(read):
    config = read(SMALL)
    assert config.run_dir == Path("runs/emotic_cli")
    assert config.export_dir == Path("runs/emotic_cli/export")
    assert config.data_dir == Path("data")
    assert config.train is not None
    assert config.build is config.evaluate is config.export is config.bless is config.push is None


CASES = {
    "table": ('experiment = "emotic_cli"\n[trian]', "Unknown table: did you mean train?"),
    "top key": (SMALL.replace("experiment", "experimant"), "Unknown key: did you mean experiment"),
    "key": (SMALL + 'stratgy = "none"', "train: Unknown key: did you mean strategy?"),
    "no key of files": ('folder = "x"\n' + SMALL, "Unknown key"),
    "experiment": (SMALL.replace("cli", "clii"), "Unknown experiment: did you mean emotic_cli"),
    "no experiment": ("[train]", "expected the key experiment. Received: train"),
    "no target": (SMALL + "[push]\nkeep = 3", "push: expected the key to. Received: keep"),
    "no step": ('experiment = "emotic_cli"', "at least one step"),
    "no table": ('experiment = "emotic_cli"\ntrain = 1', "train: expected a table. Received: 1"),
    "flag": (SMALL + "smoke = 1", "train: smoke: expected true or false. Received: 1"),
    "list": (SMALL + "set = 'epochs=1'", "train: set: expected a list of texts"),
    "list of numbers": (SMALL + "set = [1]", "train: set: expected a list of texts"),
    "path": (SMALL + "init = 1", "train: init: expected a path, as text"),
    "empty paths": (SMALL + "init = ['a', '']", "train: init: expected a path, as text"),
    "paths": (SMALL + "init = ['a', 1]", "train: init: expected a path, as text, or a list of"),
    "ablation": (
        'experiment = "Attention_C"\n[evaluate]\nablate = true',
        "evaluate: ablate: expected true for EMOTIC alone. Received: experiment=Attention_C",
    ),
    "empty path": (SMALL + "init = ''", "train: init: expected a path, as text"),
    "text": (SMALL + "strategy = 1", "train: strategy: expected text"),
    "fraction": (SMALL + "[export]\nlimit = 1.5", "export: limit: expected a whole number"),
    "true": (SMALL + "[export]\nlimit = true", "export: limit: expected a whole number"),
    "number": (SMALL + "[bless]\nmax_drop = '1'", "bless: max_drop: expected a number"),
    "numbers": (SMALL + "[bless]\nmin = 1", "bless: min: expected a table of numbers"),
    "texts": (SMALL + "[bless.min]\naccuracy = '1'", "bless: min: expected a table of numbers"),
    "no raw": (SMALL + "[build]", "build: expected manual_dir or miniature. Received: neither"),
    "two raw": (SMALL + "[build]\nmanual_dir='a'\nminiature=1", "miniature. Received: both"),
    "seed": (SMALL + "[build]\nmanual_dir = 'a'\nseed = 1", "build: expected seed with miniature"),
    "task": ('experiment = "expression_fer2013"\n[evaluate]', "evaluate: expected this table for"),
    "damaged": ("experiment = \n", "expected TOML. Received: Invalid value (at line 1"),
    "twice": (SMALL + "[train]", "expected TOML"),
}


@pytest.mark.parametrize(("text", "said"), CASES.values(), ids=CASES)
def test_what_cannot_be_used_is_one_error_that_names_the_file_and_the_place(read, text, said):
    with pytest.raises(EmoError) as error:
        read(text)
    assert "pipeline.toml: " in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize("name", ["missing.toml", "."], ids=["missing", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(EmoError, match="expected a TOML file"):
        read_config(tmp_path / name)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(EmoError, match=r"x\.toml: expected TOML"):
        read_config(tmp_path / "x.toml")


def test_experiments_are_known_as_they_are_without_importing_them():
    assert experiments.names() == configs.names()
    for name in configs.names():
        experiment = configs.load(name)
        assert experiments.task(name) == experiment.task
        assert experiments.dataset(name) == experiment.dataset


def test_the_source_of_an_experiment_is_its_file_and_those_it_is_made_from():
    found = {
        name: [path.name for path in experiments.sources(name)] for name in experiments.names()
    }
    assert found["expression_photographs"] == [
        *("expression_photographs.py", "expression_fer2013.py")
    ]
    assert found["emotic_miniature"] == ["emotic_miniature.py"]
    assert all(path.is_file() for name in found for path in experiments.sources(name))
