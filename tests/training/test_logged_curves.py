import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.training.logged_curves import read_logged_curves
from emo_tf.training.summaries import Summaries


def write(run, *, first_step=1, steps=(), epochs=()):
    """Writes a log as the trainer does: `steps` of 4 an epoch, and the ends of `epochs`."""
    with Summaries(run / "logs", first_step=first_step) as summaries:
        for step in steps:
            summaries.scalars({"step/loss": float(step)}, step=step)
            if step % 4 == 0 and step // 4 in epochs:
                epoch = step // 4
                summaries.scalars({"loss": 10.0 * epoch, "validation/loss": 1.0}, step=epoch)


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


def test_figures_of_epochs_stand_at_their_ends_and_steps_between(run):
    write(run, steps=(1, 3, 4, 6, 8), epochs=(1, 2))
    logged = read_logged_curves(run)
    assert logged.in_epochs
    assert logged.curves.keys() == {"step/loss", "loss", "validation/loss"}
    np.testing.assert_allclose(logged.curves["loss"], [[1, 10], [2, 20]])
    np.testing.assert_allclose(logged.curves["step/loss"][:, 0], [0.25, 0.75, 1, 1.5, 2])
    np.testing.assert_allclose(logged.curves["step/loss"][:, 1], [1, 3, 4, 6, 8])


def test_what_was_written_after_the_checkpoint_that_a_run_went_on_from_is_left_out(run):
    write(run, steps=range(1, 12), epochs=(1, 2))
    write(run, first_step=7, steps=(7, 8, 10, 12, 14), epochs=(2, 3))
    curves = read_logged_curves(run).curves
    np.testing.assert_allclose(curves["step/loss"][:, 1], [*range(1, 9), 10, 12, 14])
    np.testing.assert_allclose(curves["loss"], [[1, 10], [2, 20], [3, 30]])


def test_epochs_after_that_checkpoint_are_left_out_until_they_come_again(run):
    write(run, steps=range(1, 13), epochs=(1, 2, 3))
    write(run, first_step=7, steps=(7,))
    curves = read_logged_curves(run).curves
    np.testing.assert_allclose(curves["loss"][:, 0], [1])
    assert curves["step/loss"][-1, 1] == 7


def test_a_run_that_began_anew_is_its_latest_beginning(run):
    write(run, steps=range(1, 9), epochs=(1, 2))
    write(run, first_step=1, steps=(1, 2, 3, 4), epochs=(1,))
    np.testing.assert_allclose(read_logged_curves(run).curves["loss"], [[1, 10]])


def test_files_of_one_second_are_read_as_they_were_opened(run):
    began = "events.out.tfevents.1700000000.host.7"
    for number in (9, 10):
        write(run, steps=(4,) if number == 10 else (4, 8), epochs=(1, 2))
        (newest,) = (file for file in (run / "logs").iterdir() if began not in file.name)
        newest.rename(run / "logs" / f"{began}.{number}.v2")
    np.testing.assert_allclose(read_logged_curves(run).curves["loss"], [[1, 10]])


def test_before_an_epoch_has_ended_steps_are_counted(run):
    write(run, steps=(1, 2, 3))
    logged = read_logged_curves(run)
    assert not logged.in_epochs
    np.testing.assert_allclose(logged.curves["step/loss"][:, 0], [1, 2, 3])


def test_a_file_that_was_cut_off_is_read_to_the_cut(run):
    write(run, steps=range(1, 13), epochs=(1, 2, 3))
    (file,) = (run / "logs").iterdir()
    file.write_bytes(file.read_bytes()[:-30])
    curves = read_logged_curves(run).curves
    assert curves["loss"][-1, 0] == 3
    assert "validation/loss" in curves


def test_pictures_are_passed_over(run):
    from emo_tf.plots.canvas import new_figure

    with Summaries(run / "logs") as summaries:
        summaries.figure("confusion", new_figure(1, 1), step=1)
        summaries.scalars({"loss": 2.0}, step=1)
    assert read_logged_curves(run).curves.keys() == {"loss"}


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(EmoError, match=r"logs: expected what training wrote .* no such file"):
        read_logged_curves(tmp_path)


@pytest.mark.parametrize("kind", ["nothing", "file"])
def test_what_is_no_folder_is_named(tmp_path, kind):
    if kind == "file":
        (tmp_path / "run").write_text("x")
    with pytest.raises(EmoError, match="run: expected the folder of a run"):
        read_logged_curves(tmp_path / "run")


@pytest.mark.parametrize("content", [b"", b"not an event" * 9], ids=["empty", "strange"])
def test_a_log_without_figures_is_named(tmp_path, content):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "events.out.tfevents.1.here").write_bytes(content)
    with pytest.raises(EmoError, match="expected figures of training"):
        read_logged_curves(tmp_path)
