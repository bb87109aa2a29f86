"""A model of clips as what is exported: its online form, its clips, its files."""

import functools
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from emo_tf.data.photographs import FER2013_CROP
from emo_tf.errors import EmoError
from emo_tf.export import video as module
from emo_tf.export.run_files import read_run_files
from emo_tf.export.video import video_exportable
from emo_tf.labels import EXPRESSIONS
from emo_tf.runtime.litert import LiteRTModel
from tests.context_exports import export_quickly
from tests.video_exports import (
    FRIENDS,
    KINDS,
    ONLINE,
    keras_probabilities,
    real_clips,
    video_run,
)

PRECISIONS = {"float32": 1e-4, "float16": 5e-3, "int8": 0.05}
STATES = {"residual": 3, "stage": 1, "none": 0}
LONG = 40
"""Frames of a stream, many more than any of the models looks back."""


@pytest.fixture(scope="module")
def exports(tmp_path_factory, video_twin):
    """Gives the folder of a run and its export by the kind of model, each made once."""
    folder = tmp_path_factory.mktemp("video")

    @functools.cache
    def run(kind: str) -> Path:
        data = {"dataset": FRIENDS, "data_dir": str(video_twin)}
        made = video_run(folder / kind, kind, arguments=KINDS[kind], data=data)
        export_quickly(made, made / "export")
        return made

    return run


def streamed(model, clips: np.ndarray) -> np.ndarray:
    """Returns an online file's answers to clips, its states carried from zeros, (N, T, 7)."""
    states = {
        name: np.zeros((len(clips), *array.shape), np.float32)
        for name, array in model.metadata.arrays.items()
    }
    answers = []
    for place in range(clips.shape[1]):
        outputs = model(frame=np.ascontiguousarray(clips[:, place]), **states)
        answers.append(outputs["probabilities"])
        states = {name: outputs[name] for name in states}
    return np.stack(answers, axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", ONLINE)
def test_a_stream_of_frames_answers_as_keras_does_over_a_clip_as_long(
    exports, video_twin, kind, precision
):
    clips = real_clips(kind, video_twin, count=3, frames=LONG)
    model = LiteRTModel(exports(kind) / "export" / f"model_{precision}.tflite")
    # Where the first frame of a clip keeps its own channels, those before it differ.
    first = STATES[kind] if kind == "stage" else 0
    found, expected = streamed(model, clips)[:, first:], keras_probabilities(kind, clips)[:, first:]
    np.testing.assert_allclose(found, expected, rtol=0, atol=PRECISIONS[precision])
    if kind != "none":  # And it is the frames before that make them so.
        alone = np.stack(
            [streamed(model, clips[:, [place]])[:, 0] for place in range(first, LONG)], axis=1
        )
        assert np.abs(alone - expected).max() > 3 * PRECISIONS[precision]


@pytest.mark.slow
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_model_that_looks_ahead_stays_one_of_clips(exports, video_twin, precision):
    clips = real_clips("two-way", video_twin, count=3, frames=4)
    model = LiteRTModel(exports("two-way") / "export" / f"model_{precision}.tflite")
    assert (list(model.metadata.inputs), model.metadata.states) == (["clip"], {})
    found, by_frame = model(clip=clips), keras_probabilities("two-way", clips)
    tolerance = PRECISIONS[precision]
    np.testing.assert_allclose(found["frame_probabilities"], by_frame, rtol=0, atol=tolerance)
    decision = np.exp(np.log(by_frame[:, -2:]).mean(axis=1))
    decision /= decision.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found["probabilities"], decision, rtol=0, atol=tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONLINE)
def test_a_file_says_which_states_it_takes_and_returns(exports, kind):
    names = [f"state_{number + 1}" for number in range(STATES[kind])]
    with zipfile.ZipFile(exports(kind) / "export" / "model_float16.tflite") as archive:
        said = json.loads(archive.read("emo_tf.json"))
        assert tuple(archive.read("labels.txt").decode().split()) == EXPRESSIONS
    assert (said["task"], said["temperature"], said["crop"]) == ("video", 0.4, FER2013_CROP)
    assert (list(said["inputs"]), sorted(said["arrays"])) == (["frame"], names)
    assert list(said["outputs"]) == ["probabilities", *names]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONLINE)
