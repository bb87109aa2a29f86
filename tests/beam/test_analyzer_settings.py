import hashlib

import numpy as np
import pytest

from emo_tf.beam.analyzer_settings import AnalyzerFile, AnalyzerSettings
from emo_tf.errors import EmoError
from emo_tf.weights import weight_path

MODEL = weight_path("expression_int8")


def settings_with(path, address=None, **others):
    file = AnalyzerFile.of(address or str(path), path)
    return AnalyzerSettings(expression_model=file, **others)


def test_the_fingerprint_tells_files_by_what_they_hold_and_not_by_where_they_lie(tmp_path):
    copy = tmp_path / "copy.tflite"
    copy.write_bytes(MODEL.read_bytes())
    here, there = settings_with(MODEL, threads=1), settings_with(copy, threads=2)
    assert here.fingerprint() == there.fingerprint()
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert here.fingerprint()["expression_model"] == digest


@pytest.mark.parametrize(
    "others",
    [
        {"min_face": 30},
        {"group": False},
        {"max_pixels": 100},
        {"group_models": (AnalyzerFile("a", "b"),)},
        {"scene_labels": AnalyzerFile("a", "b")},
    ],
    ids=lambda others: next(iter(others)),
)
def test_the_fingerprint_changes_with_every_setting(others):
    assert AnalyzerSettings(**others).fingerprint() != AnalyzerSettings().fingerprint()


def test_the_analyzer_of_default_settings_finds_faces(astronaut):
    result = AnalyzerSettings().analyzer().analyze(astronaut)
    assert [face.expression.label for face in result.faces] == ["happy"]


def test_remote_files_are_copied_first(shelf):
    (shelf / "models").mkdir()
    (shelf / "models" / "net.tflite").write_bytes(MODEL.read_bytes())
    settings = settings_with(MODEL, "shelf://models/net.tflite")
    blank = np.zeros((50, 50, 3), np.uint8)
    assert settings.analyzer().analyze(blank).faces == ()


def test_a_file_that_is_another_on_the_worker_is_refused(tmp_path):
    path = tmp_path / "net.tflite"
    path.write_bytes(MODEL.read_bytes())
    settings = settings_with(path)
    path.write_bytes(weight_path("expression_float16").read_bytes())
    with pytest.raises(EmoError, match=r"net\.tflite: expected the file that the work was planned"):
        settings.analyzer()


@pytest.mark.parametrize("address", ["shelf://none.tflite", "/none.tflite"], ids=["remote", "here"])
def test_a_file_that_is_not_there_is_refused(shelf, address):
    settings = AnalyzerSettings(expression_model=AnalyzerFile(address, "0"))
    with pytest.raises(EmoError, match=r"none\.tflite: expected a file\. Received: "):
        settings.analyzer()
