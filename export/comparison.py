"""Files of a model beside Keras: on its examples and, where it takes a stream, on a long one."""

from collections.abc import Callable

import keras
import numpy as np

from emo_tf.export.differences import differences, predict
from emo_tf.export.exportable import Arrays, Exportable
from emo_tf.export.streaming import Call

STREAM, END_OF_STREAM = "stream_probabilities", "stream_end_probabilities"
"""What differences on the long stream are reported as: of all its frames, of the last tenth."""


class Comparison:
    """What Keras answers, and how far from it others are.

    A model that takes one frame at a time is compared with the clip model in Keras, over clips, and
    with itself in Keras over a stream many times as long.

    Args:
        exportable: The model and its examples.
        serving: It in Keras, with the inputs and outputs of its files.
        advance: Called after every batch of examples.

    Attributes:
        expected: Keras' outputs for all examples, by name.
    """

    def __init__(
        self, exportable: Exportable, serving: keras.Model, *, advance: Callable[[], None]
    ):
        self._examples, self._streaming = exportable.examples, exportable.streaming
        streaming = self._streaming

        def in_keras(batch: Arrays) -> Arrays:
            return serving.predict_on_batch(dict(batch))

        if streaming is None:
            self.expected = predict(in_keras, self._examples, advance=advance)
            return

        def of_clips(batch: Arrays) -> Arrays:
            return streaming.comparable(streaming.of_clips(batch))

        self.expected = predict(of_clips, self._examples, advance=advance)
        self._stream = streaming.over_stream(in_keras)

    def compare(
        self, call: Call, *, limit: int | None = None, advance: Callable[[], None] = lambda: None
    ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, float]]]:
        """Runs a file over the examples.

        Args:
            call: The file, from inputs by name to outputs by name.
            limit: Only the first so many examples, in whole batches.
            advance: Called after every batch.

        Returns:
            Its outputs for the examples, and how far it is from Keras by output, as `differences`.
        """
        streaming = self._streaming
        run = call if streaming is None else streaming.over_clips(call)
        outputs = predict(run, self._examples, limit=limit, advance=advance)
        found = differences(outputs, self.expected)
        if streaming is not None:
            answers, last = streaming.over_stream(call), -(len(self._stream) // 10 or 1)
            found |= differences({STREAM: answers}, {STREAM: self._stream})
            ends = {END_OF_STREAM: answers[last:]}, {END_OF_STREAM: self._stream[last:]}
            found |= differences(*ends)
        return outputs, found
