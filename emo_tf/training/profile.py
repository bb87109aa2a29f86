"""A profile of a few training steps, on request."""

from pathlib import Path

import tensorflow as tf

from emo_tf.errors import EmoError


class Profile:
    """Records what the machine does in some of the steps of a training loop.

    TensorBoard shows it in the tab PROFILE, with the package `xprof` installed.

    Args:
        folder: Folder of the TensorBoard log; the profile goes to `plugins/profile` in it.
        first: The first step to record.
        last: The last one.

    Raises:
        EmoError: The last step comes before the first.

    Example:
        >>> with Profile(run / "logs", 10, 14) as profile:
        ...     for step in range(1, steps + 1):
        ...         profile.step(step)
        ...         train_step(next(batches))
    """

    def __init__(self, folder: Path, first: int, last: int):
        if last < first:
            raise EmoError(f"last: expected a step from {first} on. Received: {last}")
        self._folder = Path(folder)
        self._steps = range(first, last + 1)
        self._running = False

    def __enter__(self) -> "Profile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def step(self, number: int) -> None:
        """Says that a step begins: starts or ends the recording where it is time.

        A loop that begins amid the steps to record, as a resumed one may, records the rest.
        """
        if number not in self._steps:
            self.close()
        elif not self._running:
            tf.profiler.experimental.start(str(self._folder))
            self._running = True

    def close(self) -> None:
        """Ends a recording and writes it, if there is one."""
        if self._running:
            self._running = False
            tf.profiler.experimental.stop()
