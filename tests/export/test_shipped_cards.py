"""The cards of the shipped models beside their files and reports, so that none of them drifts."""

import json
import re

import numpy as np
import pytest

from benchmarks.cards import NAMES, WEIGHTS, shipped_card
from emo_tf.export.folder import digest

FILES = sorted(WEIGHTS.glob("*.tflite"))
DETECTOR = "mtcnn"
SECTIONS = {
    **{name: ["Data", "Recipe", "Measured", "Use"] for name in NAMES},
    DETECTOR: ["Source", "Measured", "Known differences from the package", "Use and limits"],
}


def read_card(name: str) -> str:
    return (WEIGHTS / f"{name}.md").read_text("utf-8")


def read_report(name: str) -> dict:
    return json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_what_the_report_says(name):
    assert read_card(name) == shipped_card(name), "make it anew: python -m benchmarks.cards"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_card_tells_of_source_figures_licence_and_use(name):
    card = read_card(name)
    assert re.findall(r"^## (.+)$", card, re.MULTILINE) == SECTIONS[name]
    assert "\n| Licence | " in card
    assert "](../../ACCEPTABLE_USE.md)" in card


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_file_is_the_one_that_its_report_and_its_card_tell_of(file):
    model = file.stem.rpartition("_")[0]
    report = read_report(file.stem if model == DETECTOR else model)
    by_digest = {entry["sha256"]: entry for entry in report["files"].values()}
    size = by_digest[digest(file)]["bytes"]
    assert size == file.stat().st_size
    told = f"{size / 1e3:.0f}" if model == DETECTOR else f"| {size / 1e6:.2f} MB |"
    lines = [line for line in read_card(model).splitlines() if f"`{file.name}`" in line]
    assert any(told in line for line in lines)


@pytest.mark.parametrize("precision", ["float16", "int8"])
@pytest.mark.parametrize("name", NAMES)
def test_the_figures_of_a_report_follow_from_its_counts(name, precision):
    report = read_report(name)
    file = report["files"][precision]
    metrics, confusion = file["metrics"], np.array(file["classes"]["confusion"])
    counts, confidence, correct = map(np.array, file["classes"]["reliability"].values())
    recalls = np.diag(confusion) / confusion.sum(axis=1)
    assert confusion.sum() == counts.sum() == report["examples"]["count"]
    assert metrics["accuracy"] == pytest.approx(np.trace(confusion) / confusion.sum(), abs=1e-5)
    assert metrics["mean_recall"] == pytest.approx(recalls.mean(), abs=1e-5)
    error = np.abs(correct - confidence).sum() / counts.sum()
    assert metrics["expected_calibration_error"] == pytest.approx(error, abs=1e-5)
    for label, recall in zip(file["classes"]["labels"], recalls, strict=True):
        assert file["slices"][f"label={label}"]["accuracy"] == pytest.approx(recall, abs=1e-5)
