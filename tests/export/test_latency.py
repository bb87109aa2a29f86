import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export import latency
from emo_tf.export.latency import WARM_UP_CALLS, latency_ms
from emo_tf.weights import weight_path

FACES = np.zeros((3, 48, 48, 3), np.uint8)


class FakeModel:
    """Takes as many milliseconds as its first pixel says, and notes what it was called with."""

    def __init__(self):
        self.time_s, self.threads, self.calls = 0.0, None, []

    def __call__(self, **inputs):
        self.calls.append(inputs)
        self.time_s += int(inputs["image"].flat[0]) / 1000
        return {}


@pytest.fixture
def model(monkeypatch) -> FakeModel:
    """A model and a clock that only its calls move."""
    model = FakeModel()

    def load(path, *, threads):
        model.threads = threads
        return model

    monkeypatch.setattr(latency, "LiteRTModel", load)
    monkeypatch.setattr(latency.time, "perf_counter", lambda: model.time_s)
    return model


def test_a_model_is_timed():
    found = latency_ms(weight_path("mtcnn_onet"), inputs={"image": FACES}, threads=1, seconds=0.01)
    assert list(found) == ["median", "least", "most"]
    assert 0 < found["least"] <= found["median"] <= found["most"]


def test_the_figures_are_those_of_the_calls_after_the_warm_up(model):
    pixels = np.uint8([10, 20, 90])[:, None, None, None]
    found = latency_ms("model.tflite", inputs={"image": pixels}, threads=2, seconds=0.119)
    assert found == pytest.approx({"median": 20, "least": 10, "most": 90})
    assert len(model.calls) == WARM_UP_CALLS + 3
    assert model.threads == 2


def test_the_examples_come_one_at_a_time_and_in_turn(model):
    inputs = {"image": np.uint8([[1], [2]]), "box": np.float32([[0.5], [1.5]])}
    latency_ms("model.tflite", inputs=inputs, threads=1, seconds=0.0055)
    timed = model.calls[WARM_UP_CALLS:]
    assert [call["image"].tolist() for call in timed] == [[[1]], [[2]], [[1]], [[2]]]
    assert [call["box"].tolist() for call in timed] == [[[0.5]], [[1.5]], [[0.5]], [[1.5]]]


def test_a_model_that_takes_longer_than_there_is_time_is_called_once(model):
    found = latency_ms("model.tflite", inputs={"image": np.uint8([[7]])}, threads=1, seconds=0)
    assert found == pytest.approx({"median": 7, "least": 7, "most": 7})


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({}, id="none"),
        pytest.param({"image": FACES[:0]}, id="no examples"),
        pytest.param({"image": FACES, "box": np.zeros((2, 4))}, id="several numbers"),
    ],
)
def test_inputs_without_equal_numbers_of_examples_are_refused(inputs):
    with pytest.raises(EmoError, match="inputs: expected the same examples for all"):
        latency_ms(weight_path("mtcnn_onet"), inputs=inputs, threads=1)


def test_what_the_model_does_not_take_is_refused(tmp_path):
    with pytest.raises(EmoError, match="Unknown input of mtcnn_onet"):
        latency_ms(weight_path("mtcnn_onet"), inputs={"imag": FACES}, threads=1)
    with pytest.raises(EmoError, match="threads: expected 1 or more"):
        latency_ms(weight_path("mtcnn_onet"), inputs={"image": FACES}, threads=0)
    with pytest.raises(EmoError, match="no such model file"):
        latency_ms(tmp_path / "missing.tflite", inputs={"image": FACES}, threads=1)
