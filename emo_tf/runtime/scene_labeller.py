"""What a picture shows, told by a scene classifier in TFLite."""

import zipfile
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.model_metadata import FILE_NAME, ZIP_DAMAGE
from emo_tf.runtime.class_names import class_names_within, plain_names, read_class_names
from emo_tf.runtime.label_choice import LabelChoice
from emo_tf.runtime.litert import LiteRTModel, check_is_tflite
from emo_tf.runtime.picture_model import PictureModel, described
from emo_tf.runtime.resizing import resize
from emo_tf.softmax import softmax

TASK = "scene"
INPUT = "image"
OUTPUT = "probabilities"
TOP = 10
MIN_SCORE = 0.05


class SceneLabeller:
    """Labels pictures with the classes of an image classifier, such as one of Places365.

    The file is either one of ours, with `emo_tf.json` in it, of task `scene` with the input
    `image` and the output `probabilities`; or one that other tools wrote, with one input as
    `PictureModel` takes it and one output (1, C) of scores: float32, or uint8 with a scale and a
    zero point.

    Scores of other tools' files may be probabilities or logits. Those that lie in 0 to 1 on a
    black, a white and a shaded picture, and on the picture itself, are probabilities and left as
    they are, whether they add up to 1 (softmax) or not (sigmoid). Others are logits and go through
    a softmax.

    Args:
        path: The `.tflite` file.
        labels: A text file with a class a line, for a file of other tools; the label file in the
            model's own zip if `None`. Names become plain words by `class_names.plain_names`.
        top: How many labels a picture gets at most.
        min_score: Smallest score of a label.
        pixels: One of `picture_model.PIXELS`, for a file of other tools that takes float32.
        threads: Threads for the network; the machine's number of cores if `None`.

    Raises:
        EmoError: The file is missing or unreadable, takes or returns something else, its labels
            are missing or of another number, or a setting is out of range.

    Example:
        >>> labeller = SceneLabeller("places365.tflite", labels="categories_places365.txt")
        >>> labeller.label(read_image("team.jpg"))
        ('football field', 'stadium soccer')
    """

    def __init__(
        self,
        path: Path,
        *,
        labels: Path | None = None,
        top: int = TOP,
        min_score: float = MIN_SCORE,
        pixels: str | None = None,
        threads: int | None = None,
    ):
        self._path, self._choice = Path(path), LabelChoice(top, min_score)
        check_is_tflite(self._path)
        if not _is_ours(self._path):
            self._classifier = _OtherClassifier(
                self._path, labels=labels, pixels=pixels, threads=threads
            )
            return
        for name, value in (("labels", labels), ("pixels", pixels)):
            if value is not None:
                raise EmoError(
                    f"{name}: expected only for a model of other tools. "
                    f"Received: {value} for {self._path}, which says so itself"
                )
        self._classifier = _OwnClassifier(self._path, threads=threads)

    @property
    def vocabulary(self) -> frozenset[str]:
        """All labels that there are."""
        return frozenset(self._classifier.names)

    def label(self, image: np.ndarray) -> tuple[str, ...]:
        """Labels one picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            Labels in lower case by falling score; none where no score is high enough.

        Raises:
            EmoError: What the model returns are no scores.
        """
        scores = self._classifier.scores(image)
        if not _are_probabilities(scores):
            raise EmoError(f"{self._path}: expected scores of 0 to 1. Received: {scores[:5]}")
        return self._choice.of(zip(self._classifier.names, scores.tolist(), strict=True))


class _OwnClassifier:
    """A file that says about itself what it takes and returns."""

    def __init__(self, path: Path, *, threads: int | None):
        self._network = LiteRTModel(path, threads=threads)
        metadata = self._network.metadata
        if metadata.task != TASK:
            raise EmoError(f"{path}: expected a model of task {TASK}. Received: {metadata.task}")
        image = metadata.inputs.get(INPUT)
        is_picture = image is not None and None not in image.shape and len(image.shape) == 3
        if not is_picture or image.channels != 3 or len(metadata.inputs) != 1 or metadata.arrays:
            raise EmoError(
                f"{path}: expected one input, {INPUT}, in colour and of fixed size. "
                f"Received: {[*metadata.inputs.values(), *metadata.arrays.values()]}"
            )
        if OUTPUT not in metadata.outputs or not metadata.labels:
            raise EmoError(
                f"{path}: expected the output {OUTPUT} and its labels. Received: "
                f"{', '.join(metadata.outputs)} with {len(metadata.labels)} labels"
            )
        self._path, self._size = path, image.shape[:2]
        self.names = plain_names(metadata.labels, source=str(path))

    def scores(self, image: np.ndarray) -> np.ndarray:
        """Returns the probabilities, (C,)."""
        (scores,) = self._network(**{INPUT: resize(image, self._size)[None]})[OUTPUT]
        if scores.shape != (len(self.names),):
            raise EmoError(
                f"{self._path}: expected {OUTPUT} of {len(self.names)} labels. "
                f"Received: shape {scores.shape}"
            )
        return scores


class _OtherClassifier:
    """A file that other tools wrote."""

    def __init__(self, path: Path, *, labels: Path | None, pixels: str | None, threads: int | None):
        self._model = PictureModel(path, kind="an image classifier", pixels=pixels, threads=threads)
        self._output = self._find_output()
        count = int(self._output["shape"][1])
        if labels is None:
            self.names = class_names_within(path, count=count)
        else:
            self.names = read_class_names(labels, count=count)
        shades = np.broadcast_to(np.arange(256, dtype=np.uint8)[:, None, None], (256, 256, 3))
        probes = (np.zeros_like(shades), np.full_like(shades, 255), shades)
        self._gives_logits = not all(_are_probabilities(self._raw(probe)) for probe in probes)

    def scores(self, image: np.ndarray) -> np.ndarray:
        """Returns the scores of the classes as probabilities, (C,)."""
        raw = self._raw(image)
        if np.isfinite(raw).all() and (self._gives_logits or not _are_probabilities(raw)):
            return softmax(raw)
        return raw

    def _raw(self, image: np.ndarray) -> np.ndarray:
        """Returns what the model gives, as numbers, (C,)."""
        self._model.run(image)
        values = self._model.output(self._output["index"]).astype(float)
        if self._output["dtype"] == np.uint8:
            scale, zero_point = self._output["quantization"]
            return scale * (values - zero_point)
        return values

    def _find_output(self) -> dict:
        """Returns the details of the one output."""
        outputs = self._model.interpreter.get_output_details()
        given = outputs[0]
        fits = len(outputs) == 1 and len(given["shape"]) == 2 and given["shape"][0] == 1
        is_quantised = given["dtype"] == np.uint8 and given["quantization"][0] > 0
        if not fits or not (is_quantised or given["dtype"] == np.float32):
            raise EmoError(
                f"{self._model.path}: expected an image classifier that gives one output (1, C), "
                f"float32 or uint8 with a scale. Received: {described(outputs)}"
            )
        return given


def _is_ours(path: Path) -> bool:
    """Tells whether a file says about itself what it takes and returns."""
    try:
        with zipfile.ZipFile(path) as archive:
            return FILE_NAME in archive.namelist()
    except ZIP_DAMAGE:
        return False


def _are_probabilities(scores: np.ndarray) -> bool:
    # The scale of integers is a float32: 255 times 1/255 comes out above 1.
    return bool(((scores >= 0) & (scores <= 1 + 1e-6)).all())
