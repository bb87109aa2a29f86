"""What goes into the analysis of a shard, and what comes out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emo_tf.beam.source_file import SourceFile


@dataclass(frozen=True)
class ShardWork:
    """The pictures of one shard.

    Attributes:
        number: Which shard it is, from 0.
        files: Its pictures, each once, sorted by name.
        why: Why it has to be done, for people.
    """

    number: int
    files: tuple[SourceFile, ...]
    why: str = ""

    @classmethod
    def of(cls, number: int, files: Iterable[SourceFile]) -> "ShardWork":
        """Puts the pictures of a shard in order; one that was found twice counts once."""
        by_key = {file.key: file for file in sorted(files, key=_order)}
        return cls(number, tuple(by_key[key] for key in sorted(by_key)))

    @property
    def sha256(self) -> str:
        """Digest of the names, sizes and times of change of the pictures."""
        whole = hashlib.sha256()
        for file in self.files:
            rest = f"{file.stamp}\0{file.error}\0".encode("utf-8", "surrogatepass")
            whole.update(file.key + b"\0" + rest)
        return whole.hexdigest()


@dataclass(frozen=True)
class ShardResults:
    """What was found in the pictures of a shard.

    Attributes:
        work: The shard.
        results: A line of JSON for each picture that could be read.
        failed: A line of JSON for each other.
        counts: How many `pictures`, `faces`, `people` and `failed` there are.
    """

    work: ShardWork
    results: bytes
    failed: bytes
    counts: Mapping[str, int]


def _order(file: SourceFile) -> tuple:
    return file.key, file.stamp, file.error or ""
