import csv

import numpy as np
import pytest
from PIL import Image

from emo_tf.data import miniature
from emo_tf.data.miniature import fer2013
from emo_tf.data.miniature.fer2013 import write_fer2013
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS


def test_folders_hold_as_many_pictures_as_were_asked_for(tmp_path):
    folder = write_fer2013(tmp_path / "faces", training=3, public_test=2, private_test=1)

    for label in EXPRESSIONS:
        names = [path.name for path in (folder / "test" / label).iterdir()]
        assert len(list((folder / "train" / label).glob("Training_*.png"))) == 3
        assert sum(name.startswith("PublicTest_") for name in names) == 2
        assert sum(name.startswith("PrivateTest_") for name in names) == 1


def test_the_same_seed_draws_the_same_pixels_in_either_form(tmp_path):
    folder = write_fer2013(tmp_path / "faces", training=2, public_test=1, private_test=0)
    table = write_fer2013(tmp_path / "t", form="csv", training=2, public_test=1, private_test=0)

    with (table / "fer2013.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 7 * 3
    for number, row in enumerate(rows):
        (path,) = folder.glob(
            f"*/{EXPRESSIONS[int(row['emotion'])]}/{row['Usage']}_{number:05d}.png"
        )
        with Image.open(path) as picture:
            assert row["pixels"] == " ".join(map(str, np.array(picture).ravel()))


def test_another_seed_draws_other_pixels(tmp_path):
    paths = [
        write_fer2013(tmp_path / str(seed), training=1, public_test=0, private_test=0, seed=seed)
        / "train"
        / "happy"
        / "Training_00003.png"
        for seed in (0, 1)
    ]

    assert paths[0].read_bytes() != paths[1].read_bytes()


def test_an_unknown_form_is_an_error(tmp_path):
    with pytest.raises(EmoError, match="Unknown form: expected one of csv, folders"):
        write_fer2013(tmp_path, form="parquet")


def test_version_1_is_left_alone(tmp_path):
    folder = miniature.write("fer2013", tmp_path / "twin", size=70)

    assert fer2013.VERSION == 1
    names = [path.name for path in sorted((folder / "test" / "sad").iterdir())]
    assert names == ["PrivateTest_00049.png", "PublicTest_00048.png"]
    greys = [
        np.mean([np.array(Image.open(path)) for path in (folder / "train" / label).iterdir()])
        for label in EXPRESSIONS
    ]
    # Blurs may round otherwise in another version of OpenCV.
    np.testing.assert_allclose(
        greys, [139.18, 120.7, 126.92, 130.54, 134.55, 132.83, 133.42], atol=0.5
    )
