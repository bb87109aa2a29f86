import shutil
import weakref
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.serve import model_versions
from emo_tf.serve.analysis import AnalysisSettings
from emo_tf.serve.predictor import Predictor
from emo_tf.serve.registry import ModelRegistry, UnknownModel, VersionStatus
from tests.served_models import FLOAT16, INT8, Events, served, states, tflite_in, write_version

AVAILABLE, UNLOADING, END = "AVAILABLE", "UNLOADING", "END"


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "served"


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def serve(root, events):
    def serve_root(folder: Path | None = root, **options) -> ModelRegistry:
        settings = {"workers": 1, "settings": AnalysisSettings(), "report": events}
        registry = ModelRegistry(folder, **settings | options)
        registry.refresh()
        return registry

    return serve_root


def test_the_shipped_model_is_served_without_a_root(serve):
    registry = serve(None)
    with registry.predictor("expression", 1) as predictor:
        assert predictor.file == FLOAT16
    assert registry.ready
    (listed,) = registry.listing()
    assert (listed["name"], listed["version"], listed["task"]) == ("expression", 1, "expression")
    assert listed["labels"][3] == "happy"


def test_the_shipped_model_is_served_beside_a_root_with_others(serve, root):
    write_version(root / "happy", 5)
    registry = serve()
    assert [(one["name"], one["version"]) for one in registry.listing()] == [
        ("expression", 1),
        ("happy", 5),
    ]


def test_a_model_of_the_same_name_takes_the_place_of_the_shipped_one(serve, root, events):
    root.mkdir()
    registry = serve()
    version = write_version(root / "expression", 1)
    registry.refresh()
    with registry.predictor("expression") as predictor:
        assert predictor.file == tflite_in(version)
    assert registry.statuses("expression") == [VersionStatus(1, AVAILABLE)]
    shutil.rmtree(root / "expression")
    registry.refresh()
    with registry.predictor("expression") as predictor:
        assert predictor.file == FLOAT16


@pytest.mark.parametrize(("keep", "loaded"), [(1, [10]), (2, [10, 9]), (5, [10, 9, 2])])
def test_the_highest_versions_are_served(serve, root, keep, loaded):
    for number in (2, 9, 10):
        write_version(root / "expression", number)
    registry = serve(keep_versions=keep)
    assert states(registry) == dict.fromkeys(loaded, AVAILABLE)
    assert served(registry) == 10
    for number in loaded:
        with registry.predictor("expression", number) as predictor:
            assert predictor.version == number


def test_a_new_version_takes_over_and_the_old_one_goes_with_its_last_lease(serve, root, events):
    write_version(root / "expression", 1)
    registry = serve()
    with registry.predictor("expression") as old:
        write_version(root / "expression", 2, file=FLOAT16)
        registry.refresh()
        assert states(registry) == {2: AVAILABLE, 1: UNLOADING}
        assert served(registry) == 2
        with pytest.raises(UnknownModel, match=r"expected version 2\. Received: 1"):
            registry.predictor("expression", 1).__enter__()
        (answer,) = old.answer(0, [b'{"signature_name": "serve_bytes", "instances": []}'])
        assert isinstance(answer, EmoError)  # it still reads requests
        assert "model_unloaded expression 1" not in events
    assert states(registry) == {2: AVAILABLE, 1: END}
    assert registry.statuses("expression", 1) == [VersionStatus(1, END)]
    of_models = [event for event in events if event.startswith("model")]
    assert of_models == [
        "model_loaded expression 1",
        "model_loaded expression 2",
        "model_unloaded expression 1",
    ]


def test_a_version_that_was_let_go_of_leaves_nothing_behind(serve, root):
    write_version(root / "expression", 1)
    registry = serve()
    with registry.predictor("expression") as predictor:
        gone = weakref.ref(predictor)
    del predictor
    write_version(root / "expression", 2)
    registry.refresh()
    assert gone() is None


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(serve, root, events):
    write_version(root / "expression", 1)
    registry = serve()
    tflite_in(write_version(root / "expression", 2)).write_bytes(INT8.read_bytes()[:5000])
    registry.refresh()
    assert served(registry) == 1
    assert states(registry) == {2: END, 1: AVAILABLE}
    (failed,) = registry.statuses("expression", 2)
    expected = "expression/2/assets.extra/model_float32.tflite: expected a model"
    assert failed.error.startswith(expected)  # clients need not know where ROOT lies
    assert events.count("model_failed expression 2") == 1


def test_the_next_lower_version_is_served_if_the_highest_fails_at_the_start(serve, root):
    write_version(root / "expression", 1)
    (root / "expression" / "2").mkdir()
    registry = serve()
    assert served(registry) == 1
    (failed,) = registry.statuses("expression", 2)
    assert failed.error.startswith("expression/2: expected model_float16.tflite, model_float32")


def test_a_model_that_cannot_be_loaded_says_so_when_it_is_asked(serve, root):
    (root / "other" / "3").mkdir(parents=True)
    registry = serve()
    with pytest.raises(
        UnknownModel, match=r"other: expected a version that is loaded\. .* none of"
    ):
        registry.predictor("other").__enter__()
    assert [one["name"] for one in registry.listing()] == ["expression"]


