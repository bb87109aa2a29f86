"""What the features of a TFDS data set are, in words."""

from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow_datasets as tfds


def describe(features: Mapping[str, tfds.features.FeatureConnector]) -> Iterator[tuple[str, str]]:
    """Yields the path and the description of each feature, those inside others too.

    Args:
        features: Such as `builder.info.features`.
    """
    for name, feature in features.items():
        if isinstance(feature, tfds.features.Sequence):
            inner = feature.feature
            if isinstance(inner, tfds.features.FeaturesDict):
                yield name, "a list of:"
                yield from ((f"{name}/{path}", text) for path, text in describe(inner))
            else:
                yield name, f"a list of {_in_words(inner)}"
        else:
            yield name, _in_words(feature)


def _in_words(feature: tfds.features.FeatureConnector) -> str:
    if isinstance(feature, tfds.features.ClassLabel):
        return f"{feature.num_classes} classes: {', '.join(feature.names)}"
    if feature.np_dtype == np.object_:
        return "text"
    if isinstance(feature, tfds.features.BBoxFeature):
        return "box: top, left, bottom, right, 0 to 1"
    sides = ", ".join("any" if side is None else str(side) for side in feature.shape)
    kind = "picture, " if isinstance(feature, tfds.features.Image) else ""
    return f"{kind}{np.dtype(feature.np_dtype).name}{f' ({sides})' if sides else ''}"
