"""Runs that end before their last epoch, because validation gets no better."""

import keras
import pytest

from emo_tf.errors import EmoError
from emo_tf.training.expression_task import ExpressionTask
from emo_tf.training.reports import Validation
from emo_tf.training.trainer import Trainer
from tests.training.small_runs import labelled

SCORES = (0.2, 0.5, 0.4, 0.5, 0.1, 0.9, 0.9, 0.9)
"""Of each epoch: the second is the best until the sixth; as good is not better."""


class StoppedError(Exception):
    """Raised by a report, as a stop from outside would come."""


@pytest.fixture
def trained(small_experiment, drawn_faces, tmp_path):
    """`trained(patience, stop_after=None)` returns the epochs that one run takes."""
    scores = iter(SCORES)

    def train(patience: int, *, stop_after: int | None = None) -> list[int]:
        epochs = []
        experiment = small_experiment(epochs=len(SCORES), patience=patience)
        task = ExpressionTask(
            experiment, labelled(*drawn_faces(16, 0)), labelled(*drawn_faces(4, 1))
        )

        def validate(model: keras.Model) -> Validation:
            return Validation(score=next(scores), figures={"held_out": 0.0})

        def report(done):
            epochs.append(done.epoch)
            if done.epoch == stop_after:
                raise StoppedError

        task.validate = validate
        trainer = Trainer(task, tmp_path, report=report)
        if stop_after is None:
            trainer.fit()
        else:
            with pytest.raises(StoppedError):
                trainer.fit()
        return epochs

    return train


@pytest.mark.parametrize(
    ("patience", "epochs"),
    [
        pytest.param(1, 3, id="one"),
        pytest.param(4, 8, id="long enough to see the sixth"),
    ],
)
def test_a_run_ends_after_so_many_epochs_without_a_better_one(trained, patience, epochs):
    assert trained(patience) == [*range(1, epochs + 1)]


@pytest.mark.slow
def test_a_stopped_run_goes_on_counting(trained):
    assert trained(3, stop_after=4) == [1, 2, 3, 4]
    assert trained(3) == [5]
    assert trained(3) == []


def test_no_patience_at_all_is_an_error(small_experiment):
    with pytest.raises(EmoError, match=r"patience: expected 1 or more\. Received: 0"):
        small_experiment(patience=0)
