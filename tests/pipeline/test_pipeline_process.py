"""Signals reach the step that runs, and leave what the pipeline remembers as it should be."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.pipeline.process import run_process
from emo_tf.pipeline.records import Records, only_one

# A step that tells that it started and each interrupt that it hears until shortly after the first.
STEP = """
import os, sys, time
def wait(seconds):
    try:
        if not os.path.exists("started"):
            with open("started", "w") as file:
                file.write(str(os.getpid()))
        time.sleep(seconds)
    except KeyboardInterrupt:
        with open("heard", "a") as file:
            file.write("x")
        wait(0.3)
wait(60)
sys.exit(7)
"""
PIPELINE = """
import os, sys
from pathlib import Path
from emo_tf.pipeline.runner import run_steps
from emo_tf.pipeline.step import Step
if len(sys.argv) > 1:
    os.close(os.open(sys.argv[1], os.O_RDWR))  # becomes the terminal of this session
program = (sys.executable, "step.py")
step = Step(name="only", arguments=())
try:
    done = run_steps([step], run_dir=Path("run"), folder=Path(), say=print, program=program)
except KeyboardInterrupt:
    sys.exit(130)
sys.exit(done[0].code)
"""


class Running:
    """The pipeline in a process and a session of its own, once its step has started."""

    def __init__(self, folder: Path, *arguments: str):
        self.folder = folder
        (folder / "step.py").write_text(STEP)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PIPELINE, *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._text("started"):
            assert self.process.poll() is None
        self.step = int(self._text("started"))

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def end(self) -> tuple[int, str]:
        """Waits for the end; returns the exit code and what the step heard."""
        code = self.process.wait(60)
        return code, self._text("heard")


def test_an_interrupt_is_passed_on_and_the_step_is_not_done(tmp_path):
    running = Running(tmp_path)
    running.process.send_signal(signal.SIGINT)
    assert running.end() == (130, "x")
    assert Records(tmp_path / "run").get("only").outputs is None


def test_a_termination_is_passed_on(tmp_path):
    running = Running(tmp_path)
    running.process.terminate()
    assert running.end() == (130, "")
    with pytest.raises(ProcessLookupError):
        os.kill(running.step, 0)


def test_control_c_at_a_terminal_reaches_the_step_once(tmp_path):
    terminal, other_end = pty.openpty()
    running = Running(tmp_path, os.ttyname(other_end))
    os.write(terminal, b"\x03")
    assert running.end() == (130, "x")
    os.close(terminal)
    os.close(other_end)


def test_a_step_that_outlives_its_pipeline_keeps_the_run(tmp_path):
    running = Running(tmp_path)
    running.process.kill()
    running.process.wait(60)
    with (
        pytest.raises(EmoError, match="or whose last step still is"),
        only_one(tmp_path / "run"),
    ):
        pass
    os.kill(running.step, signal.SIGKILL)
    running.end()
    assert Records(tmp_path / "run").get("only").outputs is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [("0", 0), ("3", 3), ("os.kill(os.getpid(), 9)", 137)],
    ids=["well", "failed", "killed"],
)
def test_the_exit_code_is_that_of_the_command(tmp_path, code, expected):
    command = [sys.executable, "-c", f"import os, sys; sys.exit({code})"]
    with (tmp_path / "lock").open("w") as file:
        assert run_process(command, folder=tmp_path, inherited=file.fileno()) == expected
