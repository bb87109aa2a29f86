"""Pictures on which the settings of a scene network are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import in_place
from emo_tf.groups.scene_evaluation import labels_of_pictures
from emo_tf.groups.scene_selection import Selection, choose_settings
from emo_tf.groups.scene_tables import FaceVerdicts, SceneCounts
from emo_tf.metrics.probability_figures import probability_figures
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork


@dataclass(frozen=True, eq=False)
class TuningPictures:
    """The N pictures on which settings are chosen.

    Attributes:
        labels: The labels of each, `None` for one that was not labelled.
        verdicts: Their classes and what their faces say.
    """

    labels: Sequence[Sequence[str] | None]
    verdicts: FaceVerdicts

    @classmethod
    def read(cls, labels: Path, faces: Path, *, network: SceneNetwork) -> "TuningPictures":
        """Reads the files of the pictures; `network` is to know some of their labels.

        Args:
            labels: A file as `SceneLabels.read` takes it.
            faces: A file as `FaceVerdicts.read` takes it.
            network: Has to know some of the labels.

        Raises:
            EmoError: A file cannot be used, or the labels do not fit; see `labels_of_pictures`.
        """
        verdicts = FaceVerdicts.read(faces)
        scene_labels = SceneLabels.read(labels)
        its_labels = labels_of_pictures(network, scene_labels, pictures=verdicts.pictures)
        return cls(its_labels, verdicts)

    def choose(self, tables: SceneCounts, confusion: np.ndarray, *, absent: bool) -> Selection:
        """Chooses smoothing and temper by `choose_settings`.

        Args:
            tables: How often labels occur.
            confusion: Counts of the faces' verdicts, shape (3, 3), rows the actual classes.
            absent: Whether labels that are not there count too.

        Raises:
            EmoError: There are too few pictures.
        """
        with in_place(self.verdicts.source):
            return choose_settings(
                tables,
                confusion,
                labels=self.labels,
                faces=self.verdicts.faces,
                actual=self.verdicts.actual,
                absent=absent,
            )

    def summary(self, selection: Selection) -> str:
        """Returns a line with the figures of a choice on pictures that it was not made on."""
        figures = probability_figures(selection.out_of_fold, self.verdicts.actual)
        return (
            f"Smoothing and temper chosen on the {len(self.labels):,} pictures of "
            f"{self.verdicts.source}. Hybrid, out of fold: accuracy {figures['accuracy']:.3f}, "
            f"balanced accuracy {figures['balanced_accuracy']:.3f}, log loss "
            f"{figures['log_loss']:.3f}, ECE {figures['ece']:.3f}"
        )
