import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.serve.analysis import AnalysisSettings, PhotoAnalysis, Upload
from emo_tf.serve.analysis_models import ServedModel, choose_models
from emo_tf.serve.model_root import ModelVersion
from emo_tf.serve.registry import ModelRegistry
from tests.served_models import INT8, write_version


def served(name: str, file: Path, *, task: str, number: int = 1) -> ServedModel:
    return ServedModel(ModelVersion(name, number, file.parent, file), task)


@pytest.fixture(scope="module")
def analysis() -> PhotoAnalysis:
    return PhotoAnalysis(choose_models([]), settings=AnalysisSettings(), workers=2)


@pytest.fixture(scope="module")
def portrait(astronaut) -> bytes:
    return astronaut.read_bytes()


def without_times(answer: bytes) -> dict:
    values = json.loads(answer)
    del values["timings_ms"]
    return values


def test_an_answer_is_what_the_analyzer_finds(analysis, portrait):
    (answer,) = analysis.answer(0, [Upload("portrait.png", portrait)])
    expected = Analyzer(threads=1).analyze(("portrait.png", portrait)).to_json()
    assert without_times(answer) == without_times(expected.encode())
    assert json.loads(answer)["faces"][0]["expression"]["label"] == "happy"


def test_each_of_several_pictures_has_its_own_answer(analysis, portrait, photo, make_picture):
    landscape = make_picture(photo, "PNG")
    uploads = [Upload(f"{i}", portrait if i % 2 else landscape) for i in range(5)]
    answers = [json.loads(answer) for answer in analysis.answer(1, uploads)]
    assert [answer["source"] for answer in answers] == ["0", "1", "2", "3", "4"]
    assert [len(answer["faces"]) for answer in answers] == [0, 1, 0, 1, 0]


def test_an_unreadable_picture_fails_alone_and_is_named_once(analysis, portrait):
    uploads = [Upload("good.png", portrait), Upload("bad.png", b"text"), Upload("", b"")]
    good, bad, nameless = analysis.answer(0, uploads)
    assert json.loads(good)["faces"]
    assert isinstance(bad, EmoError)
    assert str(bad).startswith("bad.png: expected a picture")
    assert str(bad).count("bad.png") == 1
    assert str(nameless).startswith("image: expected a picture")


def test_a_picture_over_the_limit_is_refused(portrait):
    settings = AnalysisSettings(max_pixels=512 * 512 - 1)
    (answer,) = PhotoAnalysis(choose_models([]), settings=settings, workers=1).answer(
        0, [Upload("portrait", portrait)]
    )
    assert str(answer).startswith("portrait: expected at most 262,143 pixels")


def test_a_limit_below_the_picture_to_warm_up_with_is_no_trouble():
    settings = AnalysisSettings(max_pixels=2)
    assert PhotoAnalysis(choose_models([]), settings=settings, workers=1).name == "analyze"


@pytest.mark.parametrize("name", ["\ud800.png", "Größe 😀.png", '"\n</script>', "x" * 5000])
def test_any_name_comes_back_as_json(analysis, portrait, name):
    (answer,) = analysis.answer(0, [Upload(name, portrait)])
    assert json.loads(answer)["source"] == name.replace("\ud800", "?")


def test_workers_answer_at_the_same_time(analysis, portrait):
    def ask(worker: int) -> list[dict]:
        answers = [analysis.answer(worker, [Upload("portrait", portrait)]) for _ in range(4)]
        return [without_times(answer) for (answer,) in answers]

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ask, range(2))
    assert first == second == first[:1] * 4


@pytest.mark.parametrize(
    ("group", "judges"), [(True, []), (False, None)], ids=["group", "no group"]
)
def test_the_parts_name_model_and_version(group, judges):
    models = choose_models([served("calm", INT8, task="expression", number=4)], group=group)
    analysis = PhotoAnalysis(models, settings=AnalysisSettings(group=group), workers=1)
    assert analysis.parts == {
        "expression": {"model": "calm", "version": 4},
        "emotic": None,
        "group": judges,
    }


@pytest.mark.slow
def test_models_of_people_and_groups_take_part(context_tflite, tmp_path, portrait):
    from tests.group_models import write_group_tflite

    groups = {
        name: write_group_tflite(tmp_path / f"{name}.tflite", name=name) for name in ("one", "two")
    }
    for name, file in {"people": context_tflite, **groups}.items():
        write_version(tmp_path / "served" / name, 3, file=file)
    registry = ModelRegistry(tmp_path / "served", workers=1, settings=AnalysisSettings())
    registry.refresh()
    with registry.analysis() as analysis:
        (answer,) = analysis.answer(0, [Upload("portrait", portrait)])
    expected = Analyzer(
        context_model=context_tflite, group_models=[*groups.values()], threads=1
    ).analyze(("portrait", portrait))
    assert without_times(answer) == without_times(expected.to_json().encode())
    found = json.loads(answer)
    assert len(found["people"][0]["categories"]) == 26
    assert {"one", "two"} <= set(found["group"]["verdicts"])
    assert np.isclose(sum(found["group"]["probabilities"].values()), 1, atol=1e-4)
    assert analysis.parts == {
        "expression": {"model": "expression", "version": 1},
        "emotic": {"model": "people", "version": 3},
        "group": [{"model": "one", "version": 3}, {"model": "two", "version": 3}],
    }
    assert [one["task"] for one in registry.listing()] == ["expression", "group", "emotic", "group"]
