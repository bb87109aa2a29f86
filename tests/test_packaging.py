"""The wheel: one top-level name, nothing missing, and it runs from anywhere."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PARTS = (
    "emo_tf",
    "export",
    "datasets",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
    "ACCEPTABLE_USE.md",
)

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Builds the wheel from a clean copy, so that no leftover of a build gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in PARTS:
        path = REPOSITORY / name
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(path, source / name, ignore=ignored)
        else:
            shutil.copy(path, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, source]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def run_installed(wheel, tmp_path_factory):
    """Runs Python from the root folder with the wheel installed in front of everything else."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target]
    subprocess.run([*command, wheel], check=True)

    def run(*arguments) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd="/",
            env=os.environ | {"PYTHONPATH": str(target)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    location = run("-c", "import emo_tf; print(emo_tf.__file__)")
    assert location.startswith(str(target)), location
    return run


def test_the_wheel_has_one_top_level_name(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"emo_tf"}


def test_the_wheel_carries_weights_cards_and_builders(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    weights = (REPOSITORY / "emo_tf" / "weights").iterdir()
    shipped = {f"emo_tf/weights/{path.name}" for path in weights if path.suffix != ".py"}
    shipped.discard("emo_tf/weights/__pycache__")
    assert shipped <= names
    for name in ("affectnet", "emotic", "fer2013", "group_affect", "raf_db", "vtt_friends"):
        assert f"emo_tf/_datasets/{name}/{name}_dataset_builder.py" in names
        assert f"emo_tf/_datasets/{name}/TAGS.txt" in names


def test_the_wheel_carries_the_files_of_pages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (REPOSITORY / "emo_tf").glob("*/page/*") if path.is_file()]
    assert {"serve", "web"} <= {path.parent.parent.name for path in files}
    assert {path.relative_to(REPOSITORY).as_posix() for path in files} <= names


def test_the_installed_command_predicts(run_installed, astronaut, tmp_path):
    output = run_installed("-m", "emo_tf", "predict", astronaut, "--json", tmp_path / "out.jsonl")
    assert "happy" in output
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 1


def test_the_installed_workshop_finds_its_builders_and_exporter(run_installed):
    code = (
        "import emo_tf.export.tflite; from emo_tf.data import builders; print(builders.names());"
        "print(builders.builder('fer2013').name)"
    )
    assert run_installed("-c", code).split("\n")[:2] == [
        "('affectnet', 'emotic', 'fer2013', 'group_affect', 'raf_db', 'vtt_friends')",
        "fer2013",
    ]


def test_the_installed_command_draws_a_miniature_and_builds_it(run_installed, tmp_path):
    raw, data = tmp_path / "raw", tmp_path / "data"
    command = ("-m", "emo_tf", "data")
    run_installed(*command, "miniature", "emotic", "--out", raw, "--size", 10)
    output = run_installed(*command, "build", "emotic", "--manual-dir", raw, "--data-dir", data)
    assert f"Wrote {data / 'emotic' / '1.0.0'}" in output
    script = (
        "import sys, tensorflow_datasets as tfds;"
        f"people = tfds.load('emotic', data_dir={str(data)!r}, split='train');"
        "print(len(people), 'emo_tf' in sys.modules)"
    )
    assert run_installed("-c", script) == "7 False\n"
