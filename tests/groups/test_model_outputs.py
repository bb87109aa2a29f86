import io
import zipfile

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.groups.model_outputs import ModelOutputs, write_outputs

LOGITS = np.array([[[0.0, 1.0, 2.0], [700.0, -700.0, 0.0]]] * 4, np.float32)
SAID = np.array([[[0.2, 0.3, 0.5], [0.0, 0.0, 1.0], [0.6, 0.2, 0.2]]] * 4)
LABELS = np.array([2, 0, 1, 2])
NAMES = ("faces", "scenes", "attention")


@pytest.fixture
def write(tmp_path):
    """Writes arrays as `outputs.npz` and returns its path."""

    def write_arrays(**arrays):
        path = tmp_path / "outputs.npz"
        np.savez(path, **arrays)
        return path

    return write_arrays


@pytest.fixture
def outputs(write):
    """Three models on four pictures; the first says nothing of one, the second of two."""
    probabilities = SAID.copy()
    probabilities[0, 0] = probabilities[0, 1] = probabilities[2, 1] = np.nan
    return ModelOutputs.read(write(probabilities=probabilities, labels=LABELS, models=NAMES))


def test_logits_become_log_probabilities(write):
    outputs = ModelOutputs.read(write(logits=LOGITS, labels=LABELS))
    total = 1 + np.e + np.e**2
    np.testing.assert_allclose(outputs.probabilities[1, 0], np.array([1, np.e, np.e**2]) / total)
    np.testing.assert_array_equal(outputs.log_probabilities[1, 1], [0, -1400, -700])
    assert outputs.labels.tolist() == [2, 0, 1, 2]
    assert outputs.source.endswith("outputs.npz")


def test_models_without_names_are_numbered(write):
    outputs = ModelOutputs.read(write(logits=LOGITS, labels=LABELS))
    assert outputs.models == ("model 1", "model 2")
    assert not outputs.named


def test_probabilities_come_back_zeros_and_missing_verdicts_too(outputs):
    assert outputs.models == NAMES
    assert outputs.named
    assert np.isnan(outputs.probabilities[0, :2]).all()
    np.testing.assert_allclose(outputs.probabilities[1], SAID[1], atol=1e-300)
    assert np.isfinite(outputs.log_probabilities[1]).all()


def test_models_are_selected_by_name_in_the_order_asked_for(outputs):
    selected = outputs.select(["attention", "faces"])
    assert selected.models == ("attention", "faces")
    np.testing.assert_allclose(selected.probabilities[3], SAID[3, [2, 0]])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["face"], "outputs.npz: Unknown model: did you mean faces"),
        (["faces", "faces"], "each once"),
        ([], "expected names"),
    ],
    ids=["unknown", "twice", "none"],
)
def test_a_selection_that_cannot_be_is_refused(outputs, names, message):
    with pytest.raises(EmoError, match=message):
        outputs.select(names)


def test_complete_pictures_are_those_on_which_all_gave_a_verdict(outputs):
    assert outputs.complete().labels.tolist() == [0, 2]
    assert outputs.select(["faces"]).complete().labels.tolist() == [0, 1, 2]
    np.testing.assert_allclose(outputs.complete().probabilities, SAID[:2], atol=1e-300)


def test_without_a_complete_picture_the_most_silent_model_is_named(write):
    silent = SAID.copy()
    silent[0, 0] = silent[:, 2] = np.nan
    path = write(probabilities=silent, labels=LABELS, models=NAMES)
    with pytest.raises(EmoError, match="most often none of 'attention'"):
        ModelOutputs.read(path).complete()


def test_named_models_are_brought_into_the_order_of_the_members(outputs):
    members = ("attention", "faces", "scenes")
    ordered = outputs.of_members(members)
    assert ordered.models == members
    np.testing.assert_allclose(ordered.probabilities[3], SAID[3, [2, 0, 1]], atol=1e-300)


@pytest.mark.parametrize(
    "members", [("faces", "scenes"), (*NAMES, "more"), ("faces", "scenes", "other")]
)
def test_named_models_other_than_the_members_are_refused(outputs, members):
    with pytest.raises(EmoError, match=r"models of the ensemble.*Received: faces, scenes, atten"):
        outputs.of_members(members)


def test_models_without_names_take_those_of_the_members_if_they_are_as_many(write):
    outputs = ModelOutputs.read(write(logits=LOGITS, labels=LABELS))
    assert outputs.of_members(("a", "b")).models == ("a", "b")
    with pytest.raises(EmoError, match=r"expected the 3 models.*Received: 2 without names"):
        outputs.of_members(NAMES)


def test_what_is_written_is_read_again(tmp_path):
    said = SAID.copy()
    said[1, 0] = np.nan
    path = tmp_path / "made" / "outputs.of.val"
    write_outputs(path, probabilities=said, labels=LABELS, models=NAMES, images=list("abcd"))
    outputs = ModelOutputs.read(path)
    assert outputs.models == NAMES
    np.testing.assert_allclose(outputs.probabilities, said, atol=1e-300)
    assert outputs.labels.tolist() == LABELS.tolist()
    with np.load(path, allow_pickle=False) as file:
        assert file["classes"].tolist() == ["negative", "neutral", "positive"]
        assert file["images"].tolist() == ["a", "b", "c", "d"]


