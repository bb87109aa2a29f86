"""`emo-tf scenes fit` from labelled pictures in folders of their classes."""

import json
import shutil

import numpy as np
import pytest

from emo_tf.groups.scene_fit import fit_network
from emo_tf.groups.scene_tables import SceneCounts
from emo_tf.runtime.image_io import write_image
from emo_tf.runtime.scene_network import SceneNetwork

NEGATIVE, NEUTRAL, POSITIVE = range(3)
LABELS = {
    "negative/smile.png": ["space", "flag"],
    "day one/NEUTRAL/smile.png": ["space"],
    "Positive/smile.png": ["space", "team"],
    "nobody.png": ["colours"],
    "broken.jpg": ["Team"],
    "elsewhere.png": ["sea"],
    "negative/nobody.png": ["colours"],
    "neutral/nobody.png": ["colours"],
}
COUNTED = SceneCounts.of_pictures(
    [["space", "flag"], ["space"], ["space", "team"], ["colours"], ["team"]],
    np.array([NEGATIVE, NEUTRAL, POSITIVE, POSITIVE, POSITIVE]),
    source="labels.json",
)


@pytest.fixture(scope="module")
def album(tmp_path_factory, astronaut, photo):
    """A folder of a smiling face for each class, and of what else people have; its labels."""
    folder = tmp_path_factory.mktemp("home")
    for key in list(LABELS)[:3]:
        target = folder / "album" / key
        target.parent.mkdir(parents=True)
        shutil.copy(astronaut, target)
    write_image(folder / "album" / "Positive" / "nobody.png", photo)
    write_image(folder / "album" / "negative" / "unlabelled.png", photo)
    write_image(folder / "album" / "others" / "elsewhere.png", photo)
    (folder / "album" / "Positive" / "broken.jpg").write_text("Not a picture.")
    (folder / "album" / "Positive" / "notes.txt").write_text("Not a picture either.")
    for name in ("negative", "neutral", "positive"):
        write_image(folder / "faceless" / name / "nobody.png", photo)
    (folder / "faceless" / "positive" / "broken.jpg").touch()
    (folder / "empty").mkdir()
    (folder / "labels.json").write_text(json.dumps(LABELS))
    (folder / "of_others.json").write_text('{"beach.jpg": ["sea"]}')
    (folder / "short.json").write_text('{"smile.png": ["space"]}')
    (folder / "confusion.csv").write_text(
        "actual,positive,negative,neutral\npositive,8,1,1\nnegative,2,5,3\nneutral,3,3,4\n"
    )
    return folder


@pytest.fixture
def fit(run_cli, album, tmp_path):
    """Runs the verb in the folder of the album."""

    def run(*options):
        files = "--images", "album", "--labels", "labels.json", "--out", tmp_path / "net.json"
        return run_cli("scenes", "fit", *files, *options, cwd=album)

    return run


def assert_equal(path, expected: SceneNetwork) -> None:
    network = SceneNetwork.read(path)
    assert network.labels == expected.labels
    np.testing.assert_allclose(network.label_probabilities, expected.label_probabilities)
    np.testing.assert_allclose(network.face_probabilities, expected.face_probabilities)
    assert network.fit == expected.fit


def test_labels_are_counted_by_folder_and_the_faces_looked_at(fit, tmp_path):
    done = fit()
    assert done.returncode == 1
    assert done.stderr.startswith("emo-tf: album/Positive/broken.jpg: expected a picture")
    assert done.stderr.count("\n") == 1
    # The face smiles in every class.
    confusion = np.tile([0, 0, 1], (3, 1))
    assert_equal(tmp_path / "net.json", fit_network(COUNTED, confusion))
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "Labels of labels.json: 4",
        "Pictures: 1 negative, 1 neutral, 3 positive",
        "Verdicts of faces: 1 negative, 1 neutral, 1 positive",
        "Pictures in folders of no class, left out: 1",
        "Pictures without an entry, left out: 1",
    ]


def test_with_a_confusion_no_picture_is_opened(fit, tmp_path):
    done = fit("--confusion", "confusion.csv")
    assert (done.returncode, done.stderr) == (0, "")
    confusion = np.array([[5, 3, 2], [3, 4, 3], [1, 1, 8]])
    assert_equal(tmp_path / "net.json", fit_network(COUNTED, confusion))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--images", "none"], "none: expected a folder of pictures. Received: no folder"),
        (["--images", "labels.json"], "labels.json: expected a folder of pictures"),
        (["--images", "empty"], "empty: expected a folder with pictures"),
        (["--images", "album/others"], "expected pictures in folders named negative, neutral, p"),
        (["--labels", "of_others.json"], "of_others.json: expected an entry for one of the pict"),
        (["--labels", "short.json"], "short.json: expected an entry for each picture, with its"),
        (["--images", "album/Positive"], "labels.json: row total, column negative: expected pic"),
        (["--images", "faceless"], "none in those of negative, neutral, positive; 1 cannot be re"),
    ],
    ids=[
        *("no folder", "a file", "no pictures", "no class", "no entry", "not told apart"),
        *("one class", "no face in a class"),
    ],
)
def test_an_album_that_cannot_be_used_is_one_line(
    run_here, album, monkeypatch, tmp_path, options, message
):
    monkeypatch.chdir(album)
    usual = "--images", "album", "--labels", "labels.json", "--out", tmp_path / "net.json"
    code, printed, errors = run_here("scenes", "fit", *usual, *options)
    assert (code, printed) == (2, "")
    assert errors.startswith("emo-tf: error: ")
    assert errors.count("\n") == 1
    assert message in errors
    assert not list(tmp_path.iterdir())
