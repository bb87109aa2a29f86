"""Questions to a file of an export that are asked in a fresh process.

The process is `python -m emo_tf.export.probe KIND FILE ANSWER OPTIONS`. It writes what it found to
ANSWER when it is through; one that dies before has failed, whatever it saw.
"""

import importlib
import json
import sys
import tempfile
from pathlib import Path

from emo_tf.export.checks import Check
from emo_tf.export.fresh_process import run_fresh

_KINDS = {
    "tflite": "emo_tf.export.probe_tflite",
    "saved_model": "emo_tf.export.probe_saved_model",
}
"""The module whose function `probe(path, **options)` returns the checks, by kind."""


def probe(kind: str, path: Path, *, time_limit_s: float, **options: object) -> list[Check]:
    """Asks a file the questions of a kind in a fresh process.

    Args:
        kind: `tflite` or `saved_model`.
        path: The file or folder.
        time_limit_s: After that many seconds the process is killed.
        **options: What the questions of that kind take; values that JSON can hold.

    Returns:
        The checks that the process made, or the one that it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        ended = run_fresh(
            ["-m", "emo_tf.export.probe", kind, path.resolve(), answer, json.dumps(options)],
            folder=Path(folder),
            time_limit_s=time_limit_s,
        )
        if ended.code == 0 and answer.is_file():
            return [Check(**values) for values in json.loads(answer.read_text("utf-8"))]
    return [Check("loads and answers in a fresh process", ended.summary, "an answer", False)]


def _main(kind: str, path: str, answer: str, options: str) -> None:
    module = importlib.import_module(_KINDS[kind])
    checks = module.probe(Path(path), **json.loads(options))
    Path(answer).write_text(json.dumps([check.to_dict() for check in checks]), "utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
