import json

import pytest

from emo_tf.errors import EmoError
from emo_tf.export import folder as layout
from emo_tf.export.folder import (
    best_tflite,
    check_export_folder,
    digest,
    export_folder,
    largest_relative,
    read_json,
    read_report,
    tflite_name,
)
from tests.small_exports import contents, names, write_export


@pytest.fixture
def export(tmp_path):
    return write_export(tmp_path / "export")


def test_tflite_files_are_named_by_their_precision():
    assert tflite_name("int8") == "model_int8.tflite"


@pytest.mark.parametrize(
    ("files", "best"),
    [
        (["model_int8.tflite", "model_float32.tflite", "a.tflite"], "model_float32.tflite"),
        (["a.tflite", ".b.tflite"], "a.tflite"),
        (["a.tflite", "b.tflite"], None),
        (["model.onnx"], None),
    ],
    ids=["exported", "one of another name", "two of other names", "none"],
)
def test_the_best_tflite_file_of_a_folder_is_clear_or_there_is_none(tmp_path, files, best):
    for name in files:
        (tmp_path / name).touch()
    (tmp_path / "model_float16.tflite").mkdir()
    assert best_tflite(tmp_path) == (best and tmp_path / best)
    assert best_tflite(tmp_path / "gone") is None


def test_a_digest_follows_from_the_names_and_contents_of_all_files(export, tmp_path):
    before = digest(export)
    assert digest(write_export(tmp_path / "copy")) == before
    seen = {before}
    (export / "labels.txt").write_text("other")
    seen.add(digest(export))
    (export / "labels.txt").rename(export / "names.txt")
    seen.add(digest(export))
    (export / "names.txt").rename(export / "saved_model" / "names.txt")
    seen.add(digest(export))
    (export / "saved_model" / "names.txt").unlink()
    seen.add(digest(export))
    assert len(seen) == 5


def test_the_blessing_is_no_part_of_the_digest(export):
    before = digest(export)
    (export / layout.BLESSING).write_text("another")
    assert digest(export) == before
    (export / layout.BLESSING).unlink()
    assert digest(export) == before


def test_the_digest_of_a_file_is_its_sha256(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert digest(tmp_path / "file").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")


def test_a_report_is_read(export):
    assert read_report(export)["model"]["name"] == "expression"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"export: expected an export\. Received: no report\.json in it"),
        ('{"format": ', r"report\.json: expected what emo_tf wrote\. Received: "),
        (b"\xff\xfe", r"report\.json: expected what emo_tf wrote\. Received: "),
        ('{"format": 2}', r"report\.json: expected format 1\. Received: 2"),
        ("{}", r"report\.json: expected format 1\. Received: None"),
        ("[1]", r"report\.json: expected format 1\. Received: None"),
    ],
    ids=["missing", "cut off", "no text", "later", "without format", "a list"],
)
def test_a_report_that_cannot_be_read_is_an_error(export, text, message):
    (export / layout.REPORT).unlink()
    if text is not None:
        content = text if isinstance(text, bytes) else text.encode()
        (export / layout.REPORT).write_bytes(content)
    with pytest.raises(EmoError, match=message):
        read_report(export)


@pytest.mark.parametrize("inside", ["nowhere", "labels.txt"], ids=["missing", "a file"])
def test_what_is_no_folder_is_no_export(export, inside):
    with pytest.raises(EmoError, match=r"expected a blessed export\. Received: no such folder"):
        read_json(export / inside, layout.BLESSING, kind="a blessed export")


def test_a_folder_in_place_of_the_report_is_an_error(export):
    (export / layout.REPORT).unlink()
    (export / layout.REPORT).mkdir()
    with pytest.raises(EmoError, match=r"report\.json: expected what emo_tf wrote"):
        read_report(export)


def test_the_largest_difference_is_over_outputs_and_libraries():
    def outputs(*values: float) -> dict:
        return {str(i): {"largest": 9.0, "relative": v} for i, v in enumerate(values)}

    file = {"difference": {"tf.lite": outputs(0.1, 0.2), "ai_edge_litert": outputs(0.3, 0.0)}}
    assert largest_relative(file) == 0.3


@pytest.mark.parametrize("kind", ["new", "empty", "earlier"])
def test_an_export_can_be_written_to(tmp_path, kind):
    path = tmp_path / "above" / "export"
    if kind == "empty":
        path.mkdir(parents=True)
    if kind == "earlier":
        write_export(path)
        (path / "openvino").mkdir()
        (path / "model.onnx").touch()
    check_export_folder(path)


@pytest.mark.parametrize(
    "strange", ["thesis.tex", "model_float32.tflite.txt", "model.keras", ".git"], ids=str
)
def test_a_folder_with_anything_else_in_it_is_refused(export, strange):
    (export / strange).touch()
    before = contents(export)
    with (
        pytest.raises(EmoError, match=rf"or one of an earlier export\. .* holds {strange}$"),
        export_folder(export),
    ):
        pass
    assert contents(export) == before


@pytest.mark.parametrize("inside", ["", "deeper", "deeper/still"], ids=["it", "above", "far above"])
def test_a_file_in_the_way_is_refused(tmp_path, inside):
    (tmp_path / "file").touch()
    with pytest.raises(EmoError, match=r"expected a folder to write to\. Received: .*file, a file"):
        check_export_folder(tmp_path / "file" / inside)


def test_an_earlier_export_is_replaced_and_its_blessing_with_it(export):
    before = contents(export)
    with export_folder(export) as folder:
        (folder / layout.REPORT).write_text(json.dumps({"format": 1}))
        assert contents(export) == before
    assert names(export) == [layout.REPORT]
    assert names(export.parent) == ["export"]


def test_a_failure_leaves_the_earlier_export(export):
    before = contents(export)

    def fail():
        with export_folder(export) as folder:
            (folder / layout.REPORT).write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert contents(export) == before
    assert names(export.parent) == ["export"]
