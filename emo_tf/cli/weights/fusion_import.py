"""What `emo-tf weights import` makes of the files of EMOTIC's networks."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from emo_tf.cli.weights.opening import checkpoint_origin
from emo_tf.labels import EMOTIC_CATEGORIES

if TYPE_CHECKING:
    import keras

    from emo_tf.checkpoints.checkpoint import Checkpoint
    from emo_tf.model_metadata import ModelMetadata


def bring_in_fusion(
    checkpoints: dict[str, "Checkpoint"], *, thresholds: Path | None, licence: str
) -> tuple["keras.Model", "ModelMetadata"]:
    """Returns a `context_fusion` model and what it says about itself.

    Args:
        checkpoints: The joining part under `head`, and the backbones by branch.
        thresholds: `val_thresholds.npy`.
        licence: Licence of the weights.

    Raises:
        EmoError: The parts do not fit together, or the thresholds are none.
    """
    from emo_tf.models.context_fusion import context_metadata
    from emo_tf.models.published import context_fusion_from_torch

    chosen = _read_thresholds(thresholds) if thresholds else {}
    tensors = {part: checkpoint.tensors for part, checkpoint in checkpoints.items()}
    model = context_fusion_from_torch(
        tensors.pop("head"),
        branches=tensors,
        sources={part: str(checkpoint.path) for part, checkpoint in checkpoints.items()},
    )
    files = [checkpoint_origin(part, checkpoint) for part, checkpoint in checkpoints.items()]
    provenance = {"files": files} | ({"thresholds": thresholds.name} if thresholds else {})
    return model, context_metadata(
        model, version="1", thresholds=chosen, licence=licence, provenance=provenance
    )


def _read_thresholds(path: Path) -> dict[str, float]:
    from emo_tf.checkpoints.thresholds import read_thresholds

    thresholds = read_thresholds(path, EMOTIC_CATEGORIES)
    absent = [label for label, threshold in thresholds.items() if threshold == 0]
    if absent:
        print(
            f"{path}: no threshold for {', '.join(absent)}: the file says 0, which stands for none "
            "found",
            file=sys.stderr,
        )
    return {label: threshold for label, threshold in thresholds.items() if threshold != 0}
