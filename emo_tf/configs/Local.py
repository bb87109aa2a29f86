"""Single faces, each with the label of its picture: SphereFace-20 with a new head.

Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.2. SGD of
.01, batches of 60 faces, 25 epochs, a tenth of the rate every 7, faces unchanged. The published
weights were trained on faces in the alignment `sphereface`; the repository shows them its own,
`vlgiitr`, and so does this: hence `--alignment vlgiitr`. A verdict is the mean over up to 15 faces.
Published: 71.18 % accuracy on VAL, as model 4 of the ensemble. Not measured here: neither the
accuracy nor the time it takes.

    emo-tf weights import sphere20a_20171020.pth --architecture sphere20a \\
        --alignment vlgiitr --out sphere20a.keras
    emo-tf train Local --manual-dir DIR_WITH_GROUP_AFFECT --init sphere20a.keras
"""

from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.group_recipes import local_recipe


def get_config(*, smoke: bool = False) -> GroupExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return local_recipe("Local", smoke=smoke)