def test_the_saved_model_takes_a_frame_and_its_states(exports, kind):
    loaded = tf.saved_model.load(str(exports(kind) / "export" / "saved_model"))
    assert list(loaded.signatures) == ["serving_default"]  # A frame is no picture file.
    takes = loaded.signatures["serving_default"].structured_input_signature[1]
    states = {name: spec for name, spec in takes.items() if name != "frame"}
    assert takes["frame"].dtype == tf.uint8
    assert len(states) == STATES[kind]
    answer = loaded.signatures["serving_default"](
        frame=tf.zeros((2, 32, 32, 1), tf.uint8),
        **{name: tf.zeros((2, *spec.shape[1:])) for name, spec in states.items()},
    )
    assert {name: value.shape for name, value in answer.items()} == {
        "probabilities": (2, 7),
        **{name: (2, *spec.shape[1:]) for name, spec in states.items()},
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONLINE)
def test_clips_and_a_long_stream_are_reported_and_stand_on_the_card(exports, kind):
    folder = exports(kind) / "export"
    report = json.loads((folder / "report.json").read_text())
    card = (folder / "model_card.md").read_text()
    for file in report["files"].values():
        for found in file["difference"].values():
            assert list(found) == [
                "frame_probabilities",
                "stream_probabilities",
                "stream_end_probabilities",
            ]
        largest = next(iter(file["difference"].values()))["stream_probabilities"]["largest"]
        assert f"`{file['path']}` {largest:.1e}, " in card
    assert "Over a stream of 100 frames, the states carried" in card
    assert ("zeros before the first frame" in card) == (kind != "none")
    assert "not what they experience" in card


@pytest.mark.slow
def test_the_card_says_on_how_many_frames_an_answer_rests(exports, video_twin):
    card = (exports("residual") / "export" / "model_card.md").read_text()
    assert "`state_1` to `state_3`" in card
    assert "rests on 4 frames" in card
    clips = real_clips("residual", video_twin, count=1, frames=8)
    changed = clips.copy()
    model = LiteRTModel(exports("residual") / "export" / "model_float32.tflite")
    changed[:, :4] = 255 - changed[:, :4]  # Frame 7 sees 4 to 7.
    before, after = (streamed(model, one)[0] for one in (clips, changed))
    np.testing.assert_array_equal(after[7], before[7])
    assert np.abs(after[6] - before[6]).max() > 1e-4


def test_a_file_that_forgets_its_states_is_not_written(tmp_path, monkeypatch):
    run = video_run(tmp_path / "run", "residual", arguments=KINDS["residual"])
    forgetful = module._outputs

    def forget(made, *, metadata):
        outputs = forgetful(made, metadata=metadata)
        return {
            name: value * 0 if name in metadata.states else value for name, value in outputs.items()
        }

    monkeypatch.setattr(module, "_outputs", forget)
    with pytest.raises(EmoError, match=r"saved_model: expected .* frame_probabilities"):
        export_quickly(run, tmp_path / "export")
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("residual", None, r"model_arguments in its provenance .*Received: none"),
        ("residual", {**KINDS["residual"], "shift": "sideways"}, "Unknown shift.*sideways"),
        ("residual", {**KINDS["residual"], "speed": 2}, r"model_arguments: expected .*: speed"),
        ("residual", {**KINDS["residual"], "classes": 5}, r"model_arguments describe\. .*others"),
        ("two-way", {**KINDS["two-way"], "two_way": False}, "frame_probabilities, a diff"),
        ("stage", {**KINDS["stage"], "frames": 1, "decision_frames": 1}, "more than 1 frames"),
    ],
    ids=[
        "nothing said",
        "an unknown shift",
        "an unknown argument",
        "another network",
        "another direction",
        "clips too short",
    ],
)
def test_a_run_that_cannot_be_rebuilt_is_refused(tmp_path, kind, arguments, message):
    run = video_run(tmp_path / "run", kind, arguments=arguments)
    with pytest.raises(EmoError, match=message):
        export_quickly(run, tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_what_the_model_says_goes_before_what_lies_beside_it(tmp_path):
    run = video_run(tmp_path / "run", "residual", arguments=None, model_arguments=KINDS["residual"])
    for file in (run, run / "model.keras"):
        exportable = video_exportable(read_run_files(file))
        assert len(exportable.metadata.states) == STATES["residual"]


def test_without_a_data_set_there_is_no_int8(tmp_path):
    run = video_run(tmp_path / "run", "residual", arguments=KINDS["residual"])
    with pytest.raises(EmoError, match="int8 needs examples of the data set"):
        export_quickly(run, tmp_path / "export", precisions=["int8"])
