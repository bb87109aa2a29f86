"""The newest frame of a webcam or stream, whatever came while the last one was looked at."""

import threading
from collections.abc import Iterator

from emo_tf.runtime.video_decoder import DecodedFrame, VideoDecoder

# Longer than a stream is waited for.
_PATIENCE_S = 15.0


class LatestFrames:
    """Decodes live frames as they come and gives the newest; those it replaces are dropped.

    Decoding runs beside the caller, so that an answer is never older than one frame and the time
    it took to look at it.

    Args:
        decoder: Of a live source; closed when the frames end or `close` is called.
    """

    def __init__(self, decoder: VideoDecoder):
        self._decoder = decoder
        self._changed = threading.Condition()
        self._newest: DecodedFrame | None = None
        self._error: Exception | None = None
        self._ended = self._stopping = False
        self._thread = threading.Thread(target=self._decode, name="live video", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[DecodedFrame]:
        while True:
            with self._changed:
                # With a limit, so that Ctrl-C is heard on every system.
                while self._newest is None and not self._ended:
                    self._changed.wait(timeout=0.2)
                newest, self._newest = self._newest, None
            if newest is None:
                if self._error is not None:
                    raise self._error
                return
            yield newest

    def close(self) -> None:
        """Ends the decoding."""
        self._stopping = True
        self._thread.join(timeout=_PATIENCE_S)

    def _decode(self) -> None:
        try:
            for frame in self._decoder.frames():
                with self._changed:
                    self._newest = frame
                    self._changed.notify()
                if self._stopping:
                    break
        except Exception as error:  # told to whoever reads the frames
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()
            self._decoder.close()
