"""The shipped expression model: a small residual network on FER2013.

Data: Goodfellow et al. 2013, "Challenges in representation learning" (28,709 training faces).
Recipe: SGD with Nesterov momentum and a cosine schedule, label smoothing, weight averaging; the
best epoch on a held-out tenth of Training is kept. On two cores a step at 32 pixels takes as long
as one at 48, so nothing is won by training small first.

    emo-tf train expression_fer2013 --manual-dir DIR_WITH_FER2013
"""

from emo_tf.training.config import Experiment


def get_config(*, smoke: bool = False) -> Experiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    if smoke:
        return Experiment(
            name="expression_fer2013",
            dataset="fer2013",
            model="expression_net",
            model_arguments={
                "height": None,
                "width": None,
                "stem_filters": 8,
                "stage_filters": (8, 16, 16),
                "stage_blocks": (1, 1, 1),
            },
            epochs=2,
            batch_size=32,
            resolutions=((0.0, 32), (0.5, 48)),
            limit=256,
        )
    return Experiment(
        name="expression_fer2013",
        dataset="fer2013",
        model="expression_net",
        model_arguments={"height": None, "width": None},
        epochs=75,
    )
