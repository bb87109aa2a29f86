"""Opening a weight file and telling of it."""

import hashlib
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


def origin(part: str, path: Path, **facts: object) -> dict[str, object]:
    """Returns where a part of a model comes from, for the model's metadata.

    Args:
        part: What it is of the model.
        path: The file.
        **facts: What else is to be known of it, by name.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"part": part, "file": path.name, "sha256": digest, **facts}


def checkpoint_origin(part: str, checkpoint: "Checkpoint") -> dict[str, object]:
    """Returns where a part comes from that stands in a file of torch or safetensors.

    Args:
        part: The part of the model, e.g. `scene`.
        checkpoint: The file as it was read.
    """
    values = {"values": checkpoint.values} if checkpoint.values else {}
    return origin(part, checkpoint.path, format=checkpoint.format, **values)
