"""What a model of video reads of a clip."""

from dataclasses import dataclass

from emo_tf.errors import EmoError, unknown_name
from emo_tf.model_metadata import COLOURS


@dataclass(frozen=True)
class ClipInputs:
    """What is read of a clip.

    Attributes:
        frames: Frames.
        size: Height and width of each in pixels.
        colour: `rgb` or `grey`.

    Raises:
        EmoError: A number is below 1, or there is no such colour.
    """

    frames: int
    size: tuple[int, int]
    colour: str = "rgb"

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise EmoError(f"frames: expected at least 1. Received: {self.frames}")
        if len(self.size) != 2 or min(self.size) < 1:
            raise EmoError(f"size: expected a height and width above 0. Received: {self.size}")
        if self.colour not in COLOURS:
            raise unknown_name("colour", self.colour, COLOURS)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Frames, height, width and channels of a clip."""
        return (self.frames, *self.size, 1 if self.colour == "grey" else 3)
