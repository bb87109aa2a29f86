"""`emo-tf export` at the command line."""

import re

import keras
import pytest

from emo_tf.export.folder import read_report
from emo_tf.export.latency import latency_ms
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import save_model
from tests.context_exports import small_run
from tests.small_context import small_context_fusion
from tests.small_exports import names

STAGES = [
    "... Keras on 4 examples: people of emotic, split test",
    "... saved_model",
    "... model_float32.tflite",
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, emotic_twin):
    """A folder with a run that has ended, and what is none or only looks like one."""
    folder = tmp_path_factory.mktemp("runs")
    run = small_run(
        folder / "emotic", small_context_fusion(branches=("body",)), data_dir=emotic_twin
    )
    trained = (run / "model.keras").read_bytes()
    for name in ("damaged", "strange", "unfinished"):
        (folder / name).mkdir()
        if name != "unfinished":
            (folder / name / "model.keras").write_bytes(trained)
    (folder / "damaged" / "config.json").write_text('{"task": ')
    (folder / "strange" / "data.json").write_text("[1]")
    (folder / "lost").mkdir()
    (folder / "lost" / "model.keras").write_bytes(trained)
    (folder / "lost" / "data.json").write_text('{"dataset": "emotic", "data_dir": "/nowhere"}')
    (folder / "text.keras").write_text("no model")
    picture = keras.Input((8, 8, 3))
    means = keras.Model(picture, {"features": keras.layers.GlobalAveragePooling2D()(picture)})
    about = ModelMetadata("means", "backbone", "", "1", inputs={}, outputs={"features": ""})
    save_model(means, folder / "means.keras", metadata=about)
    (folder / "file").touch()
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.tex").touch()
    return folder


@pytest.fixture(autouse=True)
def brief_latencies(monkeypatch):
    monkeypatch.setattr(
        "emo_tf.export.exporter.latency_ms", lambda *a, **k: latency_ms(*a, **k, seconds=0)
    )


def test_a_run_is_exported_into_itself_with_a_table_and_what_was_written(run_here, runs):
    code, out, _ = run_here(
        "export", "--run", runs / "emotic", "--precision", "float32", "--limit", 4
    )
    assert code == 0
    head, keras_row, saved_model, float32, wrote = out.splitlines()
    assert re.split(r"  +", head) == [
        "file",
        "MB",
        "mAP",
        "VAD MAE",
        "from Keras",
        "1 thread, ms",
        "2 threads, ms",
    ]
    number, difference = r"\d+\.\d{4}", r"\d\.\de[-+]\d\d"
    assert re.fullmatch(rf"Keras +{number} +{number} *", keras_row)
    assert re.fullmatch(rf"saved_model +\d\.\d\d +{number} +{number} +{difference} *", saved_model)
    assert re.fullmatch(
        rf"model_float32\.tflite +0\.\d\d +{number} +{number} +{difference} +\d+\.\d +\d+\.\d",
        float32,
    )
    folder = runs / "emotic" / "export"
    assert wrote == (
        f"Wrote {folder}: labels.txt, model_card.md, model_float32.tflite, report.json, saved_model"
    )
    assert read_report(folder)["evaluation"]["examples"] == 4


def test_a_keras_file_is_exported_beside_itself_with_what_can_be_had(run_here, runs, tmp_path):
    (tmp_path / "imported.keras").write_bytes((runs / "emotic" / "model.keras").read_bytes())
    code, out, err = run_here("export", "--run", "imported.keras", "--note", "From afar.")
    assert code == 0
    assert "... Keras on 4 examples: made-up patches of colour" in err.splitlines()
    assert "mAP" not in out
    left_out, written = out.splitlines()[-2:]
    assert left_out == "Left out int8: no data set to take ranges from; name --data-dir"
    assert written.startswith("Wrote imported: labels.txt, ")
    assert names(tmp_path / "imported") == [
        "labels.txt",
        "model_card.md",
        "model_float16.tflite",
        "model_float32.tflite",
        "report.json",
        "saved_model",
    ]
    assert "From afar." in (tmp_path / "imported" / "model_card.md").read_text("utf-8")


@pytest.mark.slow
def test_a_keras_file_with_data_gets_int8_and_figures(run_here, runs, tmp_path, emotic_twin):
    (tmp_path / "imported.keras").write_bytes((runs / "emotic" / "model.keras").read_bytes())
    options = ["--data-dir", emotic_twin, "--out", "phone/new", "--precision", "int8"]
    code, out, _ = run_here("export", "--run", "imported.keras", *options)
    assert code == 0
    assert "model_int8.tflite" in out.splitlines()[-1]
    report = read_report(tmp_path / "phone" / "new")
    assert report["evaluation"]["examples"] == 6
    assert list(report["files"]) == ["saved_model", "int8"]


@pytest.mark.slow
def test_nothing_but_the_stages_is_said_besides(run_cli, runs, tmp_path):
    options = ["--out", tmp_path / "out", "--precision", "float32", "--limit", 4]
    done = run_cli("export", "--run", runs / "emotic", *options)
    assert (done.returncode, done.stderr.splitlines()) == (0, STAGES)
    assert done.stdout.splitlines()[-1].startswith(f"Wrote {tmp_path / 'out'}: labels.txt, ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nowhere", "nowhere: expected the folder of a run, or a .keras file. Received: none"),
        ("unfinished", "unfinished: expected a finished run. Received: no model.keras"),
        ("damaged", "damaged/config.json: expected JSON. Received: "),
        ("strange", "strange/data.json: expected an object of JSON. Received: list"),
        ("text.keras", "text.keras: expected a model with emo_tf.json in it"),
        (
            "means.keras",
            "means.keras: expected a model of task emotic, expression, group or video. Received: ",
        ),
        ("emotic --limit 0", "limit: expected 1 or more. Received: 0"),
        ("emotic --precision int9 --out new", "Unknown precision: did you mean int8"),
        ("emotic/model.keras --precision int8 --out new", "precision: expected float32 or float16"),
        ("emotic --formats onyx --out new", "Unknown format: did you mean onnx"),
        ("emotic --out file", "file: expected a folder to write to. Received: file, a file"),
        ("emotic --out file/in", "file/in: expected a folder to write to. Received: "),
        ("emotic --out mine", "mine: expected a new or empty folder, or one of an earlier export."),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(run_here, runs, monkeypatch, words, message):
    monkeypatch.chdir(runs)
    before = sorted(runs.iterdir())
    code, out, err = run_here("export", "--run", *words.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"emo-tf: error: {message}")
    assert sorted(runs.iterdir()) == before
    assert names(runs / "mine") == ["thesis.tex"]


def test_a_data_set_that_has_gone_is_told_in_one_line(run_here, runs):
    code, out, err = run_here("export", "--run", runs / "lost")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "/nowhere" in err


def test_the_run_has_to_be_named(run_here):
    code, _, err = run_here("export")
    assert code == 2
    assert "--run" in err


@pytest.mark.slow
def test_the_face_detector_is_exported_in_three_folders_and_again_over_them(run_here, tmp_path):
    networks = ["mtcnn_onet", "mtcnn_pnet", "mtcnn_rnet"]
    for _ in range(2):
        code, out, _ = run_here("export", "--run", "mtcnn", "--precision", "float32")
        assert code == 0
        assert out.count("Wrote mtcnn/mtcnn_") == 3
        assert names(tmp_path / "mtcnn") == networks
    reports = [read_report(tmp_path / "mtcnn" / network) for network in networks]
    assert [report["model"]["name"] for report in reports] == networks
