"""The files about the project agree with what is installed."""

import configparser
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def metadata() -> dict[str, str]:
    setup = configparser.ConfigParser()
    setup.read(REPOSITORY / "setup.cfg")
    return dict(setup["metadata"])


@pytest.fixture(scope="module")
def citation() -> dict[str, str]:
    """The plain values of CITATION.cff."""
    text = (REPOSITORY / "CITATION.cff").read_text("utf-8")
    return dict(re.findall(r"^([\w-]+): (.+)$", text, re.MULTILINE))


def test_the_citation_is_of_the_version_and_licence_that_are_installed(citation, metadata):
    cited = {name: citation[name] for name in ("title", "version", "license")}
    assert cited == {
        "title": metadata["name"],
        "version": metadata["version"],
        "license": metadata["license"],
    }


def test_the_newest_entry_of_the_changelog_is_the_cited_release(citation):
    text = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", text, re.MULTILINE)
    assert newest.groups() == (citation["version"], citation["date-released"])


def test_the_notice_names_every_shipped_file_under_another_licence():
    notice = (REPOSITORY / "NOTICE").read_text("utf-8")
    others = {path.name for path in (REPOSITORY / "emo_tf/weights").glob("mtcnn_*.tflite")}
    assert others
    assert others <= set(re.findall(r"\w+\.tflite", notice))


def test_licence_and_notice_are_installed(metadata):
    files = re.split(r"[,\s]+", metadata["license_files"])
    assert {"LICENSE", "NOTICE"} <= set(files)
    assert all((REPOSITORY / name).is_file() for name in files)
