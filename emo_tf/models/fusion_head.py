"""What joins the features of EMOTIC's branches: from them to categories and dimensions."""

import keras
import numpy as np
from keras import initializers, layers

from emo_tf.errors import unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.layers.prototype_scores import PrototypeScores
from emo_tf.models.torch_layers import BATCH_NORM

SCORE_ACTIVATIONS = {"raw": "linear", "sigmoid": "sigmoid"}
SCORE_SENTENCES = {
    "raw": "as squared error leaves it: near 1 where it applies, not bounded",
    "sigmoid": "0 to 1",
}
CATEGORIES_FROM = ("hidden", "vad")

_MIDDLE = 0.55  # of the scale of 1 to 10, in tenths
_SPREAD = 0.2  # a usual distance from it


def fusion_head(
    widths: dict[str, int],
    *,
    score_kind: str = "raw",
    categories_from: str = "hidden",
    units: int = 256,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds what joins the features of the branches.

    As published, a hidden layer of Linear, BatchNorm, ReLU and Dropout stands before categories and
    dimensions alike. From few examples more is learnt where the dimensions are linear in the
    features and each category has its place among them.

    Args:
        widths: Number of features D of each branch, in the order in which they are joined.
        score_kind: As in `context_fusion`.
        categories_from: `"hidden"`: both outputs are Linear after the hidden layer. `"vad"`: there
            is none; valence, arousal and dominance are Linear, and the categories follow from
            these three numbers by `PrototypeScores`.
        units: Width of the hidden layer, where there is one.
        dropout: Rate after the hidden layer, or of the features where there is none.

    Returns:
        A functional model from a dict of features (B, D) by branch to `score` (B, 26) and `vad`
        (B, 3) as `context_fusion` puts them out.

    Raises:
        EmoError: There is no such kind of score or of head.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset"; Russell and
        Mehrabian 1977, "Evidence for a three-factor theory of emotions", for the places.
    """
    if score_kind not in SCORE_ACTIVATIONS:
        raise unknown_name("score_kind", score_kind, SCORE_ACTIVATIONS)
    if categories_from not in CATEGORIES_FROM:
        raise unknown_name("categories_from", categories_from, CATEGORIES_FROM)
    inputs = {branch: keras.Input((width,), name=branch) for branch, width in widths.items()}
    parts = list(inputs.values())
    x = layers.Concatenate(name="joined")(parts) if len(parts) > 1 else parts[0]
    if categories_from == "hidden":
        x = layers.Dense(units, name="fc1")(x)
        x = layers.BatchNormalization(**BATCH_NORM, name="bn1")(x)
        x = layers.ReLU(name="relu")(x)
    x = layers.Dropout(dropout, name="d1")(x)
    tenths = layers.Dense(
        len(VAD),
        # Training begins at the middle of the scale, not far outside it.
        kernel_initializer=initializers.RandomNormal(stddev=0.003),
        bias_initializer=initializers.Constant(_MIDDLE),
        dtype="float32",
        name="fc_cont",
    )(x)
    if categories_from == "hidden":
        score = layers.Dense(len(EMOTIC_CATEGORIES), dtype="float32", name="fc_cat")(x)
    else:
        places = layers.Rescaling(
            1 / _SPREAD, offset=-_MIDDLE / _SPREAD, dtype="float32", name="centred"
        )(tenths)
        score = PrototypeScores(len(EMOTIC_CATEGORIES), dtype="float32", name="prototypes")(places)
    activation = SCORE_ACTIVATIONS[score_kind]
    outputs = {
        "score": layers.Activation(activation, dtype="float32", name="score")(score),
        # Learnt in tenths, which keeps all outputs of one size.
        "vad": layers.Rescaling(10.0, dtype="float32", name="vad")(tenths),
    }
    return keras.Model(inputs, outputs, name="head")


def place_categories(head: keras.Model, vad: np.ndarray) -> None:
    """Puts the prototypes of a head with `categories_from="vad"` where they are told.

    Means of the people who show a category are where prototypical networks have their prototypes,
    and a good place to learn on from.

    Args:
        head: What `fusion_head` built; one of another kind stays as it was.
        vad: Valence, arousal and dominance of each category, shape (26, 3), 1 to 10.

    Reference:
        Snell et al. 2017, "Prototypical networks for few-shot learning", eq. 1.
    """
    for layer in head.layers:
        if isinstance(layer, PrototypeScores):
            layer.places.assign((np.asarray(vad) / 10 - _MIDDLE) / _SPREAD)
