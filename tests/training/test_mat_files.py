import numpy as np
import pytest
from scipy.io import loadmat

from emo_tf.training.emotic_predictions import EmoticPredictions
from emo_tf.training.mat_files import write_mat_files

VARIABLES = {
    "cat_preds": "scores",
    "cat_labels": "labels",
    "cont_preds": "vad",
    "cont_labels": "vad_labels",
}


@pytest.fixture(scope="module")
def predictions() -> EmoticPredictions:
    rng = np.random.default_rng(0)
    return EmoticPredictions(
        labels=(rng.random((7, 26)) < 0.3).astype(np.uint8),
        scores=rng.random((7, 26), np.float32),
        vad_labels=rng.uniform(1, 10, (7, 3)).astype(np.float32),
        vad=rng.uniform(1, 10, (7, 3)).astype(np.float32),
    )


@pytest.mark.parametrize("split", ["val", "test"])
def test_four_files_bear_the_names_of_the_split_and_of_what_they_hold(predictions, tmp_path, split):
    paths = write_mat_files(predictions, tmp_path, split=split)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert {path.name for path in paths} == {f"{split}_{name}.mat" for name in VARIABLES}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_file_holds_one_variable_with_a_column_for_each_person(predictions, tmp_path, name):
    write_mat_files(predictions, tmp_path, split="test")
    read = loadmat(tmp_path / f"test_{name}.mat")
    assert [key for key in read if not key.startswith("__")] == [name]
    expected = getattr(predictions, VARIABLES[name])
    assert read[name].shape == (expected.shape[1], 7)
    assert read[name].dtype == np.float64
    np.testing.assert_array_equal(read[name], expected.T)
