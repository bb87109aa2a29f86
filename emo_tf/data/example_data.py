"""How the examples of a prepared data set are read."""

from dataclasses import dataclass

from emo_tf.errors import EmoError, unknown_name

CACHES = ("none", "memory", "disk")
SHARDINGS = ("auto", "files", "batches")


@dataclass(frozen=True)
class ExampleData:
    """How examples are read.

    Attributes:
        cache: `none` decodes every example in every epoch. `memory` and `disk` decode all of them
            once, before the first batch, and keep their uint8 pictures. `disk` keeps them in
            files, which the next run finds again, reads through once and maps into memory. With a
            cache an epoch is shuffled as a whole.
        shuffle_buffer: Encoded examples held for shuffling where there is no cache, each successive
            so many among themselves: the size of their picture files.
        parallel_files: Files read at a time.
        limit: Only the first so many records of a split.
        sharding: How several workers share a split in training. `batches`: every worker reads all
            examples and decodes its own rows of each batch. `files`: every worker reads files of
            its own. `auto`: `files` where there are as many files as workers.

    Raises:
        EmoError: A name is unknown or a number below 1.
    """

    cache: str = "none"
    shuffle_buffer: int = 2048
    parallel_files: int = 8
    limit: int | None = None
    sharding: str = "auto"

    def __post_init__(self) -> None:
        for name, known in (("cache", CACHES), ("sharding", SHARDINGS)):
            if getattr(self, name) not in known:
                raise unknown_name(f"data.{name}", getattr(self, name), known)
        for name in ("shuffle_buffer", "parallel_files", "limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise EmoError(f"data.{name}: expected at least 1. Received: {value}")
