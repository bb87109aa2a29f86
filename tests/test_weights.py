import json
import re

import pytest

from emo_tf.errors import EmoError
from emo_tf.export.folder import digest
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_names, weight_path

FOLDER = weight_path("mtcnn_pnet").parent


def test_the_face_detector_is_shipped():
    assert {"mtcnn_onet", "mtcnn_pnet", "mtcnn_rnet"} <= set(weight_names())


def test_an_unknown_name_is_met_with_the_known_ones():
    with pytest.raises(EmoError, match=r"shipped model: did you mean .*mtcnn_pnet"):
        weight_path("mtcn_pnet")


def test_every_shipped_model_describes_itself_and_takes_pictures_as_bytes():
    for name in weight_names():
        model = LiteRTModel(weight_path(name))
        assert model.metadata.licence, name
        assert model.metadata.provenance, name
        runner = model._interpreter.get_signature_runner("serving_default")
        inputs, outputs = runner.get_input_details(), runner.get_output_details()
        pictures, states = set(model.metadata.inputs), set(model.metadata.states)
        assert set(inputs) == pictures | states, name
        assert set(outputs) == set(model.metadata.outputs), name
        for key, details in inputs.items():
            assert details["dtype"].__name__ == ("uint8" if key in pictures else "float32"), name
        assert {details["dtype"].__name__ for details in outputs.values()} == {"float32"}, name


def test_every_shipped_model_has_a_card():
    cards = [path.stem for path in FOLDER.glob("*.md")]
    for name in weight_names():
        assert any(name.startswith(card) for card in cards), name


def test_every_shipped_model_is_a_file_of_an_export_whose_report_is_shipped():
    reports = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
    for name in weight_names():
        path = weight_path(name)
        sha256 = digest(path)
        (found,) = (
            report
            for report in reports.values()
            if any(file["sha256"] == sha256 for file in report["files"].values())
        )
        metadata = LiteRTModel(path).metadata
        assert (found["model"]["name"], found["model"]["task"]) == (metadata.name, metadata.task)
        assert reports[metadata.name] == found, name


def test_every_shipped_report_belongs_to_a_shipped_model():
    names = {LiteRTModel(weight_path(name)).metadata.name for name in weight_names()}
    assert {path.stem for path in FOLDER.glob("*.json")} == names


def test_cards_name_the_files_as_they_are_shipped():
    text = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.md"))
    assert set(re.findall(r"`(\w+)\.tflite`", text)) == set(weight_names())


@pytest.mark.parametrize("precision", ["float16", "int8"])
@pytest.mark.parametrize("model", ["expression", "expression_tsm"])
def test_the_expression_models_cards_tell_what_their_reports_do(model, precision):
    file = json.loads((FOLDER / f"{model}.json").read_text("utf-8"))["files"][precision]
    card = (FOLDER / f"{model}.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| `{model}_{precision}\.tflite` \|.*", card, re.MULTILINE)
    assert f"| {file['metrics']['accuracy']:.4f} | {file['metrics']['mean_recall']:.4f} |" in line
