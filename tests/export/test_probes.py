import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.export import probe_predict, probe_tflite
from emo_tf.export.bless import bless
from emo_tf.export.checks import Check, all_passed
from emo_tf.export.fresh_process import Ended, run_fresh
from emo_tf.export.probe_requests import ask, ask_malformed, ask_stream
from emo_tf.export.quality import QualityLimits
from emo_tf.labels import EXPRESSIONS, GROUP_EMOTIONS
from emo_tf.weights import weight_path
from tests.blessable_exports import small_context_export
from tests.group_models import write_group_tflite

ANSWER = {"score": np.zeros((1, 2), np.float32)}
WARMUP = Path("assets.extra") / "tf_serving_warmup_requests"


@pytest.fixture(scope="module")
def context_export(tmp_path_factory) -> Path:
    """An export of people in context: a SavedModel that takes pixels or files, and float32."""
    return small_context_export(tmp_path_factory.mktemp("context") / "export")


@pytest.mark.slow
def test_a_saved_model_and_people_in_their_scenes_are_asked_in_fresh_processes(context_export):
    blessing = bless(context_export, quality=QualityLimits(minimum={"accuracy": 0}))
    checks = {check.name: check for check in blessing.infrastructure}
    assert blessing.blessed, blessing.reasons
    assert [name for name in checks if name.startswith("saved_model: serv")] == [
        *(
            f"saved_model: serve_bytes, {what}"
            for what in ("1 PNG", "3 PNG", "1 JPEG", "3 JPEG", "garbage", "a truncated JPEG")
        ),
        "saved_model: serve_bytes, an empty file",
        "saved_model: serve_bytes, the first again",
        *(f"saved_model: serving_default, {batch} made up" for batch in (1, 3)),
    ]
    assert checks["saved_model: warm-up requests"].passed
    predicted = checks["float32: emo-tf predict, a picture"]
    assert predicted.value == "finite scores of 26 labels"


@pytest.mark.parametrize("content", [None, b"", b"no record"], ids=["missing", "empty", "damaged"])
def test_a_saved_model_without_warm_up_requests_does_not_pass(context_export, tmp_path, content):
    from emo_tf.export import probe_saved_model

    folder = shutil.copytree(context_export / "saved_model", tmp_path / "saved_model")
    (folder / WARMUP).unlink()
    if content is not None:
        (folder / WARMUP).write_bytes(content)
    checks = probe_saved_model.probe(folder)
    assert [check.name for check in checks if not check.passed] == ["warm-up requests"]


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "died by SIGSEGV"),
        ("raise ValueError('no such thing')", "exit code 1: ValueError: no such thing"),
        ("print('done')", "exit code 0"),
    ],
    ids=["signal", "error", "well"],
)
def test_how_a_process_ended_is_told_in_a_few_words(tmp_path, code, summary):
    assert run_fresh(["-c", code], folder=tmp_path, time_limit_s=60).summary == summary


def test_blessing_and_asking_the_runtime_need_no_tensorflow(tmp_path):
    code = f"""
import sys
from pathlib import Path
sys.modules.update(dict.fromkeys(("tensorflow", "keras", "tensorflow_datasets")))
import emo_tf.export.bless
from emo_tf.export.probe_tflite import probe
assert all(check.passed is not False for check in probe(Path("{weight_path("expression_int8")}"),
    latency_ms=None))
"""
    assert run_fresh(["-c", code], folder=tmp_path, time_limit_s=60).summary == "exit code 0"


def test_sides_that_may_have_any_length_get_one():
    assert all_passed(probe_tflite.probe(weight_path("mtcnn_pnet"), latency_ms=None))


@pytest.mark.parametrize(("budget", "verdicts"), [(5, [True, False]), (4.9, [False, False])])
def test_latency_is_measured_anew_on_one_thread_and_on_two(monkeypatch, budget, verdicts):
    def latency(path: Path, *, inputs: dict, threads: int) -> dict[str, float]:
        assert next(iter(inputs.values())).shape[0] == 1
        return {"median": 5.0 * threads}

    monkeypatch.setattr(probe_tflite, "measure_latency_ms", latency)
    checks = probe_tflite.probe(weight_path("mtcnn_onet"), latency_ms=budget)[-2:]
    assert [check.value for check in checks] == [5.0, 10.0]
    assert [check.passed for check in checks] == verdicts


