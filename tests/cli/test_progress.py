import io

import pytest
from rich.console import Console

from emo_tf.cli.progress import progress_bar


def shown(*, terminal: bool, total: int) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=60)
    with progress_bar(console, total) as advance:
        for _ in range(total):
            advance()
    return console.file.getvalue()


def test_a_terminal_sees_how_much_is_done():
    assert "3/3" in shown(terminal=True, total=3)


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
