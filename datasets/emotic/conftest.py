"""What the tests of this folder share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_layout() -> Path:
    """A small copy of EMOTIC with the rows that the public PyTorch implementation reads from it."""
    shared = os.environ.get("EMO_TF_SHARED", Path(__file__).parents[3] / "shared")
    folder = Path(shared) / "fixtures" / "emotic_mini"
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}: set EMO_TF_SHARED to the folder of shared data")
    return folder
