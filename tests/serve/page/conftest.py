"""The page of `emo-tf serve` in tabs that are watched."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.serve.page.watched_page import READY, ServePage


@pytest.fixture
def visit(watch) -> Callable[..., ServePage]:
    """Opens the page of a server: `visit(server, refused=(413,), **options_of_the_tab)`.

    `said_of_models` is what the page hears when it asks for the models, if not what they are.
    """

    def visit(server, *, said_of_models: dict | None = None, **options) -> ServePage:
        answers = {} if said_of_models is None else {"**/v1/models": said_of_models}
        return watch(server.url, kind=ServePage, ready=READY, answers=answers, **options)

    return visit


@pytest.fixture
def two_faces(tmp_path, astronaut) -> Path:
    """A picture of two smiling faces, one half as large as the other."""
    portrait = Image.open(astronaut).convert("RGB")
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait, (0, 0))
    both.paste(portrait.resize((256, 256)), (640, 128))
    both.save(tmp_path / "two.png")
    return tmp_path / "two.png"
