import sys

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime.google_labels import GoogleLabeller, ServiceError
from tests.fake_google import write_fake_google

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def picture(colour, *, height=40, width=30) -> np.ndarray:
    return np.broadcast_to(np.uint8(colour), (height, width, 3))


@pytest.fixture
def only_google_here(monkeypatch):
    """Puts a folder first on the path, and whatever `google` was imported before out of sight."""
    hidden = {}

    def hide():
        names = [name for name in sys.modules if name.split(".")[0] == "google"]
        return {name: sys.modules.pop(name) for name in names}

    def put(folder):
        hidden.update(hide())
        monkeypatch.syspath_prepend(folder)

    yield put
    if hidden:
        hide()
    sys.modules.update(hidden)


@pytest.fixture
def asked(only_google_here, monkeypatch, tmp_path):
    """A file with the size of each picture that the service was sent."""
    only_google_here(write_fake_google(tmp_path / "fake"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    monkeypatch.setenv("ASKED", str(tmp_path / "asked.txt"))
    return tmp_path / "asked.txt"


def test_labels_come_in_lower_case_by_falling_score(asked):
    labeller = GoogleLabeller()
    assert labeller.label(picture(RED)) == ("desert", "sand dune")
    assert labeller.label(picture(GREEN)) == ("forest",)
    assert labeller.label(picture(BLUE)) == ()


def test_only_the_best_and_certain_ones_count(asked):
    assert GoogleLabeller(top=1).label(picture(RED)) == ("desert",)
    assert GoogleLabeller(min_score=0.1).label(picture(RED)) == ("desert", "sand dune", "sky")


@pytest.mark.parametrize(
    ("size", "sent"),
    [((40, 30), "30 40"), ((800, 3200), "1600 400"), ((4000, 1), "1 1600")],
    ids=["small", "wide", "thin"],
)
def test_pictures_are_sent_with_a_longer_side_of_at_most_1600_pixels(size, sent, asked):
    height, width = size
    GoogleLabeller().label(picture(RED, height=height, width=width))
    assert asked.read_text() == f"{sent}\n"


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(picture((255, 255, 255)), "503 try later", id="call failed"),
        pytest.param(picture(RED, height=1, width=1), "Bad image data", id="answer is an error"),
    ],
)
def test_what_fails_with_one_picture_is_that_pictures_error(image, message, asked):
    with pytest.raises(EmoError, match=f"expected labels from Google Vision. Received: {message}"):
        GoogleLabeller().label(image)


@pytest.mark.parametrize(
    ("colour", "message"),
    [
        pytest.param((0, 0, 0), "403 billing is off", id="forbidden"),
        pytest.param((255, 255, 0), "no longer valid", id="credentials"),
        pytest.param((255, 0, 255), "deadline exceeded", id="no answer"),
    ],
)
def test_what_would_fail_with_every_picture_is_the_services_error(colour, message, asked):
    with pytest.raises(ServiceError, match=f"expected labels from Google Vision.*{message}"):
        GoogleLabeller().label(picture(colour))


def test_missing_credentials_are_asked_for(asked, monkeypatch):
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    with pytest.raises(EmoError, match=r"GOOGLE_APPLICATION_CREDENTIALS.*were not found"):
        GoogleLabeller()


def test_a_missing_library_is_asked_for(only_google_here, tmp_path):
    (tmp_path / "google").mkdir()
    (tmp_path / "google" / "__init__.py").touch()
    only_google_here(tmp_path)
    with pytest.raises(EmoError, match=r"`pip install 'emo_tf\[vision\]'`. Received: No module"):
        GoogleLabeller()


@pytest.mark.parametrize("settings", [{"top": 0}, {"min_score": -0.1}], ids=str)
def test_settings_out_of_range_are_refused(settings):
    (name,) = settings
    with pytest.raises(EmoError, match=f"{name}: expected"):
        GoogleLabeller(**settings)
