"""Figures of models, verdicts and videos, for papers and for TensorBoard."""

from emo_tf.plots.ablation import ablation_figure
from emo_tf.plots.accuracy_intervals import accuracy_intervals_figure
from emo_tf.plots.calibration import calibration_figure
from emo_tf.plots.canvas import figure_pixels, save_figure
from emo_tf.plots.class_confusion import class_confusion_figure
from emo_tf.plots.confusion import confusion_figure
from emo_tf.plots.examples import examples_figure
from emo_tf.plots.expression_timeline import ExpressionTimeline
from emo_tf.plots.precision_recall import precision_recall_figure
from emo_tf.plots.reliability import binned_reliability_figure, reliability_figure
from emo_tf.plots.slices import draw_slices, slices_figure
from emo_tf.plots.training_curves import training_curves_figure

__all__ = [
    "ExpressionTimeline",
    "ablation_figure",
    "accuracy_intervals_figure",
    "binned_reliability_figure",
    "calibration_figure",
    "class_confusion_figure",
    "confusion_figure",
    "draw_slices",
    "examples_figure",
    "figure_pixels",
    "precision_recall_figure",
    "reliability_figure",
    "save_figure",
    "slices_figure",
    "training_curves_figure",
]
