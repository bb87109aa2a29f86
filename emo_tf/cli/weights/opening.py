"""Opening a weight file and telling of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from emo_tf.cli.wording import counted

if TYPE_CHECKING:
    from emo_tf.checkpoints.checkpoint import Checkpoint


def open_checkpoint(path: Path) -> "Checkpoint":
    """Reads a weight file and prints what it is.

    Raises:
        EmoError: It cannot be read, or is hostile.
    """
    from emo_tf.checkpoints.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(path)
    numbers = sum(tensor.size for tensor in checkpoint.tensors.values())
    print(
        f"{path}: {checkpoint.format}, {counted(len(checkpoint.tensors), 'tensor')}, "
        f"{numbers:,} numbers"
    )
    if checkpoint.modules:
        print(f"  a whole module, {checkpoint.modules[0]}; its code is not looked at")
    if checkpoint.values:
        print("  " + ", ".join(f"{name} {value}" for name, value in checkpoint.values.items()))
    return checkpoint
