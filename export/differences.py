"""How near exported files come to the Keras model that they were made from."""

from collections.abc import Callable, Mapping

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.export.exportable import Arrays, Examples
from emo_tf.export.padded_faces import FACE_MASK, first_places, with_faces_only
from emo_tf.model_metadata import ArrayInput, ImageInput

PICTURES = 4
PATCHES = 8
ANY_SIDE = 64
"""Pixels of a made-up picture where the model takes any number."""


def made_up_inputs(
    inputs: Mapping[str, ImageInput],
    arrays: Mapping[str, ArrayInput] | None = None,
    *,
    count: int = PICTURES,
) -> dict[str, np.ndarray]:
    """Returns examples by input: uint8 pictures of random patches, other numbers 0 to 1.

    Noise in each pixel would leave a network with nearly the same features for every picture. Of
    models that take faces, the first example has all its places filled, the last has no face.

    Args:
        inputs: Image inputs by name.
        arrays: Inputs besides pictures by name.
        count: How many examples.
    """
    rng = np.random.default_rng(0)
    made_up = {}
    for name, image in inputs.items():
        *several, height, width, channels = (side or ANY_SIDE for side in image.shape)
        size = (count, *several, PATCHES, PATCHES, channels)
        rows, columns = (np.arange(side) * PATCHES // side for side in (height, width))
        made_up[name] = rng.integers(0, 256, size, np.uint8)[..., rows[:, None], columns, :]
    for name, array in (arrays or {}).items():
        shape = [side or ANY_SIDE for side in array.shape]
        made_up[name] = rng.uniform(0, 1, (count, *shape)).astype(np.float32)
    if FACE_MASK not in made_up:
        return made_up
    places = made_up[FACE_MASK].shape[1]
    counts = np.linspace(places, 0, count).round()
    return with_faces_only(made_up, first_places(counts, places))


def made_up_examples(
    inputs: Mapping[str, ImageInput], arrays: Mapping[str, ArrayInput] | None = None
) -> Examples:
    """Returns what files are run on where no data set is at hand.

    Args:
        inputs: Images by name.
        arrays: Numbers besides, by name.
    """
    made_up = made_up_inputs(inputs, arrays)
    return Examples(
        source="made-up patches of colour",
        count=PICTURES,
        batches=lambda: [made_up],
        batch_size=PICTURES,
        real=False,
    )


def predict(
    function: Callable[[Arrays], Arrays],
    examples: Examples,
    *,
    limit: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, np.ndarray]:
    """Runs a model over examples.

    Args:
        function: From a batch of inputs, shape (B, ...) by name, to outputs by name.
        examples: The examples.
        limit: Only the first so many, in whole batches.
        advance: Called after every batch.

    Returns:
        Outputs of all of them, (N, ...) by name.
    """
    parts, done = [], 0
    for batch in examples.batches():
        outputs = {name: np.asarray(value) for name, value in function(batch).items()}
        parts.append(outputs)
        advance()
        done += len(next(iter(outputs.values())))
        if limit is not None and done >= limit:
            break
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def differences(found: Arrays, expected: Arrays) -> dict[str, dict[str, float]]:
    """Returns how far outputs are from those of Keras, by output.

    Args:
        found: Outputs of the first examples, or of all.
        expected: Those of Keras.

    Returns:
        `largest` and `mean` of the absolute difference, and `relative`, the largest as a share of
        the output's largest absolute value.
    """
    result = {}
    for name, values in found.items():
        wanted = expected[name][: len(values)]
        difference = np.abs(values.astype(np.float64) - wanted)
        # Outputs that are zero throughout differ by nothing or by more than any tolerance.
        size = max(float(np.abs(wanted).max()), float(np.finfo(np.float32).tiny))
        result[name] = {
            "largest": float(difference.max()),
            "relative": float(difference.max() / size),
            "mean": float(difference.mean()),
        }
    return result


def check_differences(
    name: str, found: Mapping[str, Mapping[str, float]], *, tolerance: float | None
) -> None:
    """Checks that a file answers as Keras does.

    Args:
        name: The file, for messages.
        found: What `differences` returned.
        tolerance: Largest difference allowed, as a share of the output's largest value; `None`
            for any as long as it is a number.

    Raises:
        EmoError: It does not.
    """
    for output, figures in found.items():
        relative = figures["relative"]
        limit = np.finfo(np.float64).max if tolerance is None else tolerance
        if not relative <= limit:  # nor where it is not a number
            raise EmoError(
                f"{name}: expected outputs within {limit:g} of those of Keras. "
                f"Received: {output}, a difference of {relative:.1e}"
            )
