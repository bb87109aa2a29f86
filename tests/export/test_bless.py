import json
import shutil
from pathlib import Path

import pytest

from emo_tf.errors import EmoError
from emo_tf.export import infrastructure
from emo_tf.export.bless import bless
from emo_tf.export.folder import BLESSING, REPORT, digest
from emo_tf.export.infrastructure import InfrastructureLimits
from emo_tf.export.quality import QualityLimits
from tests.blessable_exports import edit_report, shipped_export

LIMITS = QualityLimits(minimum={"accuracy": 0.66})


@pytest.fixture
def export(tmp_path, monkeypatch):
    """An export whose files are not loaded."""
    monkeypatch.setattr(infrastructure, "PROBES", ())
    return shipped_export(tmp_path / "export")


def written(export: Path) -> dict:
    return json.loads((export / BLESSING).read_text("utf-8"))


def test_a_blessing_names_the_export_and_every_check(export):
    before = digest(export)
    assert bless(export, quality=LIMITS).blessed
    blessing = written(export)
    assert list(blessing) == [
        *("format", "blessed", "export_sha256", "baseline", "quality", "infrastructure", "reasons")
    ]
    assert blessing["format"] == 1
    assert blessing["blessed"] is True
    assert blessing["export_sha256"] == before == digest(export)
    assert blessing["baseline"] is None
    assert blessing["reasons"] == []
    assert blessing["quality"]["blessed"] is blessing["infrastructure"]["blessed"] is True
    assert blessing["quality"]["checks"][0] == {
        "name": "float16: accuracy",
        "value": 0.67,
        "limit": "at least 0.66",
        "passed": True,
    }


def test_quality_and_infrastructure_are_judged_apart(export):
    with (export / "model_int8.tflite").open("ab") as file:
        file.write(b"more")
    assert not bless(export, quality=LIMITS).blessed
    blessing = written(export)
    assert blessing["quality"]["blessed"] is True
    assert blessing["infrastructure"]["blessed"] is blessing["blessed"] is False
    (reason,) = blessing["reasons"]
    assert reason.startswith("infrastructure: int8: SHA-256: expected ")


def test_an_export_that_is_not_blessed_is_told_why(export):
    bless(export, quality=QualityLimits(minimum={"accuracy": 0.68}))
    blessing = written(export)
    assert blessing["blessed"] is blessing["quality"]["blessed"] is False
    assert blessing["reasons"] == [
        f"quality: {name}: accuracy: expected at least 0.68. Received: 0.67"
        for name in ("float16", "int8")
    ]


def test_an_earlier_blessing_is_replaced(export):
    bless(export, quality=LIMITS)
    bless(export, quality=QualityLimits(minimum={"accuracy": 0.99}))
    assert written(export)["blessed"] is False


def test_what_is_no_number_in_json_is_written_as_text(export):
    edit_report(
        export, lambda report: report["files"]["int8"]["metrics"].update(accuracy=float("nan"))
    )
    bless(export, quality=LIMITS)
    values = {check["name"]: check["value"] for check in written(export)["quality"]["checks"]}
    assert values["int8: accuracy"] == "nan"


@pytest.mark.parametrize("served", ["export", "version", "model"])
def test_the_baseline_is_an_export_or_what_is_served(export, tmp_path, served):
    earlier = tmp_path / "earlier"
    version = tmp_path / "served" / "2"
    shutil.copytree(export, earlier)
    shutil.copytree(export, version / "assets.extra")
    (version / "saved_model.pb").touch()
    baseline = {"export": earlier, "version": version, "model": version.parent}[served]
    assert bless(export, baseline=baseline).blessed
    assert written(export)["baseline"] == {
        "path": str(baseline),
        "sha256": digest(export / REPORT),
    }


def test_an_export_that_changes_meanwhile_is_an_error_and_not_blessed(export):
    with pytest.raises(EmoError, match=r"expected an export at rest\. Received: one that changed"):
        bless(export, quality=LIMITS, say=lambda name: (export / "labels.txt").touch())
    assert not (export / BLESSING).exists()


def test_a_folder_that_is_no_export_is_refused(export, tmp_path):
    with pytest.raises(EmoError, match=r"expected an export\. Received: no report.json in it"):
        bless(tmp_path, quality=LIMITS)
    with pytest.raises(EmoError, match="gone"):
        bless(export, baseline=tmp_path / "gone")
    with pytest.raises(EmoError, match=r"expected a baseline, or a limit"):
        bless(export)
    assert not (export / BLESSING).exists()


@pytest.mark.slow
def test_latency_within_a_budget_passes(tmp_path):
    export = shipped_export(tmp_path / "export", names=["int8"])
    limits = InfrastructureLimits(latency_ms=60_000)
    blessing = bless(export, quality=LIMITS, infrastructure=limits)
    latencies = [check for check in blessing.infrastructure if "latency" in check.name]
    assert blessing.blessed
    assert [check.name for check in latencies] == [
        f"int8: latency in ms, threads={threads}" for threads in (1, 2)
    ]
    assert all(0 < check.value < 60_000 for check in latencies)
