import json
import os

import numpy as np
import pytest

from emo_tf.runtime.image_io import write_image
from tests.fake_google import write_fake_google

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "cyan": (0, 255, 255),
}


@pytest.fixture
def label(run_cli, tmp_path):
    """Draws pictures named after their colours into `album`, and has a made-up service label them.

    Returns the run and what stands in labels.json after it. See `tests.fake_google`.
    """
    variables = {
        "PYTHONPATH": str(write_fake_google(tmp_path / "fake")),
        "GOOGLE_APPLICATION_CREDENTIALS": "key.json",
        "ASKED": str(tmp_path / "asked.txt"),
    }

    def run(*names, words=(), **environment):
        for name in names:
            colour = COLOURS[name.split("-")[-1]]
            write_image(tmp_path / "album" / f"{name}.png", np.full((8, 8, 3), colour, np.uint8))
        environment = {**os.environ, **variables, **environment}
        done = run_cli(
            *("scenes", "label", "album", "--google", "--out", "labels.json", *words),
            cwd=tmp_path,
            env={name: value for name, value in environment.items() if value is not None},
        )
        out = tmp_path / "labels.json"
        done.labels = json.loads(out.read_text("utf-8")) if out.exists() else None
        return done

    return run


@pytest.fixture
def asked(tmp_path):
    """Returns how many pictures the service was sent."""
    return lambda: len((tmp_path / "asked.txt").read_text().splitlines())


def test_the_service_labels_pictures(label):
    done = label("red", "green", "blue")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.labels == {
        "blue.png": [],
        "green.png": ["forest"],
        "red.png": ["desert", "sand dune"],
    }
    assert done.stdout.splitlines()[0] == "3 pictures labelled, 1 without a label"


def test_settings_reach_the_service(label):
    done = label("red", words=["--top", 1, "--min-score", 0.1])
    assert done.labels == {"red.png": ["desert"]}


def test_a_picture_that_the_service_fails_on_is_named_and_the_rest_goes_on(label):
    done = label("1-red", "2-white", "3-green")
    assert done.returncode == 1
    assert list(done.labels) == ["1-red.png", "3-green.png"]
    assert done.stdout.splitlines()[0] == "2 pictures labelled, 1 failed"
    assert done.stderr == (
        "emo-tf: album/2-white.png: expected labels from Google Vision. Received: 503 try later\n"
    )


def test_a_service_that_lets_nobody_in_ends_the_run_and_what_there_is_is_written(label, asked):
    done = label("1-red", "2-black", "3-green")
    assert done.returncode == 1
    assert done.labels == {"1-red.png": ["desert", "sand dune"]}
    assert done.stdout.splitlines() == ["1 picture labelled", "wrote labels.json"]
    assert done.stderr.splitlines() == [
        "emo-tf: stopped with 2 pictures left; the same command goes on",
        "emo-tf: error: expected labels from Google Vision. Received: 403 billing is off",
    ]
    assert asked() == 2


def test_a_run_that_the_user_stops_writes_what_it_has_and_goes_on_later(label, asked, tmp_path):
    done = label("1-red", "2-cyan", "3-green")
    assert done.returncode == 130
    assert done.labels == {"1-red.png": ["desert", "sand dune"]}
    assert done.stdout.splitlines() == ["1 picture labelled", "wrote labels.json"]
    assert done.stderr.splitlines() == [
        "emo-tf: stopped with 2 pictures left; the same command goes on",
        "",
        "emo-tf: interrupted",
    ]
    (tmp_path / "album" / "2-cyan.png").unlink()
    done = label("2-blue")
    assert list(done.labels) == ["1-red.png", "2-blue.png", "3-green.png"]
    assert asked() == 4


def test_pictures_that_were_paid_for_are_not_sent_again(label, asked):
    label("1-red", "2-green")
    done = label("3-blue")
    assert asked() == 3
    assert list(done.labels) == ["1-red.png", "2-green.png", "3-blue.png"]
    label(words=["--again"])
    assert asked() == 6


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param(
            {"GOOGLE_APPLICATION_CREDENTIALS": None},
            "GOOGLE_APPLICATION_CREDENTIALS",
            id="credentials",
        ),
        pytest.param({"PYTHONPATH": "empty"}, "pip install 'emo_tf[vision]'", id="library"),
    ],
)
def test_what_the_service_needs_is_asked_for_in_one_line(environment, message, label, tmp_path):
    (tmp_path / "empty" / "google").mkdir(parents=True)
    (tmp_path / "empty" / "google" / "__init__.py").touch()
    done = label("red", **environment)
    assert (done.returncode, done.stdout, done.labels) == (2, "", None)
    (line,) = done.stderr.splitlines()
    assert message in line
