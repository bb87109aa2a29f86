"""What a command line says about the verdict on groups, for whoever judges pictures."""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emo_tf.cli.model_files import Models
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.results import PhotoResult

if TYPE_CHECKING:
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork

SceneLabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--scene-labels",
        metavar="FILE.json",
        help="Scene labels of the pictures, as emo-tf scenes label writes them; they count in the "
        "verdict on the group.",
    ),
]
SceneNetworkOption = Annotated[
    Path | None,
    typer.Option(
        "--scene-network",
        "--network",
        metavar="NET.json",
        help="The network that joins scene labels with faces, as emo-tf scenes fit makes it.",
    ),
]
EnsembleOption = Annotated[
    Path | None,
    typer.Option(
        "--ensemble",
        metavar="FILE.json",
        help="What joins several verdicts into one, as emo-tf ensemble fit makes it.",
    ),
]


def group_settings(
    *,
    scene_labels: Path | None,
    scene_network: Path | None,
    ensemble: Path | None,
    models: Models,
    pictures: Iterable[str],
) -> dict[str, object]:
    """Reads and checks what the verdict on groups is to rest on, before any work is done.

    Args:
        scene_labels: The file of `--scene-labels`.
        scene_network: The file of `--scene-network`.
        ensemble: The file of `--ensemble`.
        models: The files of `--model`.
        pictures: The pictures that will be judged, as their results will be called.

    Returns:
        Arguments for `Analyzer` by name; `scene_labels` and `scene_network` are read already.

    Raises:
        EmoError: A file cannot be used, labels come without a network or the reverse, or an entry
            of the labels stands for two of the pictures.
    """
    settings = {"group_models": models.group, "ensemble": ensemble}
    if scene_labels is None and scene_network is None:
        return settings
    if scene_network is None:
        raise EmoError(
            "--scene-labels: expected --scene-network NET.json too, a network that "
            f"`emo-tf scenes fit` made. Received: {scene_labels} alone"
        )
    if scene_labels is None:
        raise EmoError(
            "--scene-network: expected --scene-labels FILE.json too, as `emo-tf scenes label` "
            f"writes them. Received: {scene_network} alone"
        )
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork

    network, labels = SceneNetwork.read(scene_network), SceneLabels.read(scene_labels)
    # One picture may be named twice, and by two paths.
    labels.check_told_apart({os.path.abspath(name): name for name in pictures}.values())  # noqa: PTH100
    return settings | {"scene_network": network, "scene_labels": labels}


class SceneLabelCount:
    """Counts pictures without scene labels, and labels that the network does not know.

    Args:
        labels: The scene labels of the pictures; nothing is counted without.
        network: The network that they are for.
    """

    def __init__(self, labels: "SceneLabels | None" = None, network: "SceneNetwork | None" = None):
        self._labels = labels
        self._network = network
        self._unlabelled = 0
        self._unknown = Counter()

    def add(self, result: PhotoResult) -> None:
        """Counts the labels of one picture, if it could be read."""
        if self._labels is None or result.error is not None:
            return
        labels = self._labels.of(result.source) or ()
        self._unlabelled += not labels
        self._unknown.update(self._network.unknown(labels))

    def words(self) -> list[str]:
        """Returns what there is to say about it, for a summary."""
        said = []
        if self._unlabelled:
            said.append(f"{self._unlabelled} without scene labels")
        if self._unknown:
            kinds = counted(len(self._unknown), "unknown label")
            uses = counted(self._unknown.total(), "use")
            said.append(f"{kinds} in {uses} passed over")
        return said
