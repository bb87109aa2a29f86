"""What is exported: a trained model, and what it is measured on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keras
import tensorflow as tf

from emo_tf.export.streaming import Arrays, Streaming
from emo_tf.export.tflite import QUANTISATIONS
from emo_tf.model_metadata import ModelMetadata


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What outputs reach on labelled examples.

    Attributes:
        metrics: Figures by name, `None` for what cannot be told.
        slices: For each part of the examples, named NAME=VALUE, the number of its `examples` and
            the primary metric.
        details: Tables for the model card, as Markdown.
        classes: Of a classifier its `labels`, `confusion`, counts with the labels as rows, and
            `reliability`, what equal bins of the top probability hold.
    """

    metrics: Mapping[str, float | None]
    slices: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    details: str = ""
    classes: Mapping[str, object] = field(default_factory=dict)


REPORTING = "for reporting only"
"""What examples are for that training made no use of."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Where the labels of examples come from and how outputs are held against them.

    Attributes:
        dataset: Data set with its configuration, as TFDS names it.
        split: Its split.
        better: Whether `higher` or `lower` is better, by metric; the first is the primary one.
        measure: From the outputs of all examples, by name, to what they reach.
        use: What the examples are for, and what else training did with them, in words.
    """

    dataset: str
    split: str
    better: Mapping[str, str]
    measure: Callable[[Arrays], Measured]
    use: str = REPORTING


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Inputs that the files are run on beside Keras.

    Attributes:
        source: What they are, in words.
        count: How many.
        batches: Gives them in batches, arrays by name of an input as the files take them.
        batch_size: How many a batch.
        labels: Their labels, or `None` where outputs are compared with Keras alone.
        real: Whether they are examples of a data set, not made up on the spot.
    """

    source: str
    count: int
    batches: Callable[[], Iterable[Arrays]]
    batch_size: int
    labels: Labels | None = None
    real: bool = True

    @property
    def steps(self) -> int:
        """Batches of all."""
        return -(-self.count // self.batch_size)


@dataclass(frozen=True, kw_only=True)
class BytesSignature:
    """How a model takes picture files.

    Attributes:
        inputs: What a request holds, tensors by name, (B, ...).
        decode: From these to the model's inputs, uint8 pictures and float32 arrays by name.
        request: A made-up request of one picture.
        note: What a picture has to be, and what is not done to it.
    """

    inputs: Mapping[str, tf.TensorSpec]
    decode: Callable[[Mapping[str, tf.Tensor]], Mapping[str, tf.Tensor]]
    request: Mapping[str, object]
    note: str


APPARENT = "It tells how people look to annotators, not what they experience."


@dataclass(frozen=True, kw_only=True)
class CardText:
    """What a model card says besides figures.

    Attributes:
        title: Its heading.
        about: What the model's answers are and are not.
        data: Paragraphs on the data.
        recipe: How it was trained.
        works_best: On what.
        limits: What it is known to get wrong.
    """

    title: str
    about: str
    data: str
    recipe: str
    works_best: str
    limits: str


@dataclass(frozen=True, kw_only=True)
class Exportable:
    """A trained model with all that its export needs.

    Attributes:
        source: The file that the model was read from, or where else its weights come from.
        model: Functional model in float32, of float pixels 0 to 255.
        metadata: What the files say about themselves.
        outputs: From what the model returns to tensors by the names of `metadata.outputs`.
        card: What the model card says.
        examples: What the files are measured on.
        calibration: Gives inputs for the ranges of int8, one example at a time, or `None` where
            there are none.
        from_bytes: How it takes picture files, or `None` where it takes none.
        precisions: Those it can be exported in.
        streaming: How it is run over the examples, clips, if it takes one frame at a time.
    """

    source: Path | str
    model: keras.Model
    metadata: ModelMetadata
    outputs: Callable[[object], Mapping[str, object]]
    card: CardText
    examples: Examples
    calibration: Callable[[], Iterable[Arrays]] | None = None
    from_bytes: BytesSignature | None = None
    precisions: tuple[str, ...] = QUANTISATIONS
    streaming: Streaming | None = None
