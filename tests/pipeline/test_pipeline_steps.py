import json
import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export import folder
from emo_tf.pipeline.config import read_config
from emo_tf.pipeline.step import SAME, Step
from emo_tf.pipeline.steps import BEST_WEIGHTS, pipeline_steps

CONFIG = """
experiment = "emotic_miniature"
run = "runs/twin"
data_dir = "prepared"
[build]
miniature = 600
seed = 3
[train]
set = ["epochs=2", "seed=1"]
init = "runs/before"
body_backbone = "body.keras"
smoke = true
[evaluate]
ablate = true
[export]
precision = ["float32", "int8"]
limit = 500
[bless]
baseline = "served/emotic"
min = { mean_average_precision = 0.4 }
max_drop = 0.01
[push]
to = "served/emotic"
keep = 3
"""


@pytest.fixture
def steps(tmp_path):
    def steps(text: str = CONFIG) -> dict[str, Step]:
        (tmp_path / "pipeline.toml").write_text(text)
        return {step.name: step for step in pipeline_steps(read_config(tmp_path / "pipeline.toml"))}

    return steps


def write_export(path: Path, *, text: str = "x") -> str:
    """Writes what looks like a blessed export; returns its digest."""
    path.mkdir(parents=True)
    (path / folder.REPORT).write_text(json.dumps({"format": 1, "text": text}))
    digest = folder.digest(path)
    blessing = {"format": 1, "blessed": True, "export_sha256": digest}
    (path / folder.BLESSING).write_text(json.dumps(blessing))
    return digest


def serve(export: Path, version: Path) -> None:
    """Does what a push does, as far as it is looked at here."""
    shutil.copytree(export, version / "assets.extra")
    (version / "saved_model.pb").touch()


def test_each_step_is_the_command_of_its_verb(steps):
    assert {name: " ".join(step.all_arguments) for name, step in steps().items()} == {
        "miniature": "data miniature emotic --out runs/twin/raw --size 600 --seed 3",
        "build": "data build emotic --manual-dir runs/twin/raw --data-dir prepared",
        "train": (
            "train emotic_miniature --run runs/twin --data-dir prepared --set epochs=2 "
            "--set seed=1 --init runs/before --body-backbone body.keras --smoke"
        ),
        "evaluate": "evaluate --run runs/twin --split test --ablate",
        "export": (
            "export --run runs/twin --out runs/twin/export --precision float32 --precision int8 "
            "--limit 500"
        ),
        "bless": (
            "bless --export runs/twin/export --min mean_average_precision=0.4 --max-drop 0.01 "
            "--baseline served/emotic"
        ),
        "push": "push --export runs/twin/export --to served/emotic --keep 3",
    }


def test_raw_files_are_built_and_expressions_leave_no_thresholds(steps):
    made = steps('experiment = "expression_fer2013"\n[build]\nmanual_dir = "raw"\n[train]\n')
    assert list(made) == ["build", "train"]
    run = "runs/expression_fer2013"
    assert " ".join(made["build"].command()) == (
        "data build fer2013 --manual-dir raw --data-dir data"
    )
    assert set(made["train"].outputs) == {
        f"{run}/{name}" for name in ("model.keras", "metrics.json", "data.json")
    }


GROUPS = """
experiment = "group_miniature"
[train]
init = ["runs/pictures", "heads/faces.keras"]
[evaluate]
"""


def test_a_model_of_groups_starts_from_several_and_is_evaluated_on_eval(steps):
    made, run = steps(GROUPS), "runs/group_miniature"
    assert " ".join(made["train"].all_arguments) == (
        f"train group_miniature --run {run} --data-dir data --init runs/pictures "
        "--init heads/faces.keras"
    )
    assert {"runs/pictures/model.keras", "heads/faces.keras"} < set(made["train"].inputs)
    assert " ".join(made["evaluate"].all_arguments) == f"evaluate --run {run} --split eval"
    assert set(made["evaluate"].outputs) == {f"{run}/evaluation/eval"}


@pytest.mark.parametrize(
    ("experiment", "table", "split"),
    [
        ("global_emotic_valence", "", "test"),
        ("emotic_miniature", "", "test"),
        ("Attention_C", "split = 'val'", "val"),
    ],
    ids=["EMOTIC's people as groups", "EMOTIC", "named"],
)
def test_the_split_that_is_evaluated(steps, experiment, table, split):
    made = steps(f'experiment = "{experiment}"\n[evaluate]\n{table}')
    assert f"--split {split}" in " ".join(made["evaluate"].all_arguments)