@pytest.mark.parametrize(
    ("outputs", "value"),
    [
        ({"score": np.zeros((2, 3))}, "finite outputs"),
        ({"score": np.zeros((1, 3))}, "score of shape (1, 3) for 2 examples"),
        ({"score": np.full((2, 3), np.nan)}, "score that is not finite"),
        ({}, "no outputs"),
    ],
    ids=["good", "another batch", "NaN", "nothing"],
)
def test_an_answer_has_finite_outputs_for_each_example(outputs, value):
    check = ask(lambda inputs: outputs, {}, name="model", batch=2)
    assert check == Check("model", value, "finite outputs", value == "finite outputs")


def _raise(error: Exception):
    raise error


@pytest.mark.parametrize(
    ("answer", "received"),
    [
        (lambda: _raise(EmoError("no")), "a refusal"),
        (lambda: ANSWER, "an answer"),
        (lambda: _raise(KeyError("image")), "KeyError: 'image'"),
    ],
    ids=["refusal", "answer", "another error"],
)
def test_a_malformed_request_is_to_be_refused(answer, received):
    checks = ask_malformed(
        lambda inputs: ANSWER if inputs["good"] else answer(),
        {"a bad one": {"good": False}},
        good={"good": True},
        name="model",
        refusal=EmoError,
    )
    assert [check.name for check in checks] == [
        "model, a bad one",
        "model, the first again",
    ]
    assert checks[0].value == received
    assert [check.passed for check in checks] == [received == "a refusal", True]


def test_a_malformed_request_must_not_change_the_next_answer():
    answers = iter([ANSWER, {"score": np.ones((1, 2), np.float32)}])
    (check,) = ask_malformed(
        lambda inputs: next(answers), {}, good={}, name="model", refusal=EmoError
    )
    assert (check.value, check.passed) == ("another answer", False)


class Counter:
    """A model of a stream that counts: in its state, or behind its caller's back."""

    def __init__(self, *, hidden: bool):
        self.hidden, self.calls = hidden, 0

    def __call__(self, inputs: dict) -> dict[str, np.ndarray]:
        self.calls += 1
        state = inputs["state"] + 1
        return {"score": state + self.calls * self.hidden, "state": state}


@pytest.mark.parametrize("hidden", [False, True], ids=["in its state", "behind one's back"])
def test_a_stream_is_to_hang_on_its_states_alone(hidden):
    requests = {1: {"state": np.full((1, 2), 7.0)}}
    checks = ask_stream(Counter(hidden=hidden), requests, states=["state"], name="model")
    assert [check.name for check in checks] == [
        "model, a stream of 1",
        "model, the stream of 1 again",
    ]
    assert [check.passed for check in checks] == [True, not hidden]


def test_a_stream_whose_states_grow_beyond_all_numbers_does_not_pass():
    def grow(inputs: dict) -> dict[str, np.ndarray]:
        state = (inputs["state"] + 10) ** 30
        return {"score": np.ones((1, 1)), "state": state}

    with np.errstate(over="ignore"):
        checks = ask_stream(grow, {1: {"state": np.ones((1, 1))}}, states=["state"], name="model")
    assert checks[0].value == "state that is not finite"
    assert not checks[0].passed


GOOD = dict.fromkeys(EXPRESSIONS, 0.5)


