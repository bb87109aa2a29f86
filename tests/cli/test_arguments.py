import re
import sys
import zipfile

import pytest

from emo_tf.cli import main, predict_photos
from emo_tf.weights import weight_path


@pytest.fixture
def failure(tmp_path, monkeypatch, capsys, astronaut):
    """Runs `emo-tf` in a folder with `photo.png`; gives exit code and what stderr says.

    Holds that nothing was written.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").symlink_to(astronaut)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.tflite").write_text("Not a model.")
    with_metadata = weight_path("mtcnn_onet").read_bytes()
    (tmp_path / "other task.tflite").write_bytes(with_metadata)
    with zipfile.ZipFile(tmp_path / "other task.tflite") as archive:
        start = min(entry.header_offset for entry in archive.infolist())
    (tmp_path / "no metadata.tflite").write_bytes(with_metadata[:start])
    before = sorted(tmp_path.rglob("*"))

    def run(*arguments) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        assert sorted(tmp_path.rglob("*")) == before
        output = capsys.readouterr()
        assert output.out == ""
        return end.value.code, output.err

    return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'SOURCE"),
        (["photo.png", "--smile"], "No such option: --smile"),
        (["photo.png", "--min-face", "-5"], "min_face: expected .*Received: -5"),
        (["photo.png", "--min-face", "big"], "Invalid value for '--min-face'"),
        (["photo.png", "--threads", "0"], "Invalid value for '--threads'"),
        (["photo.png", "--max-pixels", "0"], "Invalid value for '--max-pixels'"),
        (["photo.png", "--model", "gone.tflite"], "gone.tflite: no such model file"),
        (["photo.png", "--model", "text.tflite"], "text.tflite: expected a TFLite model"),
        (
            ["photo.png", "--model", "no metadata.tflite"],
            "no metadata.tflite: .*emo_tf.json",
        ),
        (
            ["photo.png", "--model", "other task.tflite"],
            "other task.tflite: expected a model of task expression, emotic or group. "
            "Received: face_detection",
        ),
        (["photo.png", "--model", "folder"], "folder: expected a folder with model_float16.tflite"),
        (["people.txt"], "people.txt: expected a model of people too, .*Received: none"),
        (["photo.png", "--text", "out"], "--text: expected a model of people too"),
        (
            ["photo.png", "--person-detector", "gone.tflite"],
            "--person-detector: expected a model of people too",
        ),
        (["photo.png", "--json", "-", "--csv", "-"], "--csv: expected another place"),
        (["photo.png", "--json", "out", "--csv", "out"], "--csv: expected another place"),
        (["photo.png", "--json", "folder"], "--json: expected a file or -"),
        (["photo.png", "--csv", "photo.png"], "--csv: expected a file other than the sources"),
        (["photo.png", "--json", "photo.png/out"], "photo.png/out: cannot be written"),
        (["photo.png", "--draw", "."], "--draw: expected a folder other than that"),
        (["photo.png", "--draw", "text.tflite"], "--draw: expected a folder"),
        (["-", "-"], "expected - .*once"),
    ],
    ids=lambda value: " ".join(value) or "no source" if isinstance(value, list) else "",
)
def test_bad_arguments_end_in_one_line_with_exit_code_2_and_nothing_written(
    failure, arguments, message
):
    code, stderr = failure("predict", *arguments)
    assert code == 2
    assert stderr.count("\n") == 1
    assert re.search(message, stderr)
    assert stderr.startswith("emo-tf: error: ")


def test_an_interruption_leaves_nothing_half_written(failure, monkeypatch):
    def interrupted(self, result):
        raise KeyboardInterrupt

    monkeypatch.setattr(predict_photos.ResultTable, "add", interrupted)
    code, stderr = failure("predict", "photo.png", "--json", "out.jsonl", "--csv", "out.csv")
    assert code == 130
    assert stderr == "\nemo-tf: interrupted\n"


def test_streams_that_the_caller_closed_are_as_good_as_empty(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr("sys.stderr", None)
    with pytest.raises(SystemExit) as end:
        main(["predict", "-", "--json", "-"])
    assert end.value.code == 1
    assert "Received: no bytes" in capsys.readouterr().out
    sys.stdin.close()
    sys.stderr.close()


def test_an_unknown_verb_is_met_with_its_close_matches(failure):
    code, stderr = failure("predcit")
    assert code == 2
    assert stderr == ("emo-tf: error: Unknown verb: did you mean predict? Received: 'predcit'\n")


@pytest.mark.parametrize("arguments", [[], ["--help"]], ids=["nothing", "help"])
def test_the_help_lists_the_verbs_without_loading_them(capsys, monkeypatch, arguments):
    monkeypatch.delitem(sys.modules, "emo_tf.cli.predict")
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert "Find faces in pictures" in capsys.readouterr().out
    assert "emo_tf.cli.predict" not in sys.modules


def test_the_help_of_predict_has_examples(capsys):
    with pytest.raises(SystemExit) as end:
        main(["predict", "--help"])
    assert end.value.code == 0
    assert "emo-tf predict family.jpg" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert re.fullmatch(r"emo-tf \d+\.\d+\.\d+\n", capsys.readouterr().out)
