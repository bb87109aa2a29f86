"""What the tests of checkpoints share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def files() -> Path:
    """The folder of files that torch wrote; `make_files.py` says how."""
    return Path(__file__).parent / "files"
