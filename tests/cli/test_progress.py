import io

import pytest
from rich.console import Console

from emo_tf.cli.progress import progress_bar


def shown(*, terminal: bool, total: int | None, steps: int = 3, unit: str | None = None) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=60)
    with progress_bar(console, total, unit=unit) as advance:
        for _ in range(steps):
            advance()
    return console.file.getvalue()


def test_a_terminal_sees_how_much_is_done():
    assert "3/3" in shown(terminal=True, total=3)


def test_work_without_a_known_end_is_counted():
    assert "1,200 frames" in shown(terminal=True, total=None, steps=1200, unit="frames")


def test_steps_with_a_name_are_shown_with_their_rate():
    assert "frames/s" in shown(terminal=True, total=3, unit="frames")
    assert "/s" not in shown(terminal=True, total=3)


@pytest.mark.parametrize(("terminal", "total"), [(True, 1), (False, 3)], ids=["one", "no terminal"])
def test_a_single_step_or_a_file_sees_nothing(terminal, total):
    assert shown(terminal=terminal, total=total) == ""


def test_a_bar_never_mixes_with_data_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    console = Console(stderr=True, force_terminal=True)
    with progress_bar(console, 3) as advance:
        advance()
    assert capsys.readouterr() == ("", "")
