"""The verdict on a picture of people, from all that speaks of its group."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.results import GROUP_EVIDENCE, Face, Group
from emo_tf.runtime.group import group_from_faces
from emo_tf.runtime.group_answer import GroupAnswer
from emo_tf.runtime.group_model import ENSEMBLE

if TYPE_CHECKING:
    # Loaded by `open_judge` where they are asked for: most pictures are judged by faces alone.
    from emo_tf.runtime.ensemble import Ensemble
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork


class GroupJudge:
    """Joins faces, scene labels and models of groups into one verdict.

    The word has the ensemble where there is one, else the model, else the network over scene
    labels and faces (`hybrid`), over labels alone (`scenes`), else the faces. What has nothing to
    go by in a picture, as an ensemble one of whose members has not, leaves it to the next; of
    several models the one named first comes first. The faces go into the network as their whole
    distribution.

    How much each face counts is what the source of the verdict gives it, for an ensemble the mean
    of its members that weigh faces; where none does, all count alike.

    Args:
        models: Names of the models whose answers come with each picture.
        ensemble: What joins several verdicts into one; the mean of the models, where there are
            several, if `None`.
        network: The network over scene labels and faces.
        labels: The scene labels of the pictures.

    Raises:
        EmoError: A network comes without labels or the reverse, they speak of different
            labellers, or the ensemble has members that are not there.

    Reference:
        Garg 2019, "Group emotion recognition using machine learning"; Gupta et al. 2018, "An
        attention model for group-level emotion recognition".
    """

    def __init__(
        self,
        *,
        models: Sequence[str] = (),
        ensemble: "Ensemble | None" = None,
        network: "SceneNetwork | None" = None,
        labels: "SceneLabels | None" = None,
    ):
        if labels is not None and network is None:
            raise EmoError(
                "scene_labels: expected a scene_network too, which `emo-tf scenes fit` makes. "
                f"Received: {labels.source} alone"
            )
        if network is not None and labels is None:
            raise EmoError(
                "scene_network: expected scene_labels of the pictures too, as `emo-tf scenes "
                "label` writes them. Received: none"
            )
        if network is not None:
            network.check_vocabulary(labels.vocabulary, source=labels.source)
        if len(models) > 1 and ensemble is None:
            from emo_tf.runtime.ensemble import Ensemble

            ensemble = Ensemble(tuple(models), "mean")
        if ensemble is not None:
            evidence = GROUP_EVIDENCE if network is not None else GROUP_EVIDENCE[:1]
            known = (*evidence, *models)
            strange = [member for member in ensemble.models if member not in known]
            if strange:
                raise EmoError(
                    f"ensemble: expected members among {', '.join(known)}, which is what is "
                    f"there. Received: {', '.join(strange)}"
                )
        self._models = tuple(models)
        self._ensemble = ensemble
        self._network = network
        self._labels = labels
        self._ranking = (ENSEMBLE, *models, *reversed(GROUP_EVIDENCE))

    def judge(
        self,
        picture: str,
        faces: Sequence[Face],
        answers: Mapping[str, GroupAnswer],
        *,
        unseen: str,
    ) -> tuple[Group | None, str | None]:
        """Judges one picture.

        Args:
            picture: Its name, by which its scene labels are found.
            faces: Its faces; those without an expression do not count.
            answers: What the models said, by name; one that had nothing to look at is left out.
            unseen: What to say of a picture without faces.

        Returns:
            The verdict and `None`, or `None` and the reason why there is no verdict.
        """
        of_faces = group_from_faces(faces)
        labels = self._known_labels(picture)
        found = dict.fromkeys((*GROUP_EVIDENCE, *self._models))
        found |= {name: answer.probabilities for name, answer in answers.items()}
        if of_faces:
            found["faces"] = np.array([of_faces.probabilities[name] for name in GROUP_EMOTIONS])
        if labels:
            (found["scenes"],) = self._network.infer([labels])
        if labels and of_faces:
            (found["hybrid"],) = self._network.infer([labels], found["faces"][None])
        if self._ensemble:
            found[ENSEMBLE] = self._joined(found)
        source = next((name for name in self._ranking if found.get(name) is not None), None)
        if source is None:
            return None, unseen + self._why_no_scenes(picture)
        verdicts = {
            name: None if row is None else _distribution(row) for name, row in found.items()
        }
        verdict = verdicts[source]
        group = Group(
            label=max(verdict, key=verdict.__getitem__),
            probabilities=verdict,
            source=source,
            verdicts=verdicts,
            face_weights=self._face_weights(source, answers, of_faces),
            note=self._note(source, answers, len(faces)),
        )
        return group, None

    def _known_labels(self, picture: str) -> list[str]:
        """Returns those labels of a picture that the network knows."""
        labels = (self._labels.of(picture) or ()) if self._labels else ()
        unknown = self._network.unknown(labels) if labels else ()
        return [label for label in labels if label not in unknown]

    def _why_no_scenes(self, picture: str) -> str:
        if self._labels is None:
            return ""
        if self._labels.of(picture):
            return ", and no scene label of this picture that the network knows"
        return ", and no scene labels for this picture"

    def _face_weights(
        self, source: str, answers: Mapping[str, GroupAnswer], of_faces: Group | None
    ) -> tuple[float, ...]:
        """Returns what the source of the verdict gives each face, all alike if it weighs none."""
        alike = of_faces.face_weights if of_faces else ()
        weighing = dict.fromkeys(("faces", "hybrid"), alike)
        weighing |= {name: answer.face_weights for name, answer in answers.items()}
        found = [weighing.get(name) for name in self._speakers(source)]
        found = [weights for weights in found if weights is not None]
        return tuple(np.mean(found, axis=0).tolist()) if found else alike

    def _note(self, source: str, answers: Mapping[str, GroupAnswer], count: int) -> str | None:
        """Returns a sentence on the faces that the source of the verdict did not look at."""
        by_number: dict[int, list[str]] = {}
        for name in self._speakers(source):
            if name in answers and answers[name].passed_over:
                by_number.setdefault(count - answers[name].passed_over, []).append(name)
        parts = [
            f"{' and '.join(names)} looked at the {number} largest"
            for number, names in by_number.items()
        ]
        return f"{', '.join(parts)} of {count} faces" if parts else None

    def _speakers(self, source: str) -> Sequence[str]:
        """Returns whose verdicts a source joins, or the source alone."""
        return self._ensemble.models if source == ENSEMBLE else (source,)

    def _joined(self, found: Mapping[str, np.ndarray | None]) -> np.ndarray | None:
        members = [found[name] for name in self._ensemble.models]
        if any(member is None for member in members):
            return None
        return self._ensemble.combine(np.stack(members)[None])[0]


def open_judge(
    *,
    models: Sequence[str] = (),
    ensemble: Path | None = None,
    scene_network: "Path | SceneNetwork | None" = None,
    scene_labels: "Path | SceneLabels | None" = None,
) -> GroupJudge:
    """Makes a judge from files.

    Args:
        models: Names of the models whose answers come with each picture.
        ensemble: A file that `Ensemble.read` takes.
        scene_network: A network, or a file that `SceneNetwork.read` takes.
        scene_labels: Labels, or a file that `SceneLabels.read` takes.

    Raises:
        EmoError: A file cannot be used, or they do not go together; see `GroupJudge`.
    """
    network, labels, joint = scene_network, scene_labels, None
    if isinstance(network, str | Path):
        from emo_tf.runtime.scene_network import SceneNetwork

        network = SceneNetwork.read(network)
    if isinstance(labels, str | Path):
        from emo_tf.runtime.scene_labels import SceneLabels

        labels = SceneLabels.read(labels)
    if ensemble is not None:
        from emo_tf.runtime.ensemble import Ensemble

        joint = Ensemble.read(Path(ensemble))
    return GroupJudge(models=models, ensemble=joint, network=network, labels=labels)


def _distribution(row: np.ndarray) -> dict[str, float]:
    # Sums of rounded fractions may pass 1 by the last bit.
    shares = np.minimum(row, 1).tolist()
    return dict(zip(GROUP_EMOTIONS, shares, strict=True))
