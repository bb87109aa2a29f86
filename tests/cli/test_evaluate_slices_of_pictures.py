"""`emo-tf evaluate --slices` of pictures in a folder, as a user meets it."""

import functools
import json
import shutil

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def evaluate(run_here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    return functools.partial(run_here, "evaluate")


@pytest.fixture
def album(tmp_path, astronaut):
    """A smiling face and three pictures without faces, and a table of when they were taken."""
    for name in ("negative/street.png", "negative/rain.png", "neutral/wall.png"):
        (tmp_path / "album" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((48, 64, 3), 90, np.uint8)).save(tmp_path / "album" / name)
    (tmp_path / "album" / "positive").mkdir()
    shutil.copy(astronaut, tmp_path / "album" / "positive" / "smile.png")
    light = "image,Light\nstreet.png,day\nnegative/rain.png,night\nwall.png,night\nsmile.png,day\n"
    (tmp_path / "light.csv").write_text(light)
    return tmp_path / "album"


def test_pictures_in_a_folder_are_told_apart_by_a_table(evaluate, album, tmp_path):
    options = "--attributes", "light.csv", "--min-slice", "1", "--out", "out"
    code, out, _ = evaluate("group", "album", "--slices", "light", *options)
    assert code == 0
    assert "By light, with 95 % intervals" in out
    # A picture without a verdict is judged wrong.
    (by_light,) = json.loads((tmp_path / "out" / "slices.json").read_text())
    found = [(cell["value"], cell["examples"], cell["estimate"]) for cell in by_light["cells"]]
    assert found[:2] == [("day", 2, 0.5), ("night", 2, 0.0)]
    assert by_light["gaps"][0]["gap"] == 0.5
    with Image.open(tmp_path / "out" / "slices_light.png") as picture:
        assert picture.format == "PNG"
    code, _, _ = evaluate("group", "album", "--out", "out")
    assert code == 0
    assert not (tmp_path / "out" / "slices.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--slices", "light"], "--slices: expected --attributes FILE.csv with it"),
        (["--slices", "ligth", "--attributes", "light.csv"], "did you mean light?"),
        (["--slices", "light", "--attributes", "few.csv"], "Received: none for 2, the first of"),
    ],
    ids=["no table", "unknown", "absent"],
)
def test_pictures_that_cannot_be_told_apart_are_one_line(
    evaluate, album, tmp_path, arguments, message
):
    lines = (tmp_path / "light.csv").read_text().splitlines()
    (tmp_path / "few.csv").write_text("\n".join(lines[:3]))
    code, out, err = evaluate("group", "album", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err
