"""The Python of the pages on training, export, phones and scale, run as it is written."""

import ast
import shutil

import pytest

from emo_tf.weights import weight_path
from tests.pages import REPOSITORY, code_blocks

FILES = ("expression_float16", "expression_int8", "expression_tsm_float16")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with the files that the pages name."""
    for name in FILES:
        shutil.copy(weight_path(name), tmp_path)
    picture = REPOSITORY / "docs" / "images" / "astronaut.jpg"
    (tmp_path / "album").mkdir()
    for place in (tmp_path, tmp_path / "album"):
        shutil.copy(picture, place)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(page: str) -> dict:
    """Runs the blocks of a page one after the other and returns what they defined."""
    names: dict = {}
    for block in code_blocks(page, "python"):
        exec(compile(block, page, "exec"), names)
    return names


def test_a_file_is_read_and_streamed_without_the_package(folder, capfd):
    run("docs/export.md")
    first, second, third = capfd.readouterr().out.splitlines()
    assert first.startswith("expression {'height': 48, 'width': 48")
    assert second.endswith("'neutral'] (2, 7)")
    assert third.endswith("'state_5'] (1, 7)")


def test_a_face_cut_out_by_hand_gets_the_answer_that_the_page_prints(folder, capfd):
    run("docs/phone.md")
    label, probability = capfd.readouterr().out.split()
    (printed,) = [block for block in code_blocks("docs/phone.md", "text") if "0." in block]
    assert label == printed.split()[0]
    assert float(probability) == pytest.approx(float(printed.split()[1]), abs=0.02)


@pytest.mark.slow
def test_an_album_is_analysed_in_one_process_and_as_a_pipeline(folder, capfd):
    run("docs/at_scale.md")
    one_process, pipeline = capfd.readouterr().out.splitlines()
    assert "['happy'] None" in one_process
    assert ast.literal_eval(pipeline) == {"pictures": 1, "faces": 1, "people": 0, "failed": 0}


def test_an_experiment_of_ones_own_is_another_with_changes():
    experiment = run("docs/training.md")["get_config"](smoke=True)
    assert (experiment.name, experiment.patience) == ("mine", 5)
