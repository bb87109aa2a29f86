"""`emo-tf explain` with models of groups, in this process."""

import json

import numpy as np
import pytest

from emo_tf.models.group_metadata import group_metadata
from emo_tf.models.keras_file import save_model
from emo_tf.runtime.image_io import read_image, write_image
from tests.keras_groups import brightest_faces_model, mean_colour_model


@pytest.fixture
def saved(tmp_path):
    """Writes a model to a `.keras` file."""

    def save(model):
        path = tmp_path / "model.keras"
        save_model(model, path, metadata=group_metadata(model, name="brightest"))
        return path

    return save


@pytest.fixture
def twins(astronaut, tmp_path):
    """Two of the astronaut side by side, the left one darker."""
    one = read_image(astronaut)
    path = tmp_path / "twins.png"
    write_image(path, np.hstack([one // 2, one]))
    return path


def test_faces_are_told_by_attention_and_removal_and_drawn_beside_the_map(
    run_here, saved, twins, tmp_path
):
    model = saved(brightest_faces_model(image=True))
    options = ["--verdict", "negative", "--draw", "maps", "--json", "out.jsonl"]
    code, out, err = run_here("explain", twins, "--model", model, *options)
    assert code == 0, err
    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    group = json.loads(line)["group"]
    assert group["verdict"] == "negative"
    by_place = sorted(group["faces"], key=lambda face: face["box_xywh"][0])
    assert by_place[0]["weight"] < by_place[1]["weight"]
    assert sum(face["weight"] for face in by_place) == pytest.approx(1, abs=1e-5)
    assert "negative" in out
    assert "counts most" in out
    assert "wrote out.jsonl" in out
    drawn = read_image(tmp_path / "maps" / "twins.png")
    assert drawn.shape[1] > 2 * 600


def test_a_picture_without_faces_says_so(run_here, saved, tmp_path):
    write_image(tmp_path / "grey.png", np.full((90, 120, 3), 99, np.uint8))
    code, out, _ = run_here("explain", "grey.png", "--model", saved(brightest_faces_model()))
    assert code == 0
    assert "no face of at least 20 pixels found" in out
    model = saved(brightest_faces_model(image=True))
    code, out, _ = run_here("explain", "grey.png", "--model", model)
    assert code == 0
    assert "no face; judged by the whole picture alone" in out


def test_a_model_of_whole_pictures_says_that_it_looks_at_no_faces(run_here, saved, twins):
    code, out, _ = run_here("explain", twins, "--model", saved(mean_colour_model()))
    assert code == 0
    assert "looks at the whole picture, not at faces" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--verdict", "postive"], "did you mean positive?", id="slip"),
        pytest.param(["--category", "Anger"], "--category: expected a model of", id="category"),
        pytest.param(["--layer", "conv"], "which looks at faces alone", id="layer"),
    ],
)
def test_options_that_do_not_go_with_the_model_are_refused(
    run_here, saved, twins, options, message
):
    code, _, err = run_here("explain", twins, "--model", saved(brightest_faces_model()), *options)
    assert code == 2
    assert message in " ".join(err.split())
