"""What the tests of the package and of the builders share."""

import functools
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import golden_weights

REPOSITORY = Path(__file__).parent

# As `emo-tf` sets it; later TensorFlow no longer listens, and its notices would mix with ours.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that is too large, or not free enough, for the repository."""
    folder = Path(os.environ.get("EMO_TF_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}: set EMO_TF_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def golden_tensors(shared) -> Callable[[str], dict[str, np.ndarray]]:
    """Returns the tensors that the golden outputs were computed with, by torch name.

    Called with the name of a network in `weight_names.json`.
    """
    return functools.partial(golden_weights.golden_tensors, shared=shared)
