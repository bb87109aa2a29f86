"""Three pictures, and a file of answers about them."""

import pytest

from tests.annotation.albums import make_album, open_store


@pytest.fixture
def album(tmp_path):
    return make_album(tmp_path / "album")


@pytest.fixture
def store(tmp_path, album):
    with open_store(tmp_path / "answers.db", album) as opened:
        yield opened
