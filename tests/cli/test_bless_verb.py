import json
import os

import pytest

from emo_tf.export import infrastructure
from tests.blessable_exports import edit_report, shipped_export


@pytest.fixture
def export(tmp_path):
    return shipped_export(tmp_path / "export", names=["int8"])


@pytest.fixture
def on_paper(monkeypatch, export):
    """The export, of which no file is loaded."""
    monkeypatch.setattr(infrastructure, "PROBES", ())
    return export


def test_a_good_export_is_blessed_with_exit_code_0(run_cli, export):
    wide = {**os.environ, "COLUMNS": "120"}
    done = run_cli("bless", "--export", export, "--min", "accuracy=0.66", "--all", env=wide)
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""
    assert done.stdout.splitlines()[-2:] == [
        f"Wrote {export / 'blessing.json'}",
        f"Blessed: {export}, 36 checks passed",
    ]
    assert "int8: accuracy against Keras" in done.stdout
    assert "not judged: no budget" in done.stdout
    assert json.loads((export / "blessing.json").read_text())["blessed"] is True


def test_an_export_that_is_not_good_enough_has_exit_code_1_and_reasons(run_here, on_paper):
    words = ["--min", "accuracy=0.68", "--max", "expected_calibration_error=0.1"]
    code, out, err = run_here("bless", "--export", on_paper, *words, "--tolerance", "int8=1e-5")
    assert code == 1
    assert err == ""
    assert out.splitlines()[-3:] == [
        f"Not blessed: {on_paper}",
        "quality: int8: accuracy: expected at least 0.68. Received: 0.67",
        "infrastructure: int8: probabilities in some_library: expected at most 1e-05 off "
        "Keras. Received: 0.0001",
    ]
    assert json.loads((on_paper / "blessing.json").read_text())["blessed"] is False


def test_checks_are_counted_by_file_without_being_told(run_here, on_paper):
    _, out, _ = run_here("bless", "--export", on_paper, "--min", "accuracy=0.68")
    head, quality, infrastructure = (line.split() for line in out.splitlines()[:3])
    assert head == ["file", "passed", "not", "judged", "failed"]
    assert (quality[:2], quality[-1]) == (["quality", "int8"], "1")
    assert infrastructure[0] == "infrastructure"
    assert "expected  " not in out


def test_checks_that_failed_come_last_in_their_part_and_are_marked(run_here, on_paper):
    _, out, _ = run_here("bless", "--export", on_paper, "--min", "accuracy=0.68", "--all")
    table = out[out.index("check ") : out.index("Wrote")].splitlines()
    quality = table[: next(n for n, line in enumerate(table) if line.startswith("infrastr"))]
    rows = [line for line in quality if line.strip()]
    assert rows[-1].startswith("int8: accuracy ")
    assert [row.rstrip().endswith("FAILED") for row in rows].count(True) == 1


def test_every_limit_reaches_its_check(run_here, on_paper, tmp_path):
    baseline = shipped_export(tmp_path / "baseline", names=["int8"])

    def better(report: dict) -> None:
        figures = report["files"]["int8"]
        figures["metrics"]["accuracy"] = 0.7
        for part in ("label=sad", "label=disgust"):
            figures["slices"][part]["accuracy"] = 0.6

    edit_report(baseline, better)
    arguments = ["bless", "--export", on_paper, "--baseline", baseline, "--all"]
    code, out, _ = run_here(*arguments)
    assert code == 1
    assert out.count("against baseline: expected at least") == 2
    loose = ["--max-drop", "0.03", "--max-slice-drop", "0.1"]
    assert run_here(*arguments, *loose)[0] == 0
    code, out, _ = run_here(*arguments, *loose, "--min-slice", "20")
    assert code == 1
    assert (
        "label=disgust against baseline: expected at least 0.5 (0.6 before). Received: 0.4" in out
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "bless: expected a baseline, or a limit of a metric. Received: neither"),
        (["--min", "acuracy=0.5"], "Unknown metric: did you mean accuracy?"),
        (["--min", "accuracy"], "--min: expected METRIC=VALUE. Received: accuracy"),
        (["--max", "accuracy=high"], "--max: expected METRIC=VALUE. Received: accuracy=high"),
        (["--max", "accuracy=nan"], "--max: expected METRIC=VALUE. Received: accuracy=nan"),
        (["--min", "=1"], "--min: expected METRIC=VALUE. Received: =1"),
        (
            ["--min", "accuracy=0.5", "--min", "accuracy=0.6"],
            "--min: expected each name once. Received: accuracy twice",
        ),
        (
            ["--min", "accuracy=0.5", "--tolerance", "int9=0.1"],
            "Unknown file of a tolerance: did you mean int8? Received: 'int9'",
        ),
        (["--min", "accuracy=0.5", "--max-drop", "-1"], "max_drop: expected 0 or more."),
        (["--min", "accuracy=0.5", "--latency-ms", "0"], "latency_ms: expected more than 0."),
        (["--baseline", "gone"], "gone: expected "),
        (["--baseline", "."], ": expected "),
    ],
    ids=[
        *("nothing to judge by", "metric", "no value", "no number", "NaN", "no name", "twice"),
        *("tolerance", "drop", "latency", "no baseline", "a baseline of another kind"),
    ],
)
def test_bad_arguments_are_one_line_and_leave_no_blessing(run_here, on_paper, words, message):
    code, out, err = run_here("bless", "--export", on_paper, *words)
    assert code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert not (on_paper / "blessing.json").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected an export. Received: no report.json in it"),
        ("{", "expected what emo_tf wrote. Received: "),
        ('{"format": 1}', "expected the report of an export. Received: one without 'evaluation'"),
    ],
    ids=["missing", "no JSON", "another file"],
)
def test_a_folder_without_a_whole_report_is_refused(run_here, on_paper, content, message):
    (on_paper / "report.json").unlink()
    if content:
        (on_paper / "report.json").write_text(content)
    code, _, err = run_here("bless", "--export", on_paper, "--min", "accuracy=0.5")
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
