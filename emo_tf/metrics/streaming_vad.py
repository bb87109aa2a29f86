"""Agreement on valence, arousal and dominance that is kept up batch by batch."""

import abc

import keras
from keras import KerasTensor, ops

from emo_tf.errors import unknown_name
from emo_tf.labels import VAD
from emo_tf.metrics.batches import as_people, person_weights, without_dropped

_SCALE_CENTRE = 5.5  # of 1 to 10: squares about it stay small, so that float32 sums hold them
_LEAST_SPREAD = 1e-3  # mean squares of values 0.03 apart, which float32 sums cannot tell from none


class _VadMetric(keras.metrics.Metric, abc.ABC):
    """Sums over people for each dimension; the result is one dimension's figure or the mean."""

    def __init__(self, dimension: str | None, *, name: str, dtype: str | None):
        if dimension is not None and dimension not in VAD:
            raise unknown_name("dimension", dimension, VAD)
        super().__init__(name=name, dtype=dtype)
        self.dimension = dimension
        self.people = self.add_variable((), initializer="zeros", dtype=self.dtype, name="people")

    def _add_sum(self, name: str) -> keras.Variable:
        return self.add_variable((len(VAD),), initializer="zeros", dtype=self.dtype, name=name)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        labels = as_people("y_true", y_true, width=len(VAD), dtype=self.dtype)
        vad = as_people("y_pred", y_pred, width=len(VAD), dtype=self.dtype)
        weights = person_weights(sample_weight, vad)  # (B, 1)
        self.people.assign_add(ops.sum(weights))
        self._add(without_dropped(labels, weights), without_dropped(vad, weights), weights)

    @abc.abstractmethod
    def _add(self, labels: KerasTensor, vad: KerasTensor, weights: KerasTensor) -> None:
        """Adds a batch to the sums: values of shape (B, 3), weights of shape (B, 1)."""

    @abc.abstractmethod
    def _by_dimension(self) -> KerasTensor:
        """Returns the figure of each dimension, shape (3,)."""

    def result(self) -> KerasTensor:
        values = self._by_dimension()
        return ops.mean(values) if self.dimension is None else values[VAD.index(self.dimension)]

    def get_config(self) -> dict:
        return super().get_config() | {"dimension": self.dimension}


@keras.saving.register_keras_serializable(package="emo_tf")
class VadMeanAbsoluteError(_VadMetric):
    """Mean absolute error of valence, arousal and dominance, on the scale of the labels.

    `emo_tf.metrics.vad.mean_absolute_error`, batch by batch; 0 while nobody was seen. All state
    is sums, so that replicas and runs can be added up.

    Args:
        dimension: `"valence"`, `"arousal"` or `"dominance"`; None for the mean of the three.
        name: Name of the metric; by default with the dimension in front.
        dtype: Type of the sums.

    Call arguments:
        y_true: True values of shape (B, 3).
        y_pred: Predicted values of shape (B, 3), on the same scale.
        sample_weight: Shape (B,) or (B, 1); people of weight 0 do not count. `compile` hands
            weights to `weighted_metrics` alone.

    Example:
        model.compile(loss=..., metrics={"vad": [VadMeanAbsoluteError("valence")]})

    Raises:
        EmoError: The dimension is unknown, or a batch is not of three values a person.
    """

    def __init__(
        self,
        dimension: str | None = None,
        *,
        name: str | None = None,
        dtype: str | None = None,
    ):
        name = name or _with_dimension("mean_absolute_error", dimension)
        super().__init__(dimension, name=name, dtype=dtype)
        self.error_sum = self._add_sum("error_sum")

    def _add(self, labels: KerasTensor, vad: KerasTensor, weights: KerasTensor) -> None:
        self.error_sum.assign_add(ops.sum(weights * ops.abs(labels - vad), axis=0))

    def _by_dimension(self) -> KerasTensor:
        return ops.divide_no_nan(self.error_sum, self.people)


@keras.saving.register_keras_serializable(package="emo_tf")
class ConcordanceCorrelation(_VadMetric):
    """Concordance correlation coefficient of valence, arousal and dominance on 1 to 10.

    `emo_tf.metrics.vad.concordance_correlation_coefficient`, batch by batch, as
    1 - E[(x - y)^2] / (E[x^2] + E[y^2] - 2 E[x] E[y]) with x and y taken from the centre of the
    scale, 5.5; that is the same, and float32 sums over 50,000 people give it to 1e-4. All state
    is sums, so that replicas and runs can be added up. 0 while nobody was seen, and while values
    spread less than 0.03 points.

    Args:
        dimension: `"valence"`, `"arousal"` or `"dominance"`; None for the mean of the three.
        name: Name of the metric; by default with the dimension in front.
        dtype: Type of the sums.

    Call arguments:
        y_true: True values of shape (B, 3), 1 to 10.
        y_pred: Predicted values of shape (B, 3), 1 to 10.
        sample_weight: Shape (B,) or (B, 1); people of weight 0 do not count. `compile` hands
            weights to `weighted_metrics` alone.

    Example:
        model.compile(loss=..., metrics={"vad": [ConcordanceCorrelation()]})

    Raises:
        EmoError: The dimension is unknown, or a batch is not of three values a person.

    Reference:
        Lin 1989, "A concordance correlation coefficient to evaluate reproducibility", section 2.
    """

    def __init__(
        self,
        dimension: str | None = None,
        *,
        name: str | None = None,
        dtype: str | None = None,
    ):
        name = name or _with_dimension("concordance", dimension)
        super().__init__(dimension, name=name, dtype=dtype)
        self.label_sum = self._add_sum("label_sum")
        self.vad_sum = self._add_sum("vad_sum")
        self.square_sum = self._add_sum("square_sum")
        self.difference_sum = self._add_sum("difference_sum")

    def _add(self, labels: KerasTensor, vad: KerasTensor, weights: KerasTensor) -> None:
        labels, vad = labels - _SCALE_CENTRE, vad - _SCALE_CENTRE
        for variable, terms in (
            (self.label_sum, labels),
            (self.vad_sum, vad),
            (self.square_sum, labels**2 + vad**2),
            (self.difference_sum, (labels - vad) ** 2),
        ):
            variable.assign_add(ops.sum(weights * terms, axis=0))

    def _by_dimension(self) -> KerasTensor:
        label_mean, vad_mean, squares, difference = (
            ops.divide_no_nan(variable, self.people)
            for variable in (self.label_sum, self.vad_sum, self.square_sum, self.difference_sum)
        )
        spread = squares - 2 * label_mean * vad_mean
        is_constant = spread <= _LEAST_SPREAD
        concordance = 1 - difference / ops.where(is_constant, 1.0, spread)
        return ops.where(is_constant, 0.0, concordance)


def _with_dimension(name: str, dimension: str | None) -> str:
    return name if dimension is None else f"{dimension}_{name}"
