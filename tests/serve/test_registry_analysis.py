import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.serve.analysis import AnalysisSettings, Upload
from emo_tf.serve.registry import ModelRegistry
from emo_tf.weights import weight_path
from tests.served_models import FLOAT16, INT8, with_task, write_version


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


@pytest.fixture
def events() -> list[tuple[str, dict]]:
    return []


@pytest.fixture
def serve(root, events):
    def serve_root(**settings) -> ModelRegistry:
        registry = ModelRegistry(
            root,
            workers=1,
            settings=AnalysisSettings(**settings),
            report=lambda *event: events.append(event),
        )
        registry.refresh()
        return registry

    return serve_root


def parts(registry: ModelRegistry) -> dict:
    with registry.analysis() as analysis:
        return analysis.parts


def expression(registry: ModelRegistry) -> tuple[str, int]:
    return tuple(parts(registry)["expression"].values())


def test_the_shipped_model_stands_in_where_there_is_none(serve, root):
    write_version(root / "video", 1, file=weight_path("expression_tsm_int8"))
    registry = serve()
    assert parts(registry) == {
        "expression": {"model": "expression", "version": 1},
        "emotic": None,
        "group": [],
    }


@pytest.mark.parametrize("name", ["expression", "happy"])
def test_a_model_of_task_expression_is_taken_instead_of_the_shipped_one(serve, root, name):
    write_version(root / name, 7)
    assert expression(serve()) == (name, 7)


def test_a_new_version_is_taken_and_the_old_one_answers_to_its_end(serve, root, astronaut):
    write_version(root / "expression", 1)
    registry = serve()
    with registry.analysis() as old:
        write_version(root / "expression", 2, file=FLOAT16)
        registry.refresh()
        assert expression(registry) == ("expression", 2)
        assert old.parts["expression"]["version"] == 1
        (answer,) = old.answer(0, [Upload("portrait", astronaut.read_bytes())])
        assert b'"happy"' in answer


def test_nothing_is_opened_anew_while_nothing_changes(serve, root):
    write_version(root / "expression", 1)
    registry = serve()
    with registry.analysis() as before:
        registry.refresh()
        with registry.analysis() as after:
            assert after is before


def test_two_models_of_which_one_alone_can_be_used_are_refused_at_the_start(serve, root):
    for name in ("calm", "wild"):
        write_version(root / name, 1)
    message = r"--analyze: expected the one model of task expression .*Received: calm and wild"
    with pytest.raises(EmoError, match=message):
        serve()


@pytest.mark.parametrize("name", ["calm", "wild"])
def test_the_one_that_is_named_is_used(serve, root, name):
    for other in ("calm", "wild"):
        write_version(root / other, 1)
    assert expression(serve(models=(name,))) == (name, 1)


def test_the_shipped_model_can_be_named_too(serve, root):
    write_version(root / "calm", 2)
    assert expression(serve(models=("expression",))) == ("expression", 1)
    with pytest.raises(EmoError, match="Received: calm and expression"):
        serve(models=("calm", "expression"))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("expresion",), r"model of --analyze: did you mean expression\? Received: 'expresion'"),
        (("video",), r"--analyze video: expected a model of task expression, .* Received: video"),
    ],
    ids=["unknown", "of another task"],
)
def test_a_name_of_no_use_is_refused(serve, root, names, message):
    write_version(root / "video", 1, file=weight_path("expression_tsm_int8"))
    with pytest.raises(EmoError, match=message):
        serve(models=names)


def test_a_second_model_that_comes_later_is_left_out_and_told_once(serve, root, events):
    write_version(root / "wild", 1)
    registry = serve()
    write_version(root / "calm", 1)
    for _ in range(2):
        registry.refresh()
    assert expression(registry) == ("wild", 1)
    told = [about for event, about in events if event == "analysis_left_out"]
    assert told == [{"model": "calm", "error": "expression: wild is in use"}]
    write_version(root / "wild", 2)
    registry.refresh()
    assert expression(registry) == ("wild", 2)


def test_another_model_is_taken_when_the_one_in_use_goes(serve, root):
    write_version(root / "wild", 1)
    registry = serve()
    write_version(root / "calm", 3)
    registry.refresh()
    shutil.rmtree(root / "wild")
    registry.refresh()
    assert expression(registry) == ("calm", 3)
    shutil.rmtree(root / "calm")
    registry.refresh()
    assert expression(registry) == ("expression", 1)


def test_an_analysis_that_cannot_be_opened_leaves_the_one_before(serve, root, events, tmp_path):
    write_version(root / "expression", 1)
    registry = serve()
    write_version(root / "group", 1, file=with_task(tmp_path / "group.tflite", "group"))
    for _ in range(2):
        registry.refresh()
    assert parts(registry)["group"] == []
    failed = [about for event, about in events if event == "analysis_failed"]
    assert [about["group"] for about in failed] == [[{"model": "group", "version": 1}]]
    shutil.rmtree(root / "group")
    write_version(root / "expression", 2)
    registry.refresh()
    assert expression(registry) == ("expression", 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ensemble": Path("gone.json")}, "gone.json"),
        (
            {"person_detector": INT8},
            "--person-detector .*: expected a served model of task emotic too",
        ),
    ],
    ids=["ensemble", "person detector"],
)
def test_settings_that_cannot_be_used_are_refused_at_the_start(serve, settings, message):
    with pytest.raises(EmoError, match=message):
        serve(**settings)


def test_models_of_groups_are_left_out_where_no_verdict_is_wanted(serve, root, tmp_path):
    write_version(root / "group", 1, file=with_task(tmp_path / "group.tflite", "group"))
    assert parts(serve(group=False))["group"] is None
