"""Attention of the Keras model, as it is explained, against that of the file made from it."""

import numpy as np
import pytest

from emo_tf.explanation.group_explainer import GroupExplainer
from emo_tf.models.keras_file import load_model
from emo_tf.runtime.group_model import GroupClassifier
from emo_tf.runtime.group_picture import GroupPicture
from tests.context_exports import export_quickly
from tests.group_exports import group_run, small_group_model
from tests.group_models import coloured_faces

COLOURS = [(250, 40, 0), (0, 90, 30), (20, 0, 200), (120, 120, 120), (90, 0, 90)]


@pytest.mark.slow
def test_attention_and_verdict_are_those_of_the_exported_file(tmp_path):
    run = group_run(tmp_path / "run", small_group_model("attention C", faces=4))
    export_quickly(run, tmp_path / "export", precisions=["float32"])
    picture = coloured_faces(*COLOURS)
    found = GroupExplainer(*load_model(run / "model.keras"), source="run").explain(*picture)
    file = GroupClassifier(tmp_path / "export" / "model_float32.tflite", threads=1)
    (answer,) = file.classify([file.look(GroupPicture(*picture))])
    weights, probabilities = found.group.face_weights, [*found.group.probabilities.values()]
    np.testing.assert_allclose(weights, answer.face_weights, rtol=0, atol=1e-4)
    np.testing.assert_allclose(probabilities, answer.probabilities, rtol=0, atol=1e-4)
    assert np.ptp(weights[:4]) > 0.01
    assert (sum(weights), weights[4]) == (pytest.approx(1, abs=1e-5), 0)
