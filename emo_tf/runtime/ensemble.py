"""Several models' verdicts on a picture of people, joined into one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.class_file import read_class_file, write_class_file
from emo_tf.softmax import softmax

FORMAT = "emo_tf ensemble"
LEAST_PROBABILITY = 1e-7
"""What smaller probabilities count as where their logarithm is taken."""

CLASS_PAIRS = tuple(combinations(range(len(GROUP_EMOTIONS)), 2))
"""Which two classes each hyperplane of an SVM tells apart: (0, 1), (0, 2), (1, 2)."""

_CLASSES = len(GROUP_EMOTIONS)
_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Joins the class probabilities p_1 ... p_M that M models give a picture.

    `mean` has no coefficients: the answer is the mean of the p_m.

    `weights`: softmax(b sum_m w_m log p_m), weights w of any sign and inverse temperature b. On
    logits the weights give the same, as these differ from log p by a number that is the same for
    all classes.

    `svm`: the 3 M probabilities x lie on one side or the other of three hyperplanes, each of
    which tells two classes i < j apart: its margin h x + c votes for i from 0 on, else for j. The
    score of a class is its votes + s / (3 (|s| + 1)), s being the sum of its margins, with the
    sign turned for j: margins break ties of votes and no more. The answer is
    softmax(b score). Scores are those of scikit-learn's `SVC(decision_function_shape="ovr")`.

    `stack`: softmax(A l + c), multinomial logistic regression on the 3 M log-probabilities l.

    Where a logarithm is taken, probabilities below 1e-7 count as 1e-7.

    Args:
        models: Names of the M members, in the order of the coefficients.
        method: `mean`, `weights`, `svm` or `stack`.
        coefficients: `weights`: `weights` (M,) and `inverse_temperature` (); `svm`: `hyperplanes`
            (3, M, 3) by pair of classes, model and class, `intercepts` (3,) and
            `inverse_temperature`; `stack`: `coefficients` (3, M, 3) by class, model and class,
            and `intercepts` (3,).
        fit: How the coefficients were found, for a reader.

    Raises:
        EmoError: The method is unknown, a name stands twice, or a coefficient is missing, of
            another shape or not finite.

    Example:
        >>> ensemble = Ensemble(("faces", "scenes"), "mean")
        >>> ensemble.combine([[[0.2, 0.4, 0.4], [0.0, 0.2, 0.8]]])
        array([[0.1, 0.3, 0.6]])

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 4.
    """

    models: tuple[str, ...]
    method: str
    coefficients: Mapping[str, np.ndarray] = field(default_factory=dict)
    fit: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        models = self.models
        if not models or len(set(models)) != len(models) or not all(models):
            raise EmoError(f"models: expected names, each once. Received: {list(models)}")
        if self.method not in METHODS:
            raise unknown_name("method", self.method, METHODS)
        shapes = METHODS[self.method].shapes(len(models))
        if shapes.keys() != self.coefficients.keys():
            raise EmoError(
                f"coefficients of {self.method}: expected {', '.join(shapes) or 'none'}. "
                f"Received: {', '.join(self.coefficients) or 'none'}"
            )
        checked = {
            name: _checked_coefficients(name, self.coefficients[name], shape=shape)
            for name, shape in shapes.items()
        }
        if checked.get("inverse_temperature", 0) < 0:
            raise EmoError(
                "inverse_temperature: expected 0 or more. "
                f"Received: {checked['inverse_temperature']}"
            )
        object.__setattr__(self, "coefficients", checked)

    def combine(self, probabilities: np.ndarray) -> np.ndarray:
        """Returns the joint verdict on N pictures.

        Args:
            probabilities: What each model says of each picture, shape (N, M, 3), classes in the
                order of `labels.GROUP_EMOTIONS`.

        Returns:
            Shape (N, 3), rows that add up to 1.

        Raises:
            EmoError: They are of another shape, as where a model is missing, or a model's are no
                probabilities.
        """
        probabilities = self._checked(probabilities)
        return METHODS[self.method].combine(self.coefficients, probabilities)

    def _checked(self, probabilities: np.ndarray) -> np.ndarray:
        values = np.asarray(probabilities, float)
        if values.ndim != 3 or values.shape[1:] != (len(self.models), _CLASSES):
            raise EmoError(
                f"probabilities: expected shape (N, {len(self.models)}, {_CLASSES}), pictures by "
                f"the models {', '.join(self.models)} by classes. Received: {values.shape}"
            )
        # Also false for what is not a number.
        sound = (values >= 0).all(axis=2) & (np.abs(values.sum(axis=2) - 1) <= _TOLERANCE)
        if not sound.all():
            picture, model = np.argwhere(~sound)[0]
            raise EmoError(
                f"probabilities of {self.models[model]!r}, row {picture}: expected values of 0 "
                f"to 1 that add up to 1. Received: {values[picture, model].tolist()}"
            )
        return values

    def save(self, path: Path) -> None:
        """Writes the ensemble as JSON, whole or not at all."""
        values = {
            "method": self.method,
            "models": self.models,
            "coefficients": {name: array.tolist() for name, array in self.coefficients.items()},
            "fit": dict(self.fit),
        }
        write_class_file(path, values, kind=FORMAT)

    @classmethod
    def read(cls, path: Path) -> "Ensemble":
        """Reads what `save` wrote.

        Raises:
            EmoError: The file is missing, damaged or of another version, or it holds something
                else, another order of classes, or coefficients that do not fit its models.
        """
        expected = "an ensemble that `emo-tf ensemble fit` wrote"
        values = read_class_file(Path(path), kind=FORMAT, expected=expected)
        with in_place(str(path)):
            types = {"models": list, "method": str, "coefficients": dict, "fit": dict}
            for name, kind in types.items():
                if not isinstance(values.get(name), kind):
                    raise EmoError(
                        f"{name}: expected {_JSON_NAMES[kind]}. Received: {values.get(name)!r}"
                    )
            if not all(isinstance(name, str) for name in values["models"]):
                raise EmoError(f"models: expected names. Received: {values['models']}")
            return cls(
                models=tuple(values["models"]),
                **{name: values[name] for name in ("method", "coefficients", "fit")},
            )


