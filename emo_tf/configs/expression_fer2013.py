"""The shipped expression model: a small residual network on FER2013.

Data: Goodfellow et al. 2013, "Challenges in representation learning" (28,709 training faces).
Recipe: SGD with Nesterov momentum and a cosine schedule, label smoothing, weight averaging; the
best epoch on a held-out tenth of Training is kept. On two cores a step at 32 pixels takes as long
as one at 48, so nothing is won by training small first.
Expected: 68 % on PublicTest; three hours on two cores.

    emo-tf train expression_fer2013 --manual-dir DIR_WITH_FER2013
"""

from dataclasses import replace

from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.expression_config import ExpressionExperiment


def get_config(*, smoke: bool = False) -> ExpressionExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = ExpressionExperiment(
        name="expression_fer2013",
        dataset="fer2013",
        model="expression_net",
        model_arguments={"height": None, "width": None},
        epochs=75,
        batch_size=128,
        mixed_precision=True,
        optimizer=Optimizer(
            name="sgd",
            learning_rate=0.1,
            momentum=0.9,
            nesterov=True,
            weight_decay=5e-3,
            ema_decay=0.995,
        ),
        schedule=Schedule(name="cosine", warmup_epochs=3.0),
    )
    if not smoke:
        return experiment
    small = {"stem_filters": 8, "stage_filters": (8, 16, 16), "stage_blocks": (1, 1, 1)}
    return replace(
        experiment,
        model_arguments={**experiment.model_arguments, **small},
        epochs=2,
        batch_size=32,
        resolutions=((0.0, 32), (0.5, 48)),
        limit=256,
    )
