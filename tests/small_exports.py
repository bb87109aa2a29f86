"""Exports of a few bytes, written by hand, in the layout of `emo_tf.export.folder`."""

import json
import shutil
from pathlib import Path

from emo_tf.export.folder import digest

METRIC = {"accuracy": 0.5}
CONTENTS = {
    "saved_model/saved_model.pb": "graph",
    "saved_model/variables/variables.index": "index",
    "saved_model/variables/variables.data-00000-of-00001": "weights",
    "saved_model/assets/labels.txt": "happy\nsad\n",
    "saved_model/assets.extra/tf_serving_warmup_requests": "requests",
    "model_float32.tflite": "phone",
    "labels.txt": "happy\nsad\n",
    "model_card.md": "# A model\n",
}
REPORT = {
    "format": 1,
    "model": {"name": "expression", "task": "expression", "version": "1", "parameters": 3},
    "examples": {"source": "made up", "real": False, "count": 3},
    "evaluation": {"primary": "accuracy", "better": {"accuracy": "higher"}, "examples": 3},
    "keras": {"metrics": METRIC, "slices": {}},
    "files": {"saved_model": {"path": "saved_model", "metrics": METRIC, "slices": {}}},
}


def write_export(folder: Path, mark: str = "") -> Path:
    """Writes a blessed export, with a mark in every file of its SavedModel, and returns it."""
    for name, content in CONTENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content + mark)
    (folder / "saved_model" / "fingerprint.pb").write_bytes(bytes(range(256)))
    (folder / "report.json").write_text(json.dumps(REPORT))
    write_blessing(folder)
    return folder


def write_blessing(folder: Path, **changes) -> None:
    """Blesses an export as it is now, or with changed entries of its blessing."""
    yes = {"blessed": True, "checks": []}
    blessing = {
        "format": 1,
        "blessed": True,
        "export_sha256": digest(folder),
        "baseline": None,
        "quality": yes,
        "infrastructure": yes,
        "reasons": [],
    }
    (folder / "blessing.json").write_text(json.dumps(blessing | changes))


def names(folder: Path) -> list[str]:
    """Returns the sorted names of what a folder holds, the hidden ones too."""
    return sorted(item.name for item in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    """Returns the files below a folder by name."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def served_contents(export: Path) -> dict[str, bytes]:
    """Returns what the files of a served version of an export have to be."""
    return {
        name.removeprefix("saved_model/")
        if name.startswith("saved_model/")
        else f"assets.extra/{name}": content
        for name, content in contents(export).items()
    }


def write_served(root: Path, *numbers: int) -> Path:
    """Writes a served model with versions that hold a SavedModel alone, and returns its folder."""
    for number in numbers:
        shutil.copytree(write_export(root.with_name("source")) / "saved_model", root / str(number))
        shutil.rmtree(root.with_name("source"))
    return root
