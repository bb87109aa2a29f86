"""Models of Keras 2 as models of today, with their weights."""

from collections.abc import Iterator, Mapping

import keras
import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.models.keras2_graph import Part, keras2_graph

Arrays = Mapping[str, np.ndarray]


def keras2_model(
    architecture: Mapping[str, object], layers: Mapping[str, Arrays], *, source: str
) -> keras.Model:
    """Builds a model of Keras 2 and fills it.

    Args:
        architecture: What `Model.to_json` returned.
        layers: By layer of the model the arrays of its weights by name, in Keras 2's order; of a
            model inside another, all of that model's.
        source: Where the weights come from, for messages.

    Returns:
        A functional model whose layers bear Keras 2's names.

    Raises:
        EmoError: The architecture has something that cannot be read, or the weights are not
            those of its layers, one for one; it names the layer.
    """
    whole = keras2_graph(architecture)
    expected = [part for part in whole.parts if part.layer.weights]
    given = {name: arrays for name, arrays in layers.items() if arrays}
    missing = [part.name for part in expected if part.name not in given]
    unexpected = [name for name in given if name not in {part.name for part in expected}]
    with in_place(source):
        for kind, names in {"missing": missing, "unexpected": unexpected}.items():
            if names:
                raise EmoError(
                    f"expected the weights of {whole.name}. Received: {len(names)} layers {kind}, "
                    f"{', '.join(names[:8])}"
                )
        for part in expected:
            with in_place(f"layer {part.name}"):
                _fill(part, given[part.name])
    return whole.layer


def _fill(part: Part, arrays: Arrays) -> None:
    variables = list(_variables(part))
    if len(variables) != len(arrays):
        raise EmoError(f"expected {len(variables)} weights. Received: {len(arrays)}")
    for (path, variable), (name, array) in zip(variables, _paired(variables, arrays), strict=True):
        if tuple(variable.shape) != array.shape:
            raise EmoError(
                f"{path}: expected a weight of shape {tuple(variable.shape)}. "
                f"Received: {name} of {array.shape}"
            )
        if not np.isfinite(array).all():
            raise EmoError(f"{path}: expected finite numbers. Received: NaN or infinity in {name}")
        variable.assign(array)


def _variables(part: Part) -> Iterator[tuple[str, keras.Variable]]:
    """Yields the variables of a part by path, in the order in which Keras 2 wrote them.

    Of a model, first all that was trained, then all that was not, each layer after layer.
    """
    for is_trained in (True, False):
        yield from _trained_or_not(part, is_trained=is_trained)


def _trained_or_not(part: Part, *, is_trained: bool) -> Iterator[tuple[str, keras.Variable]]:
    for inside in part.parts:
        yield from _trained_or_not(inside, is_trained=is_trained)
    if not part.parts:
        for variable in part.layer.weights:
            if (variable.trainable and part.trainable) == is_trained:
                yield f"{part.name}/{variable.name}", variable


def _paired(
    variables: list[tuple[str, keras.Variable]], arrays: Arrays
) -> list[tuple[str, np.ndarray]]:
    """Returns the arrays in the order of the variables.

    By their names where those tell, else as they stand: TensorFlow added numbers to the names of
    layers that were built more than once, and layers may have been frozen after the architecture
    was written.
    """
    by_path = {"/".join(name.split(":")[0].split("/")[-2:]): name for name in arrays}
    paths = [path for path, _ in variables]
    if len(by_path) == len(arrays) and set(paths) == set(by_path):
        return [(by_path[path], arrays[by_path[path]]) for path in paths]
    return list(arrays.items())