def test_a_failed_version_is_tried_again_once_its_file_has_changed(serve, root, events):
    broken = tflite_in(write_version(root / "expression", 2))
    broken.write_bytes(b"TFL3")
    asked = []

    def open_predictor(file: Path, **options) -> Predictor:
        asked.append(file)
        return Predictor(file, **options)

    registry = serve(open_predictor=open_predictor)
    registry.refresh()
    registry.refresh()
    assert asked == [broken]
    shutil.copy(INT8, broken)
    registry.refresh()
    assert served(registry) == 2
    assert states(registry) == {2: AVAILABLE}
    assert events.count("model_failed expression 2") == 1


def test_a_failed_version_is_tried_again_after_a_while(serve, root, events, monkeypatch):
    write_version(root / "expression", 2)
    fails = [True, True]

    def open_predictor(file: Path, **options) -> Predictor:
        if fails:
            fails.pop()
            raise MemoryError("no room")
        return Predictor(file, **options)

    monkeypatch.setattr(model_versions, "RETRY_S", 0.0)
    registry = serve(open_predictor=open_predictor)
    (failed,) = registry.statuses("expression")
    assert failed.error.endswith("model_float32.tflite: MemoryError: no room")
    registry.refresh()
    assert events.count("model_failed expression 2") == 1  # the same error is told once
    registry.refresh()
    assert states(registry) == {2: AVAILABLE}


def test_a_version_that_disappears_while_it_is_opened_is_no_failure(serve, root, events):
    write_version(root / "expression", 1)
    registry = serve(open_predictor=_remove_2_and_open)
    write_version(root / "expression", 2)
    registry.refresh()
    assert states(registry) == {1: AVAILABLE}
    assert not [event for event in events if "failed" in event]


def _remove_2_and_open(file: Path, **options) -> Predictor:
    if options["version"] == 2:
        shutil.rmtree(file.parents[1])
    return Predictor(file, **options)


def test_a_removed_version_gives_way_to_the_one_below_it(serve, root):
    write_version(root / "expression", 1)
    version = write_version(root / "expression", 2)
    registry = serve()
    shutil.rmtree(version)
    registry.refresh()
    assert states(registry) == {2: END, 1: AVAILABLE}


def test_the_last_version_stays_while_there_is_none_that_can_be_loaded(serve, root):
    version = write_version(root / "expression", 1)
    registry = serve()
    (root / "expression" / "2").mkdir()
    shutil.rmtree(version)
    registry.refresh()
    assert served(registry) == 1


def test_a_removed_model_is_unknown(serve, root):
    write_version(root / "other", 1)
    registry = serve()
    shutil.rmtree(root / "other")
    registry.refresh()
    with pytest.raises(UnknownModel, match="other: expected a version that is loaded"):
        registry.predictor("other").__enter__()
    assert states(registry, "other") == {1: END}


def test_a_root_that_disappears_leaves_what_is_served(serve, root, events):
    write_version(root / "expression", 3)
    registry = serve()
    root.rename(root.with_name("away"))
    for _ in range(2):
        registry.refresh()
    assert served(registry) == 3
    assert len([event for event in events if event.startswith("root_failed")]) == 1
    root.with_name("away").rename(root)
    write_version(root / "expression", 4)
    registry.refresh()
    assert served(registry) == 4


def test_a_root_that_is_not_there_at_the_start_is_refused(serve, root):
    with pytest.raises(EmoError, match="served: expected a folder of models"):
        serve(root)


def test_a_misnamed_model_is_told_once(serve, root, events):
    write_version(root / "my model", 1)
    registry = serve()
    registry.refresh()
    assert events.count("model_failed my model") == 1


def test_an_unknown_name_is_met_with_close_matches(serve):
    registry = serve(None)
    message = r"did you mean expression\? Received: 'expresion'"
    with pytest.raises(UnknownModel, match=message):
        registry.statuses("expresion")
    with pytest.raises(UnknownModel, match=message):
        registry.predictor("expresion").__enter__()


def test_an_unknown_version_is_met_with_those_that_are_served(serve):
    registry = serve(None)
    with pytest.raises(UnknownModel, match=r"model expression: expected version 1\. Received: 2"):
        registry.statuses("expression", 2)


def test_a_file_that_is_replaced_in_place_is_loaded_anew(serve, root):
    version = write_version(root / "expression", 1)
    registry = serve()
    Path(shutil.copy(FLOAT16, version / "copy")).replace(tflite_in(version))
    with registry.predictor("expression") as before:
        registry.refresh()
        with registry.predictor("expression", 1) as after:
            assert after is not before
    assert registry.statuses("expression") == [VersionStatus(1, AVAILABLE)]


def test_nothing_is_served_after_the_end(serve):
    registry = serve(None)
    with registry.predictor("expression"):
        registry.close()
        assert not registry.ready
        assert states(registry) == {1: UNLOADING}
    assert states(registry) == {1: END}
    registry.refresh()
    assert not registry.ready
    with pytest.raises(UnknownModel):
        registry.analysis().__enter__()
