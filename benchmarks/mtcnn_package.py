"""The PyPI package `mtcnn`, the peer of the detector."""

import os
from typing import TYPE_CHECKING

from benchmarks.common import AbsentPeerError

if TYPE_CHECKING:
    from mtcnn import MTCNN


def mtcnn_package() -> "MTCNN":
    """Returns the package's detector at its default settings.

    Raises:
        AbsentPeerError: It is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        from mtcnn import MTCNN
    except ModuleNotFoundError as error:
        raise AbsentPeerError("mtcnn", install="pip install mtcnn", reason=str(error)) from error
    return MTCNN()
