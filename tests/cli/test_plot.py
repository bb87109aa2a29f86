import shutil

import pytest
from PIL import Image

from emo_tf.training.summaries import Summaries

pytestmark = pytest.mark.slow


@pytest.fixture
def make_run(tmp_path):
    """Makes the log of a run: `make_run("a", epochs=3)`."""

    def make(name, *, epochs=2, steps=3):
        with Summaries(tmp_path / name / "logs", first_step=1) as summaries:
            for epoch in range(epochs + 1):
                for step in range(1, steps + 1):
                    total = epoch * steps + step
                    summaries.scalars(
                        {"step/loss": 1 / total, "step/learning_rate": 0.1}, step=total
                    )
                if epoch < epochs:
                    figures = {"loss": 2.0, "validation/loss": 1.5, "learning_rate": 0.1}
                    summaries.scalars(figures, step=epoch + 1)
        return tmp_path / name

    return make


def test_the_curves_of_a_run_are_a_picture_in_its_folder(run_cli, make_run):
    run = make_run("run")
    done = run_cli("plot", run)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Wrote {run / 'plots' / 'training.png'}\n"
    assert done.stderr == ""
    with Image.open(run / "plots" / "training.png") as image:
        assert image.format == "PNG"
        assert image.size == (round(2 * 4.3 * 120), round((2.9 + 1.1) * 120))


def test_several_runs_are_compared_in_one_picture(run_cli, make_run, tmp_path):
    first, second = make_run("first/run"), make_run("second/run", epochs=4)
    done = run_cli("plot", first, second, "--out", tmp_path / "new" / "both.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "both.png").is_file()


def test_a_run_of_the_trainer_is_drawn(run_cli, smoke_run, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(smoke_run("expression_fer2013").folder / "logs", run / "logs")
    done = run_cli("plot", run)
    assert done.returncode == 0, done.stderr
    with Image.open(run / "plots" / "training.png") as image:
        assert image.size[0] == round(3 * 4.3 * 120)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere"], "nowhere: expected the folder of a run. Received: no such folder"),
        (["empty"], "empty/logs: expected what training wrote there. Received: no such file"),
        (["a", "empty"], "--out: expected the picture of several runs. Received: nothing"),
        (["a", "--out", "a.jpg"], "--out: expected a file that ends in .png. Received: a.jpg"),
        (["a", "--out", "empty.png"], "Received: empty.png, which is a folder"),
        (["young", "a", "--out", "b.png"], "young: expected an epoch that has ended"),
        ([], "Missing argument"),
    ],
    ids=["nothing", "no-log", "no-out", "jpg", "folder", "mixed", "no-run"],
)
def test_what_cannot_be_drawn_is_one_line(run_cli, make_run, tmp_path, arguments, expected):
    make_run("a")
    make_run("young", epochs=0)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.png").mkdir()
    done = run_cli("plot", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("**/*.png/*"))
    assert not (tmp_path / "a.jpg").exists()
