"""What the streaming metrics ask of a batch of people, and how much each of them counts."""

from keras import KerasTensor, ops

from emo_tf.errors import EmoError


def person_weights(sample_weight: KerasTensor | None, values: KerasTensor) -> KerasTensor:
    """Returns the weight of each person, shape (B, 1), of the type of the values.

    Args:
        sample_weight: Shape (B,) or (B, 1); None for 1 each.
        values: Shape (B, D), a row a person.

    Raises:
        EmoError: There is a weight for each value, not for each person.
    """
    if sample_weight is None:
        return ops.ones_like(values[:, :1])
    weights = ops.cast(ops.convert_to_tensor(sample_weight), values.dtype)
    if len(weights.shape) == 1:
        weights = ops.expand_dims(weights, 1)
    if len(weights.shape) != 2 or weights.shape[1] != 1:
        raise EmoError(
            "sample_weight: expected one weight a person, shape (B,) or (B, 1). "
            f"Received: shape {tuple(weights.shape)}"
        )
    return weights


def without_dropped(values: KerasTensor, weights: KerasTensor) -> KerasTensor:
    """Returns the values with zeros for the people of weight 0, who may hold anything, NaN too.

    Args:
        values: Shape (B, D).
        weights: Shape (B, 1).
    """
    return ops.where(weights > 0, values, ops.zeros_like(values))


def as_people(name: str, values: KerasTensor, *, width: int, dtype: str) -> KerasTensor:
    """Returns values of shape (B, width) as tensors of the given type.

    Args:
        name: The argument that holds the values, for the error.
        values: A tensor, or what becomes one.
        width: Number of values a person.
        dtype: Name of the type.

    Raises:
        EmoError: They are of another shape.
    """
    values = ops.cast(ops.convert_to_tensor(values), dtype)
    if len(values.shape) != 2 or values.shape[1] not in (None, width):
        raise EmoError(
            f"{name}: expected shape (B, {width}). Received: shape {tuple(values.shape)}"
        )
    return values