@pytest.mark.parametrize(
    ("faces", "value"),
    [
        ([{"expression": {"probabilities": GOOD}}], "finite scores of 7 labels"),
        ([{"expression": {"probabilities": GOOD | {"sad": None}}}], "scores that are not finite"),
        (
            [{"expression": {"probabilities": GOOD | {"sad": float("nan")}}}],
            "scores that are not finite",
        ),
        ([{"expression": {"probabilities": {"happy": 1.0}}}], "scores of happy"),
        ([], "nobody found"),
    ],
    ids=["good", "null", "NaN", "a label", "no face"],
)
def test_predict_is_to_answer_the_picture_with_all_labels(monkeypatch, faces, value):
    text = json.dumps({"source": "good.png", "faces": faces}) + "\n"
    monkeypatch.setattr(
        probe_predict, "run_fresh", lambda *_, **__: Ended(1, None, text, "Traceback (most")
    )
    checks = probe_predict.probe(weight_path("expression_int8"), task="expression", time_limit_s=1)
    assert checks[0].value == value
    assert checks[0].passed is (value == "finite scores of 7 labels")
    # Of the malformed pictures it said nothing, and on stderr what nobody should see.
    assert not any(check.passed for check in checks[1:])


@pytest.mark.parametrize(
    ("tracks", "value"),
    [
        ([{"expression": {"probabilities": GOOD}}], "finite scores of 7 labels"),
        ([], "nobody found"),
    ],
    ids=["good", "no face"],
)
def test_predict_is_to_follow_a_face_to_the_end_of_a_video(monkeypatch, tracks, value):
    frames = [{"source": "good.mp4", "tracks": []}, {"source": "good.mp4", "tracks": tracks}]
    text = "".join(json.dumps(frame) + "\n" for frame in frames)
    asked = []

    def predict(arguments, *, folder, time_limit_s):
        asked.extend(arguments)
        assert (folder / "good.mp4").stat().st_size > 1000
        return Ended(1, None, text, "")

    monkeypatch.setattr(probe_predict, "run_fresh", predict)
    path = weight_path("expression_int8")
    checks = probe_predict.probe(path, task="video", time_limit_s=1)
    assert (checks[0].name, checks[0].value) == ("emo-tf predict, a video", value)
    assert asked[2:7] == ["predict", "good.mp4", "0.mp4", "1.mp4", "2.mp4"]


VERDICT = dict.fromkeys(GROUP_EMOTIONS, 1 / 3)


@pytest.mark.parametrize(
    ("group", "value"),
    [
        ({"verdicts": {"mean_colour": VERDICT, "faces": None}}, "finite scores of 3 labels"),
        ({"verdicts": {"mean_colour": VERDICT | {"neutral": None}}}, "scores that are not finite"),
        ({"verdicts": {"mean_colour": None, "faces": VERDICT}}, "no verdict of mean_colour"),
        ({"verdicts": {"mean_colour": {"positive": 1.0}}}, "scores of positive"),
        (None, "no verdict of mean_colour"),
    ],
    ids=["good", "null", "of another source", "a label", "no group"],
)
def test_predict_is_to_tell_the_models_own_verdict_on_a_group(monkeypatch, tmp_path, group, value):
    path = write_group_tflite(tmp_path / "model.tflite")
    text = json.dumps({"source": "good.png", "faces": [], "group": group}) + "\n"
    monkeypatch.setattr(probe_predict, "run_fresh", lambda *_, **__: Ended(1, None, text, ""))
    answer = probe_predict.probe(path, task="group", time_limit_s=1)[0]
    assert answer.value == value
    assert answer.passed is (value == "finite scores of 3 labels")


@pytest.mark.parametrize("text", ["not JSON\n", "[1]\n", "{}\n"], ids=["text", "a list", "empty"])
def test_what_is_not_a_json_line_a_source_is_no_answer(monkeypatch, text):
    monkeypatch.setattr(probe_predict, "run_fresh", lambda *_, **__: Ended(1, None, text, ""))
    checks = probe_predict.probe(weight_path("expression_int8"), task="expression", time_limit_s=1)
    assert checks[0].value == "nobody found"


def test_the_fresh_process_is_this_python(tmp_path):
    ended = run_fresh(["-c", "import sys; print(sys.executable)"], folder=tmp_path, time_limit_s=60)
    assert ended.stdout.strip() == sys.executable
