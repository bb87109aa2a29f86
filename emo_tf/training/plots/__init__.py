"""Figures of an EMOTIC model, for papers and for TensorBoard."""

from emo_tf.training.plots.ablation import ablation_figure
from emo_tf.training.plots.calibration import calibration_figure
from emo_tf.training.plots.canvas import figure_pixels, save_figure
from emo_tf.training.plots.confusion import confusion_figure
from emo_tf.training.plots.examples import examples_figure
from emo_tf.training.plots.precision_recall import precision_recall_figure

__all__ = [
    "ablation_figure",
    "calibration_figure",
    "confusion_figure",
    "examples_figure",
    "figure_pixels",
    "precision_recall_figure",
    "save_figure",
]
