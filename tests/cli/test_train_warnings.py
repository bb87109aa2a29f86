"""What a command that trains writes to stderr: nothing of what libraries have to say."""

import pytest


@pytest.mark.slow
def test_training_on_faces_warns_of_nothing(run_cli, group_twin, tmp_path):
    folders = ["--manual-dir", group_twin.parent / "raw", "--data-dir", group_twin]
    options = ["--smoke", *folders, "--run", tmp_path / "run"]
    done = run_cli("train", "group_miniature_local", *options, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
