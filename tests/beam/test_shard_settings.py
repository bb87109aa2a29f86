import hashlib
from pathlib import Path

import pytest

from emo_tf.beam.analyzer_settings import AnalyzerFile
from emo_tf.cli.shard_settings import shard_settings
from emo_tf.errors import EmoError
from emo_tf.weights import weight_path

SHIPPED = weight_path("expression_int8")


def made(*, model=(), **others):
    files = dict.fromkeys(("person_detector", "scene_labels", "scene_network", "ensemble"))
    return shard_settings(model=model, **(files | others))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_models_go_by_their_tasks_with_paths_in_full(context_tflite, monkeypatch):
    monkeypatch.chdir(context_tflite.parent)
    settings = made(model=[SHIPPED, Path(context_tflite.name)], min_face=30, group=False)
    assert settings.expression_model == AnalyzerFile(str(SHIPPED), digest(SHIPPED))
    assert settings.context_model == AnalyzerFile(str(context_tflite), digest(context_tflite))
    assert (settings.min_face, settings.group, settings.threads) == (30, False, 1)


def test_remote_models_keep_their_addresses_though_paths_lose_a_slash(shelf):
    (shelf / "net.tflite").write_bytes(SHIPPED.read_bytes())
    settings = made(model=[Path("shelf://net.tflite")])
    assert settings.expression_model == AnalyzerFile("shelf://net.tflite", digest(SHIPPED))


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ({"model": [SHIPPED, SHIPPED]}, r"^--model: expected one model of task expression"),
        ({"person_detector": SHIPPED}, r"^--person-detector: expected a model of people too"),
        ({"scene_labels": Path("a.json")}, r"^--scene-labels: expected --scene-network NET\.json"),
        ({"ensemble": Path("shelf://none.json")}, r"^shelf://none\.json: expected a file\. Rec"),
        ({"min_face": 2}, r"^min_face: expected 12 pixels or more"),
    ],
    ids=["two of a task", "no model of people", "labels alone", "remote file", "setting"],
)
def test_what_does_not_go_together_is_refused_before_any_work(others, message, shelf):
    with pytest.raises(EmoError, match=message):
        made(**others)
