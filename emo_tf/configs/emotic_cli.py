"""EMOTIC as the command line of the public PyTorch implementation trains it (Tandon-A/emotic).

Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset": two ResNet-18, dynamic
weights of the categories' squared error, smooth L1 on VAD. Adam with an L2 penalty coupled to the
gradient; the rate falls to a tenth every seven epochs; all weights are trained; the last are kept.
Expected: users report about 21 mAP on test. About 40 minutes an epoch on two cores.

    emo-tf train emotic_cli --manual-dir DIR_WITH_EMOTIC --scene-backbone places.keras \\
        --body-backbone imagenet.keras
"""

from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.smoke import shrunk


def get_config(*, smoke: bool = False) -> EmoticExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = EmoticExperiment(
        name="emotic_cli",
        dataset="emotic",
        model="context_fusion",
        epochs=15,
        batch_size=52,
        drop_remainder=False,
        keep="last",
        optimizer=Optimizer(name="adam", learning_rate=1e-2, l2=5e-4),
        schedule=Schedule(name="step", step_epochs=7, gamma=0.1),
    )
    return shrunk(experiment) if smoke else experiment
