"""What the tests of the package and of the builders share."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that is too large, or not free enough, for the repository."""
    folder = Path(os.environ.get("EMO_TF_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}: set EMO_TF_SHARED to its folder")
    return folder
