"""What a model file says about itself: the `emo_tf.json` inside `.tflite` and `.keras` files.

Who writes a model puts it there and who runs it reads it; nothing about a model is configured
twice.
"""

import json
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from emo_tf.errors import EmoError, in_place, unknown_name

FILE_NAME = "emo_tf.json"
FORMAT_VERSION = 1
COLOURS = ("rgb", "grey")
SCORE_KINDS = ("softmax", "sigmoid", "raw")

EXPRESSION, EMOTIC, GROUP, VIDEO = "expression", "emotic", "group", "video"
"""Tasks of the models that look at people."""

PHOTO_TASKS = (EXPRESSION, EMOTIC, GROUP)
"""Tasks of those that look at photos."""

ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)
"""What `zipfile` raises on bytes that make no sense; RuntimeError where they ask for a password."""


@dataclass(frozen=True)
class ImageInput:
    """An image that a model takes, `height` x `width` in `colour`: uint8 NHWC pixels, 0 to 255.

    `None` for a side stands for any length, as the fully convolutional P-Net takes. A clip is so
    many `frames` of that size, NTHWC; the people of one picture are up to so many `faces`, NFHWC,
    black where there are fewer; both are `None` for a single picture.

    Raises:
        EmoError: The colour is unknown, or there are frames as well as faces.
    """

    height: int | None
    width: int | None
    colour: str = "rgb"
    frames: int | None = None
    faces: int | None = None

    def __post_init__(self):
        if self.colour not in COLOURS:
            raise unknown_name("colour", self.colour, COLOURS)
        if self.frames is not None and self.faces is not None:
            raise EmoError(
                "image input: expected frames of a clip or faces of a picture. "
                f"Received: frames={self.frames}, faces={self.faces}"
            )

    @property
    def channels(self) -> int:
        """Channels of a pixel: 1 for `grey`, 3 for `rgb`."""
        return 1 if self.colour == "grey" else 3

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Shape without the batch."""
        several = tuple(count for count in (self.frames, self.faces) if count is not None)
        return (*several, self.height, self.width, self.channels)


@dataclass(frozen=True)
class ArrayInput:
    """Numbers that a model takes besides images: float32.

    Attributes:
        shape: Their shape without the batch; `None` stands for any length.
        description: One sentence for a reader.
    """

    shape: tuple[int | None, ...]
    description: str


@dataclass(frozen=True)
class ModelMetadata:
    """Contract between a model file and whoever runs it.

    Attributes:
        name: The model's name, e.g. `"expression"`.
        task: What it does: `face_detection`, `expression`, `emotic`, `group`, `scene`; `backbone`
            for a part.
        description: One sentence for a reader.
        version: Version of the weights.
        inputs: Image inputs of all signatures by name; none for a backbone, which takes no raw
            pixels. A name means the same in each signature.
        outputs: A sentence on each output, by name.
        arrays: Inputs besides images by name: `box` where the person is painted out of the scene,
            the states of a streaming model, which stand under the same names in `outputs`.
        labels: Labels in the order of the class outputs; empty where there are none.
        score_kind: `softmax` (probabilities), `sigmoid` or `raw`.
        temperature: Calibration temperature that the graph divides its logits by.
        thresholds: Per-class thresholds on the score, by label; a class is there if its score
            lies strictly above its threshold, and never if it has none.
        crop: How to cut the model's input out of a photograph (see `runtime.face_align`):
            `preset` with the preset's own settings, e.g. `margin`.
        detection: How the faces were looked for that the model learnt from: `min_face` in pixels.
        licence: SPDX name or a sentence.
        provenance: Where the weights come from: data, recipe, source.

    Raises:
        EmoError: There is no such kind of score, a threshold belongs to no label or is no number,
            or a name is both an image's and an array's.
    """

    name: str
    task: str
    description: str
    version: str
    inputs: Mapping[str, ImageInput]
    outputs: Mapping[str, str]
    arrays: Mapping[str, ArrayInput] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    score_kind: str = "softmax"
    temperature: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    crop: Mapping[str, object] = field(default_factory=dict)
    detection: Mapping[str, float] = field(default_factory=dict)
    licence: str = ""
    provenance: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        if self.score_kind not in SCORE_KINDS:
            raise unknown_name("score_kind", self.score_kind, SCORE_KINDS)
        both = sorted(set(self.inputs) & set(self.arrays))
        if both:
            raise EmoError(f"arrays: expected names that no image has. Received: {', '.join(both)}")
        for label, threshold in self.thresholds.items():
            if label not in self.labels:
                raise unknown_name("label of a threshold", label, self.labels)
            if not math.isfinite(threshold):
                raise EmoError(f"threshold of {label}: expected a number. Received: {threshold}")

    @property
    def states(self) -> dict[str, ArrayInput]:
        """Arrays that a streaming model returns to be given with the next frame; zeros at first."""
        return {name: array for name, array in self.arrays.items() if name in self.outputs}

    def to_json(self) -> str:
        """Returns the text of `emo_tf.json`."""
        return json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=1)

    @classmethod
    def read(cls, path: Path) -> "ModelMetadata":
        """Reads the `emo_tf.json` in a model file, which is a zip or ends with one.

        Raises:
            EmoError: There is none in the file, or one that cannot be read.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                text = archive.read(FILE_NAME).decode()
        except FileNotFoundError as error:
            raise EmoError(f"{path}: expected a model. Received: no such file") from error
        except (*ZIP_DAMAGE, KeyError, UnicodeDecodeError) as error:
            raise EmoError(
                f"{path}: expected a model with {FILE_NAME} in it, as emo_tf writes it."
                " Received: a file without it, or a damaged one"
            ) from error
        return cls.from_json(text, source=str(path))

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
            with in_place(source):
                return cls._from_values(json.loads(text))
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise EmoError(f"{source}: {FILE_NAME} is not valid metadata ({error})") from error

    @classmethod
    def _from_values(cls, values: dict) -> "ModelMetadata":
        version = values.pop("format")
        if version != FORMAT_VERSION:
            raise EmoError(f"expected metadata of format {FORMAT_VERSION}. Received: {version}")
        values["inputs"] = {name: ImageInput(**image) for name, image in values["inputs"].items()}
        values["arrays"] = {
            name: ArrayInput(**array | {"shape": tuple(array["shape"])})
            for name, array in values.get("arrays", {}).items()
        }
        values["labels"] = tuple(values["labels"])
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})
