"""Which part of each global batch a process reads, and which part of that each of its devices."""

from dataclasses import dataclass

from emo_tf.errors import EmoError


@dataclass(frozen=True)
class Share:
    """The part of each global batch that one process reads.

    The replicas of all workers stand in a row, those of worker 0 first; each takes the next rows
    of a global batch. An element of a data set is one replica's batch, so `replicas` successive
    elements make this process's part of one step.

    Attributes:
        worker: This process among the workers, from 0.
        workers: How many processes take part.
        replicas: Devices of this process.
    """

    worker: int = 0
    workers: int = 1
    replicas: int = 1

    def __post_init__(self) -> None:
        if self.workers < 1 or self.replicas < 1 or not 0 <= self.worker < self.workers:
            raise EmoError(
                "share: expected worker from 0 to below workers, and workers and replicas of at "
                f"least 1. Received: worker={self.worker}, workers={self.workers}, "
                f"replicas={self.replicas}"
            )

    @property
    def all_replicas(self) -> int:
        """Devices of all workers."""
        return self.workers * self.replicas

    def rows(self, size: int) -> list[range]:
        """Returns which rows of a global batch each device of this process takes.

        The batch is split as evenly as possible: the first devices take one row more where it
        does not divide.

        Args:
            size: People in the global batch.
        """
        least, rest = divmod(size, self.all_replicas)
        starts = [replica * least + min(replica, rest) for replica in range(self.all_replicas + 1)]
        first = self.worker * self.replicas
        return [range(*starts[i : i + 2]) for i in range(first, first + self.replicas)]
