import numpy as np
import pytest

from emo_tf import models
from emo_tf.training.batch_norm import training_form
from emo_tf.training.batch_norm_statistics import measure_batch_norm

SMALL = {"stem_filters": 8, "stage_filters": (8, 8), "stage_blocks": (1, 1), "squeeze_ratio": 2}
ARGUMENTS = {"height": 16, "width": 16, "frames": 4, "dropout": 0.0, "backbone_arguments": SMALL}


@pytest.fixture
def batches() -> list[dict[str, np.ndarray]]:
    """Clips of uneven light."""
    rng = np.random.default_rng(0)
    shape = (8, 4, 16, 16, 1)
    return [{"clip": (rng.random(shape) ** 2 * 255).astype(np.float32)} for _ in range(3)]


@pytest.fixture
def model():
    """A network whose normalisations have been averaging something else."""
    rng = np.random.default_rng(1)
    model = models.create("tsm", **ARGUMENTS)
    for layer in model.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights(
                [rng.uniform(0.5, 2.0, weight.shape) for weight in layer.get_weights()]
            )
    return model


def test_nothing_that_the_model_says_changes(model, batches):
    before = model(batches[0], training=False)["frame_logits"].numpy()
    measure_batch_norm(model, batches)
    after = model(batches[0], training=False)["frame_logits"].numpy()
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4)


def test_training_then_begins_with_what_the_model_says(model, batches):
    (batch,) = batches[:1]

    def distance() -> float:
        inferred = model(batch, training=False)["frame_logits"].numpy()
        trained = training_form(model)(batch, training=True)["frame_logits"].numpy()
        return float(np.abs(trained - inferred).mean() / inferred.std())

    assert distance() > 0.5
    measure_batch_norm(model, [batch])
    assert distance() < 1e-3
