from pathlib import Path

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime import track_expression
from emo_tf.runtime.expression import BATCH
from emo_tf.runtime.track_expression import open_track_expressions
from emo_tf.weights import weight_path

STATES = {"state_1": ArrayInput((2,), "the last two levels seen")}
ONLINE = {
    "name": "made up",
    "task": "video",
    "description": "",
    "version": "1",
    "inputs": {"frame": ImageInput(4, 6, "grey")},
    "arrays": STATES,
    "outputs": {"probabilities": "", "state_1": ""},
    "labels": EXPRESSIONS,
    "crop": {"preset": "box"},
}
CLIP = ONLINE | {
    "inputs": {"clip": ImageInput(4, 6, "grey", frames=3)},
    "arrays": {},
    "outputs": {"probabilities": "", "frame_probabilities": ""},
}


def frame_network(frame, state_1):
    """The class is the sum of the level of this frame and those of the two before."""
    level = frame[:, 2, 3, 0].astype(np.float32)
    total = (level + state_1.sum(axis=1)).astype(int)
    return {
        "probabilities": np.eye(7, dtype=np.float32)[total % 7],
        "state_1": np.stack([state_1[:, 1], level], axis=1),
    }


def clip_network(clip):
    total = clip[:, :, 2, 3, 0].astype(int).sum(axis=1)
    return {"probabilities": np.eye(7, dtype=np.float32)[total % 7]}


@pytest.fixture
def made_up(monkeypatch):
    """Opens a made-up network; `made_up.calls` lists how many faces it got at a time."""

    def make(metadata=ONLINE, **changes):
        described = ModelMetadata(**metadata | changes)
        run = frame_network if "frame" in described.inputs else clip_network

        class Network:
            def __init__(self, path, *, threads=None):
                self.path = path
                self.metadata = described

            def __call__(self, **inputs):
                make.calls.append(len(next(iter(inputs.values()))))
                return run(**inputs)

        monkeypatch.setattr(track_expression, "LiteRTModel", Network)
        monkeypatch.setattr(ModelMetadata, "read", lambda path: described)
        return open_track_expressions(Path("made_up.tflite"))

    make.calls = []
    return make


def face(level):
    """A face and the column of the picture in which `picture` has that level."""
    return Face((level * 10, 0, 10, 10), 0.9, ((1, 1),) * 5)


def picture():
    """Ten columns of pixels a level."""
    levels = np.repeat(np.arange(40, dtype=np.uint8), 10)
    return np.broadcast_to(levels[None, :, None], (10, 400, 3)).copy()


def labels(expressions, frames):
    """The class of every face in every frame, from the levels by the number of the face."""
    found = []
    for levels in frames:
        faces = {number: face(level) for number, level in levels.items()}
        expressions.forget(all_but=levels)
        probabilities = expressions.recognize(picture(), faces)
        found.append({number: int(row.argmax()) for number, row in probabilities.items()})
    return found


def test_each_face_has_a_state_of_its_own(made_up):
    found = labels(made_up(), [{1: 1}, {1: 1, 2: 2}, {2: 1, 1: 1}, {1: 0, 2: 0}])
    assert found == [{1: 1}, {1: 2, 2: 2}, {2: 3, 1: 3}, {1: 2, 2: 3}]
    assert made_up.calls == [1, 2, 2, 2]


def test_a_face_that_is_given_up_is_forgotten_and_one_that_is_hidden_is_not(made_up):
    expressions = made_up()
    expressions.recognize(picture(), {1: face(1), 2: face(1)})
    expressions.forget(all_but={1})
    assert labels(expressions, [{1: 1, 2: 1}]) == [{1: 2, 2: 1}]


@pytest.mark.parametrize("metadata", [ONLINE, CLIP], ids=["online", "clip"])
def test_another_video_begins_anew(made_up, metadata):
    expressions = made_up(metadata)
    before = labels(expressions, [{1: 1}, {1: 2}])
    assert labels(expressions.restart(), [{1: 1}, {1: 2}]) == before


def test_a_clip_is_the_last_frames_of_a_face_filled_up_with_the_first(made_up):
    found = labels(made_up(CLIP), [{1: 1}, {1: 2, 2: 2}, {1: 0, 2: 0}, {1: 0, 2: 0}])
    assert found == [{1: 3}, {1: 4, 2: 6}, {1: 3, 2: 4}, {1: 2, 2: 2}]


def test_no_face_is_no_work(made_up):
    assert made_up().recognize(picture(), {}) == {}
    assert made_up(CLIP).recognize(picture(), {}) == {}
    assert made_up.calls == []


@pytest.mark.parametrize("metadata", [ONLINE, CLIP], ids=["online", "clip"])
def test_many_faces_go_through_in_bounded_batches(made_up, metadata):
    levels = {number: number % 7 for number in range(2 * BATCH + 3)}
    (found,) = labels(made_up(metadata), [levels])
    times = 1 if metadata is ONLINE else 3
    assert found == {number: level * times % 7 for number, level in levels.items()}
    assert made_up.calls == [BATCH, BATCH, 3]


def test_probabilities_come_out_in_the_order_of_the_contract_and_add_up_to_one(made_up):
    expressions = made_up(labels=EXPRESSIONS[::-1])
    row = expressions.recognize(picture(), {5: face(0)})[5]
    assert row.tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_a_model_of_stills_looks_at_each_frame_alone(astronaut):
    from emo_tf.runtime.expression import ExpressionClassifier
    from emo_tf.runtime.face_detector import FaceDetector
    from emo_tf.runtime.image_io import read_image

    image = read_image(astronaut)
    (found,) = FaceDetector(threads=1).detect(image)
    expressions = open_track_expressions(weight_path("expression_float16"), threads=1)
    rows = [expressions.recognize(image, {3: found})[3] for _ in range(2)]
    classifier = ExpressionClassifier(threads=1)
    expected = classifier.probabilities(classifier.crop(image, [found]))[0]
    np.testing.assert_array_equal(rows, [expected, expected])
    expressions.forget(all_but=())
    assert expressions.restart().recognize(image, {}) == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "emotic"}, "a model of task video. Received: emotic, which is for context_model"),
        ({"labels": ("happy", "sad")}, "the labels angry, .*Received: happy, sad"),
        ({"outputs": {"logits": ""}}, "expected the input frame .*Received: .*and logits"),
        ({"arrays": {"other": ArrayInput((2,), "")}}, "Received: frame, other and"),
        ({"inputs": {"clip": ImageInput(4, 6)}, "arrays": {}}, "Received: clip and"),
        ({"inputs": {"frame": ImageInput(None, 6)}}, "fixed size"),
    ],
    ids=["task", "labels", "output", "no state", "no frames", "size"],
)
def test_a_model_that_is_not_of_the_task_is_refused_by_name(made_up, changes, message):
    with pytest.raises(EmoError, match=rf"made_up\.tflite: .*{message}"):
        made_up(ONLINE, **changes)


@pytest.mark.parametrize("name", ["mtcnn_onet", "missing"])
def test_a_file_that_does_something_else_is_refused(tmp_path, name):
    path = tmp_path / "missing.tflite" if name == "missing" else weight_path(name)
    with pytest.raises(EmoError, match=f"{path.name}: expected a model"):
        open_track_expressions(path)