def test_what_could_not_be_read_is_not_written(tmp_path):
    path = tmp_path / "outputs.npz"
    with pytest.raises(EmoError, match=r"outputs.npz: images: expected texts of shape \(4,\)"):
        write_outputs(path, probabilities=SAID, labels=LABELS, models=NAMES, images=["a"])
    assert not path.exists()


def changed(array: np.ndarray, place: tuple, value: float) -> np.ndarray:
    array = array.copy()
    array[place] = value
    return array


GOOD = {"probabilities": SAID, "labels": LABELS}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"labels": LABELS}, "either logits or probabilities. Received: labels"),
        ({"logits": LOGITS}, "expected the array labels"),
        (GOOD | {"logits": LOGITS}, "either logits or probabilities"),
        ({"other": LABELS}, "Received: none of them"),
        (GOOD | {"probabilities": SAID[0]}, r"probabilities: .*shape \(3, 3\)"),
        (GOOD | {"probabilities": SAID[..., :2]}, r"shape \(4, 3, 2\)"),
        (GOOD | {"probabilities": SAID.astype(str)}, "type <U"),
        (GOOD | {"probabilities": SAID[:0], "labels": LABELS[:0]}, "expected a picture"),
        (GOOD | {"probabilities": SAID[:, :0]}, "and a model"),
        (GOOD | {"labels": LABELS[:3]}, "labels: .*expected one for each of 4"),
        (GOOD | {"labels": LABELS.astype(float)}, "labels: expected whole numbers"),
        (GOOD | {"labels": np.array([2, 0, 3, 1])}, "labels: .*0 to 2. Received: 0 to 3"),
        (GOOD | {"labels": np.array([2, 0, -1, 1])}, "labels: .*Received: -1 to 2"),
        (
            {"logits": changed(LOGITS, (2, 1, 0), np.inf), "labels": LABELS},
            r"logits\[2, 1\]: expected finite",
        ),
        (
            {"logits": changed(LOGITS, (3, 0), np.nan), "labels": LABELS},
            r"logits\[3, 0\]: expected finite",
        ),
        (
            GOOD | {"probabilities": changed(SAID, (1, 2, 0), np.nan)},
            r"probabilities\[1, 2\]: expected .*NaN in the whole row",
        ),
        (GOOD | {"probabilities": changed(SAID, (1, 2, 0), 0.7)}, "add up to 1"),
        (GOOD | {"probabilities": changed(SAID, (1, 2), (1.2, -0.2, 0))}, "values of 0 to 1"),
        (GOOD | {"classes": ["positive", "neutral", "negative"]}, "classes: .*in this order"),
        (GOOD | {"classes": ["negative", "positive"]}, r"classes: expected texts of shape \(3,\)"),
        (GOOD | {"models": ["a", "b"]}, r"models: expected texts of shape \(3,\)"),
        (GOOD | {"models": [1, 2, 3]}, "models: expected texts"),
        (GOOD | {"models": ["a", "b", "a"]}, "models: expected names, each once"),
        (GOOD | {"images": ["a"]}, r"images: expected texts of shape \(4,\)"),
        (GOOD | {"models": np.array(NAMES, object)}, "npz file of numbers .*allow_pickle"),
    ],
    ids=[
        "no outputs",
        "no labels",
        "both outputs",
        "nothing known",
        "two axes",
        "two classes",
        "texts for numbers",
        "no picture",
        "no model",
        "too few labels",
        "labels of floats",
        "a fourth class",
        "unlabelled",
        "infinite logits",
        "logits without a verdict",
        "half a verdict",
        "sum",
        "negative",
        "order of classes",
        "number of classes",
        "too few names",
        "numbers for names",
        "a name twice",
        "too few images",
        "pickled",
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(write, arrays, message):
    with pytest.raises(EmoError, match=f"outputs.npz: .*{message}"):
        ModelOutputs.read(write(**arrays))


def npz_with_a_cut_member() -> bytes:
    whole = io.BytesIO()
    np.save(whole, SAID)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("probabilities.npy", whole.getvalue()[:-50])
        file.writestr("labels.npy", b"nothing")
    return packed.getvalue()


def bare_array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, SAID)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no zip"),
        (b"PK\x03\x04 and no more", "no zip"),
        (bare_array(), "no zip"),
        (npz_with_a_cut_member(), "expected a .npz file"),
        (None, "no such file"),
    ],
    ids=["empty", "cut short", "a bare array", "a cut array", "missing"],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, message):
    path = tmp_path / "outputs.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EmoError, match=message):
        ModelOutputs.read(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(EmoError, match=r"expected a \.npz file"):
        ModelOutputs.read(tmp_path)
