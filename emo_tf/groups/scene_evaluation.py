"""What a scene network says of pictures whose class is known, and what that is worth."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.groups.rounded_figures import DIGITS, rounded_figures
from emo_tf.groups.scene_tables import FaceVerdicts
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.scene_labels import SceneLabels
from emo_tf.runtime.scene_network import SceneNetwork

MOST_COMMON = 10


def evaluate_network(
    network: SceneNetwork, labels: SceneLabels, *, verdicts: FaceVerdicts
) -> dict[str, object]:
    """Measures a network on pictures whose class is known: by their faces, their labels, by both.

    Args:
        network: The network.
        labels: The scene labels of the pictures; those that the network does not know are passed
            over and counted.
        verdicts: The N pictures: their true classes and the verdicts of their faces.

    Returns:
        Plain types, as JSON takes them. Under `faces`, `scenes` and `hybrid`: `accuracy`,
        `balanced_accuracy`, `log_loss` and `ece` of `probability_figures`, their 95 % `intervals`,
        the `confusion` counts (3, 3), rows the true classes in the order of `classes`, and over
        the pictures that have such evidence `verdicts`, their number, and `accuracy_of_verdicts`,
        `None` where there are none. The other pictures have the network's prior, whose ties go to
        the first class. Besides: `classes`, the numbers of `pictures`, of those `without_face` and
        of those `without_labels`, be it that their entry is empty or that there is none
        (`without_entry`); `unknown_labels` (`kinds`, `uses`, `most_common`) and the `settings`
        of the network.

    Raises:
        EmoError: The labels do not fit; see `labels_of_pictures`.
    """
    its_labels = labels_of_pictures(network, labels, pictures=verdicts.pictures)
    with_face = ~np.isnan(verdicts.faces).all(axis=1)
    # Absent labels are evidence too, so a network that counts them learns from an empty list.
    with_labels = np.array(
        [
            one is not None and (network.absent or len(network.unknown(one)) < len(one))
            for one in its_labels
        ],
        bool,
    )
    evidence = {
        "faces": with_face,
        "scenes": with_labels,
        "hybrid": with_face | with_labels,
    }
    posteriors = network_verdicts(network, its_labels, faces=verdicts.faces)
    return {
        "classes": list(GROUP_EMOTIONS),
        "pictures": len(verdicts.pictures),
        "without_face": int((~with_face).sum()),
        "without_labels": sum(not one for one in its_labels),
        "without_entry": sum(one is None for one in its_labels),
        "unknown_labels": _unknown_labels(network, its_labels),
        **{
            kind: _figures(posterior, verdicts.actual, with_evidence=evidence[kind])
            for kind, posterior in posteriors.items()
        },
        "settings": {
            "labels": len(network.labels),
            "prior": [round(float(one), DIGITS) for one in network.prior],
            "temper": network.temper,
            "absent": network.absent,
            "hard_faces": network.hard_faces,
            "fit": dict(network.fit),
        },
    }


def network_verdicts(
    network: SceneNetwork, labels: Sequence[Sequence[str] | None], *, faces: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns what a network says of N pictures by their faces, by their labels, and by both.

    Args:
        network: The network.
        labels: The labels of each picture, `None` for one that was not labelled.
        faces: The faces' distribution of each picture, shape (N, 3), NaN in the row of a picture
            without faces.

    Returns:
        Probabilities of shape (N, 3) under `faces`, `scenes` and `hybrid`.
    """
    return {
        "faces": network.infer(None, faces),
        "scenes": network.infer(labels),
        "hybrid": network.infer(labels, faces),
    }


def labels_of_pictures(
    network: SceneNetwork, labels: SceneLabels, *, pictures: Sequence[str]
) -> list[tuple[str, ...] | None]:
    """Returns the labels of each picture, `None` for one without an entry.

    Args:
        network: What knows labels.
        labels: What pictures show.
        pictures: Their files or names.

    Raises:
        EmoError: No picture has an entry, an entry stands for two pictures, or the labels are of
            another labeller than those that the network was fitted to.
    """
    network.check_vocabulary(labels.vocabulary, source=labels.source)
    labels.check_told_apart(pictures)
    found = [labels.of(picture) for picture in pictures]
    if all(one is None for one in found):
        raise EmoError(
            f"{labels.source}: expected an entry for one of {len(pictures):,} pictures at least, "
            f"such as {', '.join(map(repr, pictures[:1]))}. Received: none of them"
        )
    return found


def _figures(
    probabilities: np.ndarray, actual: np.ndarray, *, with_evidence: np.ndarray
) -> dict[str, object]:
    correct = (probabilities.argmax(axis=1) == actual)[with_evidence]
    return {
        **rounded_figures(probabilities, actual),
        "verdicts": len(correct),
        "accuracy_of_verdicts": round(float(correct.mean()), DIGITS) if len(correct) else None,
    }


def _unknown_labels(
    network: SceneNetwork, labels: Sequence[Sequence[str] | None]
) -> dict[str, object]:
    uses = Counter(label for its_labels in labels for label in its_labels or ())
    unknown = Counter({label: uses[label] for label in network.unknown(uses)})
    # Those of equal number in the order of the alphabet, as that of a set is another every time.
    most_common = sorted(unknown.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_COMMON]
    return {
        "kinds": len(unknown),
        "uses": unknown.total(),
        "most_common": [{"label": label, "uses": number} for label, number in most_common],
    }
