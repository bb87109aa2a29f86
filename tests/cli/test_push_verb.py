import functools
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_exports import (
    contents,
    names,
    served_contents,
    write_blessing,
    write_export,
    write_served,
)


@pytest.fixture
def export(tmp_path) -> Path:
    return write_export(tmp_path / "export")


def test_push_says_what_it_wrote_and_removed(run_here, tmp_path, export):
    write_served(tmp_path / "served" / "model", 1, 2, 3)
    code, out, err = run_here("push", "--export", "export", "--to", "served/model")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["Wrote served/model/4", "Removed served/model/1"]
    assert names(tmp_path / "served" / "model") == ["2", "3", "4"]


def test_keep_is_how_many_versions_stay(run_here, tmp_path, export):
    write_served(tmp_path / "model", 1, 2)
    code, out, _ = run_here("push", "--export", export, "--to", "model", "--keep", 1)
    assert code == 0
    assert out.splitlines() == ["Wrote model/3", "Removed model/1", "Removed model/2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "model"), "blessed export. Received: one that is not: quality: int8: worse"),
        (("--to", "export"), "expected a folder apart from the export"),
        (("--to", "model", "--keep", 0), "keep: expected at least 1 version. Received: 0"),
        (("--to", "model", "--keep", "few"), "Invalid value for '--keep'"),
        ((), "Missing option '--to'"),
    ],
    ids=["not_blessed", "into_itself", "keep_none", "keep_word", "no_target"],
)
def test_a_refusal_is_one_line_and_writes_nothing(run_here, tmp_path, export, arguments, message):
    write_blessing(export, blessed=False, reasons=["quality: int8: worse"])
    code, out, err = run_here("push", "--export", export, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert names(tmp_path) == ["export"]


def test_a_disk_that_fills_up_is_one_line_and_leaves_no_trace(run_cli, tmp_path, export):
    (export / "model_int8.tflite").write_bytes(bytes(200_000))
    write_blessing(export)
    root = write_served(tmp_path / "model", 1)
    before = contents(tmp_path)
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100_000, 100_000))
    done = run_cli("push", "--export", export, "--to", root, preexec_fn=limit)
    assert (done.returncode, done.stdout) == (1, "")
    assert "File too large; nothing of the export is served" in done.stderr
    assert done.stderr.count("\n") == 1
    assert contents(tmp_path) == before
    assert names(root) == ["1"]


def test_two_pushes_at_once_make_two_versions(tmp_path, export):
    command = [sys.executable, "-m", "emo_tf", "push", "--export", export, "--to", tmp_path / "m"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    wrote = sorted(process.communicate(timeout=100)[0] for process in running)
    assert wrote == [f"Wrote {tmp_path / 'm' / number}\n" for number in "12"]
    assert names(tmp_path / "m") == ["1", "2"]
    assert all(
        contents(version) == served_contents(export) for version in (tmp_path / "m").iterdir()
    )


def test_push_starts_without_the_workshop(tmp_path, export):
    code = (
        "import sys\nfrom emo_tf.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "assert not {'tensorflow', 'keras', 'numpy', 'ai_edge_litert'} & set(sys.modules)"
    )
    arguments = ["push", "--export", export, "--to", tmp_path / "model"]
    subprocess.run([sys.executable, "-c", code, *arguments], timeout=100, check=True)
    assert names(tmp_path / "model") == ["1"]
