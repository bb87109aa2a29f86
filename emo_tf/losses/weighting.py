"""Weights of the EMOTIC categories, which make up for some of them being rare."""

from keras import ops

from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.losses.checks import shapes_agree

WEIGHTINGS = ("dynamic", "static", "mean")
"""`dynamic` follows the counts of each batch, `static` is published, `mean` is 1/C for all."""

# fmt: off
STATIC_WEIGHTS = (
    0.1435, 0.1870, 0.1692, 0.1165, 0.1949, 0.1204, 0.1728, 0.1372, 0.1620, 0.1540, 0.1987, 0.1057,
    0.1482, 0.1192, 0.1590, 0.1929, 0.1158, 0.1907, 0.1345, 0.1307, 0.1665, 0.1698, 0.1797, 0.1657,
    0.1520, 0.1537,
)
# fmt: on
"""The published weights, in the order of `EMOTIC_CATEGORIES`."""

_SMOOTHING = 1.2
_WEIGHT_OF_ABSENT = 1e-4


def labels_that_count(y_true, sample_weight=None):
    """Returns float32 labels of shape (B, C), all zero for people of weight zero.

    Args:
        y_true: Labels 0 or 1 of shape (B, C).
        sample_weight: Weights of shape (B,) or (B, 1); everybody counts if `None`.
    """
    y_true = ops.cast(y_true, "float32")
    if sample_weight is None:
        return y_true
    weight = ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
    return y_true * ops.cast(weight > 0, "float32")


def batch_counts(y_true, sample_weight=None):
    """Returns how many people of a batch carry each label, float32 of shape (C,).

    Args:
        y_true: Labels 0 or 1 of shape (B, C), numbers or booleans.
        sample_weight: Weights of shape (B,) or (B, 1). People of weight zero, such as those that
            pad a batch, do not count; every other person counts once, whatever the weight.
    """
    return ops.sum(labels_that_count(y_true, sample_weight), axis=0)


def category_weights(weighting: str, *, categories: int = len(EMOTIC_CATEGORIES), counts=None):
    """Returns the weight of each category, float32 of shape (C,).

    Args:
        weighting: `dynamic`: 1 / ln(count + 1.2), and 1e-4 for a category of which the batch has
            none; `static`: the published `STATIC_WEIGHTS`; `mean`: 1 / C.
        categories: Number of categories C.
        counts: How many people carry each label, of shape (C,); only `dynamic` reads it.

    Raises:
        EmoError: The weighting is unknown, `static` is asked for another number of categories
            than 26, or `dynamic` has no counts or not C of them.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset", L_disc;
        the weights are those of the published code, Tandon-A/emotic.
    """
    if weighting not in WEIGHTINGS:
        raise unknown_name("weighting", weighting, WEIGHTINGS)
    if weighting == "mean":
        return ops.full((categories,), 1 / categories, dtype="float32")
    if weighting == "static":
        if categories != len(STATIC_WEIGHTS):
            raise EmoError(
                f"categories: expected {len(STATIC_WEIGHTS)}, as many as there are static weights. "
                f"Received: {categories}"
            )
        return ops.convert_to_tensor(STATIC_WEIGHTS, dtype="float32")
    if counts is None:
        raise EmoError(
            "counts: expected the number of people of each category for dynamic weights. "
            "Received: None"
        )
    counts = ops.convert_to_tensor(counts, dtype="float32")
    if not shapes_agree(tuple(counts.shape), (categories,)):
        raise EmoError(
            f"counts: expected shape ({categories},), one number a category. "
            f"Received: {tuple(counts.shape)}"
        )
    return ops.where(counts > 0, 1 / ops.log(counts + _SMOOTHING), _WEIGHT_OF_ABSENT)
