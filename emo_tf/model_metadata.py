"""What a model file says about itself: the `emo_tf.json` inside every `.tflite` file.

The exporter writes it and the runtime reads it; nothing about a model is configured twice.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from emo_tf.errors import EmoError, unknown_name

FILE_NAME = "emo_tf.json"
FORMAT_VERSION = 1
COLOURS = ("rgb", "grey")


@dataclass(frozen=True)
class ImageInput:
    """An image that a model takes: uint8 NHWC pixels, 0 to 255.

    `None` for a side stands for any length, as the fully convolutional P-Net takes.
    """

    height: int | None
    width: int | None
    colour: str = "rgb"

    def __post_init__(self):
        if self.colour not in COLOURS:
            raise unknown_name("colour", self.colour, COLOURS)

    @property
    def channels(self) -> int:
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True)
class ModelMetadata:
    """Contract between a model file and whoever runs it.

    Attributes:
        name: The model's name, e.g. `"expression"`.
        task: What it does: `face_detection` or `expression`.
        description: One sentence for a reader.
        version: Version of the weights.
        inputs: Image inputs by name.
        outputs: A sentence on each output, by name.
        labels: Labels in the order of the class outputs; empty where there are none.
        score_kind: `softmax` (probabilities), `sigmoid` or `raw`.
        temperature: Calibration temperature that the graph divides its logits by.
        thresholds: Per-class thresholds on the score, by label.
        crop: How to cut the model's input out of a photograph (see `runtime.face_align`):
            `preset` with the preset's own settings, e.g. `margin`.
        licence: SPDX name or a sentence.
        provenance: Where the weights come from: data, recipe, source.
    """

    name: str
    task: str
    description: str
    version: str
    inputs: Mapping[str, ImageInput]
    outputs: Mapping[str, str]
    labels: tuple[str, ...] = ()
    score_kind: str = "softmax"
    temperature: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    crop: Mapping[str, object] = field(default_factory=dict)
    licence: str = ""
    provenance: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str, *, source: str) -> "ModelMetadata":
        """Reads `emo_tf.json`.

        Args:
            text: The JSON text.
            source: The file it stands in, for messages.

        Raises:
            EmoError: The text is not what `to_json` writes, or is of a later format.
        """
        try:
            values = json.loads(text)
            version = values.pop("format")
            if version != FORMAT_VERSION:
                raise EmoError(
                    f"{source}: expected metadata of format {FORMAT_VERSION}. Received: {version}"
                )
            values["inputs"] = {
                name: ImageInput(**image) for name, image in values["inputs"].items()
            }
            values["labels"] = tuple(values["labels"])
            known = {item.name for item in fields(cls)}
            return cls(**{name: value for name, value in values.items() if name in known})
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise EmoError(f"{source}: {FILE_NAME} is not valid metadata ({error})") from error
