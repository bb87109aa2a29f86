import sys

import pytest

from emo_tf import cli


@pytest.fixture
def run_here(monkeypatch, capfd, tmp_path):
    """Runs `emo-tf` in this process, as TensorFlow takes seconds to import in another."""
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)

    def run(*arguments) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main([*map(str, arguments)])
        return end.value.code, *capfd.readouterr()

    yield run
    if "tensorflow" in sys.modules:
        from tensorflow.python.framework import config

        # `train` demands it of the whole process, which here is that of other tests too.
        config.disable_op_determinism()