def test_what_each_step_reads_and_leaves(steps):
    made, run = steps(), "runs/twin"
    results = {f"{run}/{name}" for name in ("model.keras", "metrics.json", "data.json")}
    read = {name: set(step.inputs) for name, step in made.items()}
    left = {name: set(step.outputs) for name, step in made.items()}
    assert read["miniature"] == set()
    assert left["miniature"] == read["build"] == {f"{run}/raw"}
    assert left["build"] == {"prepared/emotic"}
    assert read["train"] == left["build"] | {
        *("configs/emotic_miniature.py", "body.keras"),
        f"runs/before/checkpoints/{BEST_WEIGHTS}",
    }
    assert left["train"] == results | {f"{run}/thresholds.json"}
    assert read["evaluate"] == left["build"] | {f"{run}/model.keras"}
    assert left["evaluate"] == {f"{run}/evaluation/test"}
    assert read["export"] == left["build"] | results
    assert left["export"] == {f"{run}/export"}
    assert read["bless"] == left["export"] | {"served/emotic"}
    assert left["bless"] == {f"{run}/export/blessing.json"}
    assert read["push"] == left["export"]


def test_the_weights_of_a_run_are_where_training_keeps_them():
    from emo_tf.training import trainer

    assert trainer.BEST_WEIGHTS == BEST_WEIGHTS


def test_paths_are_relative_to_the_folder_of_the_file(steps, tmp_path):
    made = steps()
    (tmp_path / "body.keras").write_text("weights")
    assert made["train"].inputs["body.keras"]() is not None
    assert tmp_path / "runs/twin/checkpoints" in made["train"].leftovers


def test_an_export_is_pushed_until_a_version_is_that_export(steps, tmp_path):
    export, served = tmp_path / "runs/twin/export", tmp_path / "served/emotic"
    push = steps()["push"]
    write_export(export)
    said = "no version in served/emotic is runs/twin/export"
    assert push.pending() == said
    serve(export, served / "1")
    assert push.pending() is None
    (export / folder.BLESSING).write_text("{}")  # blessed anew, and still the same export
    assert push.pending() is None
    (export / folder.LABELS).write_text("another export")
    assert push.pending() == said
    serve(export, served / "2")  # with a blessing that cannot be read
    assert push.pending() == said


def test_a_version_without_a_blessing_is_passed_over(steps, tmp_path):
    export, served = tmp_path / "runs/twin/export", tmp_path / "served/emotic"
    write_export(export)
    serve(export, served / "1")
    (served / "2").mkdir()
    (served / "2" / "saved_model.pb").touch()
    assert steps()["push"].pending() is None


def test_a_folder_that_serves_no_model_is_an_error(steps, tmp_path):
    (tmp_path / "served/emotic").mkdir(parents=True)
    (tmp_path / "served/emotic/letter.txt").touch()
    with pytest.raises(EmoError, match=r"letter\.txt"):
        steps()["push"].pending()


def test_a_baseline_says_something_new_unless_it_is_the_export_itself(steps, tmp_path):
    export, served = tmp_path / "runs/twin/export", tmp_path / "served/emotic"
    write_export(export)
    compared = steps()["bless"].inputs["served/emotic"]
    assert compared() is None
    write_export(tmp_path / "other", text="other")
    serve(tmp_path / "other", served / "1")
    first = compared()
    assert first not in (None, SAME)
    serve(export, served / "2")
    assert compared() == SAME
    serve(tmp_path / "other", served / "3")
    assert compared() == first


def test_the_baseline_is_given_only_if_there_is_one(steps, tmp_path):
    bless = steps()["bless"]
    assert "--baseline" not in bless.command()
    assert bless.absent() == [("--baseline", "served/emotic")]
    (tmp_path / "served/emotic").mkdir(parents=True)
    (tmp_path / "served/emotic/.emo_tf.lock").touch()
    assert "--baseline" not in bless.command()
    write_export(tmp_path / "export")
    serve(tmp_path / "export", tmp_path / "served/emotic/1")
    assert bless.command() == bless.all_arguments
    assert bless.absent() == []
