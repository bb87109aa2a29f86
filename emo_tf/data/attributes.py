"""What a prepared data set knows of its examples besides pictures, as texts."""

from collections.abc import Mapping

import numpy as np
import tensorflow_datasets as tfds

UNKNOWN = "unknown"
"""What stands for a class that is not known."""


def attribute_names(features: Mapping[str, tfds.features.FeatureConnector]) -> tuple[str, ...]:
    """Returns the features that hold one text, class or number.

    Args:
        features: Such as `builder.info.features`.
    """
    return tuple(name for name, feature in features.items() if feature.shape == ())


def attribute_texts(feature: tfds.features.FeatureConnector, values: np.ndarray) -> np.ndarray:
    """Returns values of a feature as texts of shape (N,): classes by name, numbers in digits.

    Args:
        feature: One of `attribute_names`.
        values: As they are stored, shape (N,).
    """
    if isinstance(feature, tfds.features.ClassLabel):
        return np.array([*feature.names, UNKNOWN])[values]  # -1 is none of them.
    if values.dtype == object:
        return np.array([value.decode() for value in values], str)
    return values.astype(str)
