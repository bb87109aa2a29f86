import pytest

from tests.beam.shelf import ShelfFileSystem


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """The folder behind `shelf://`."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setattr(ShelfFileSystem, "folder", folder)
    return folder
