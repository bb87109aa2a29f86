"""A network of other tools that looks at one picture."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, unknown_name
from emo_tf.runtime.litert import check_is_tflite, open_interpreter, plan
from emo_tf.runtime.resizing import resize

PIXELS = {"-1..1": (127.5, 127.5), "0..1": (0.0, 255.0), "0..255": (0.0, 1.0)}
"""Ranges of float32 pixels by name: what is taken off 0 to 255, then what it is divided by."""

USUAL_PIXELS = "-1..1"


class PictureModel:
    """A `.tflite` file, whoever wrote it, whose one input is a picture (1, H, W, 3).

    A picture is stretched to the network's size as a scene is (`context.resize`). uint8 pixels go
    in as they are; for float32 they are brought to the range that the network was trained on.

    Args:
        path: The file; it needs no metadata.
        kind: What it should hold, for messages, e.g. `"a detection model"`.
        pixels: One of `PIXELS`, for a network that takes float32; `USUAL_PIXELS` if `None`.
        threads: Threads for the network; the machine's number of cores if `None`.

    Attributes:
        path: The file.
        interpreter: Its interpreter, the memory planned.

    Raises:
        EmoError: The file is missing or unreadable, takes something else, or `pixels` is unknown
            or given for a network that takes uint8.

    Example:
        >>> model = PictureModel("mobilenet.tflite", kind="an image classifier")
        >>> model.run(read_image("street.jpg"))
        >>> model.output(model.interpreter.get_output_details()[0]["index"]).shape
        (1001,)
    """

    def __init__(
        self, path: Path, *, kind: str, pixels: str | None = None, threads: int | None = None
    ):
        self.path = Path(path)
        check_is_tflite(self.path)
        self.interpreter = open_interpreter(self.path, threads=threads)
        with self._running():
            plan(self.interpreter)
        self._input = self._find_input(kind)
        if pixels is not None and pixels not in PIXELS:
            raise unknown_name("pixels", pixels, PIXELS)
        if pixels is not None and self._input["dtype"] == np.uint8:
            raise EmoError(
                f"pixels: expected a range only for a model that takes float32. Received: {pixels} "
                f"for {self.path}, which takes uint8"
            )
        self._offset, self._scale = map(np.float32, PIXELS[pixels or USUAL_PIXELS])

    def run(self, image: np.ndarray) -> None:
        """Runs the network on an upright RGB picture, uint8 (H, W, 3) of any size.

        Raises:
            EmoError: LiteRT cannot run it.
        """
        pixels = resize(image, tuple(self._input["shape"][1:3].tolist()))
        if self._input["dtype"] == np.float32:
            pixels = (pixels.astype(np.float32) - self._offset) / self._scale
        self.interpreter.set_tensor(self._input["index"], pixels[None])
        with self._running():
            self.interpreter.invoke()

    def output(self, index: int) -> np.ndarray:
        """Returns what the last run gave as the tensor of that index, without the batch."""
        return self.interpreter.get_tensor(index)[0]

    @contextmanager
    def _running(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise EmoError(f"{self.path}: LiteRT cannot run the model ({error})") from error

    def _find_input(self, kind: str) -> dict:
        """Returns the details of the one input."""
        inputs = self.interpreter.get_input_details()
        taken = inputs[0]
        shape = taken["shape"].tolist()
        fits = len(inputs) == 1 and len(shape) == 4 and (shape[0], shape[3]) == (1, 3)
        is_fixed = -1 not in taken["shape_signature"][1:3]
        if not (fits and is_fixed and taken["dtype"] in (np.uint8, np.float32)):
            raise EmoError(
                f"{self.path}: expected {kind} that takes one picture of fixed size, uint8 or "
                f"float32 (1, H, W, 3). Received: {described(inputs)}"
            )
        return taken


def described(details: Sequence[dict]) -> str:
    """Returns names, types and shapes of an interpreter's inputs or outputs, for messages."""
    return ", ".join(
        f"{item['name']} {np.dtype(item['dtype'])} ({', '.join(map(str, item['shape']))})"
        for item in details
    )