_JSON_NAMES = {list: "a list", str: "text", dict: "an object"}

Coefficients = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Method:
    """A way to join models.

    Attributes:
        shapes: Returns the shapes of its coefficients by name, given the number of models.
        combine: Returns probabilities (N, 3), given coefficients and probabilities (N, M, 3).
    """

    shapes: Callable[[int], dict[str, tuple[int, ...]]]
    combine: Callable[[Coefficients, np.ndarray], np.ndarray]


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Returns the logarithms that `weights` and `stack` are about, none below that of 1e-7."""
    return np.log(np.maximum(probabilities, LEAST_PROBABILITY))


def _mean(_: Coefficients, probabilities: np.ndarray) -> np.ndarray:
    means = probabilities.mean(axis=1)
    return means / means.sum(axis=1, keepdims=True)


def _weighted(coefficients: Coefficients, probabilities: np.ndarray) -> np.ndarray:
    scores = np.einsum("nmc,m->nc", log_probabilities(probabilities), coefficients["weights"])
    return softmax(coefficients["inverse_temperature"] * scores)


def _voted(coefficients: Coefficients, probabilities: np.ndarray) -> np.ndarray:
    margins = np.einsum("nmc,kmc->nk", probabilities, coefficients["hyperplanes"])
    margins += coefficients["intercepts"]
    votes, sums = np.zeros((2, len(margins), _CLASSES))
    for margin, (first, second) in zip(margins.T, CLASS_PAIRS, strict=True):
        votes[:, first] += margin >= 0
        votes[:, second] += margin < 0
        sums[:, first] += margin
        sums[:, second] -= margin
    scores = votes + sums / (3 * (np.abs(sums) + 1))
    return softmax(coefficients["inverse_temperature"] * scores)


def _stacked(coefficients: Coefficients, probabilities: np.ndarray) -> np.ndarray:
    logs = log_probabilities(probabilities)
    logits = np.einsum("nmc,kmc->nk", logs, coefficients["coefficients"])
    return softmax(logits + coefficients["intercepts"])


METHODS = {
    "mean": Method(lambda count: {}, _mean),
    "weights": Method(lambda count: {"weights": (count,), "inverse_temperature": ()}, _weighted),
    "svm": Method(
        lambda count: {
            "hyperplanes": (len(CLASS_PAIRS), count, _CLASSES),
            "intercepts": (len(CLASS_PAIRS),),
            "inverse_temperature": (),
        },
        _voted,
    ),
    "stack": Method(
        lambda count: {"coefficients": (_CLASSES, count, _CLASSES), "intercepts": (_CLASSES,)},
        _stacked,
    ),
}
"""The ways to join models, by name."""


def _checked_coefficients(name: str, values: object, *, shape: tuple[int, ...]) -> np.ndarray:
    """Returns coefficients as floats after a look at their shape and range."""
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError, OverflowError) as error:
        raise EmoError(f"{name}: expected numbers of shape {shape}. Received: {error}") from error
    if array.shape != shape:
        raise EmoError(f"{name}: expected shape {shape}. Received: {array.shape}")
    if not np.isfinite(array).all():
        raise EmoError(f"{name}: expected finite numbers. Received: some that are not")
    return array
