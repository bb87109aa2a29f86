"""The faces of the Group Affect Database's twin, found on one and on two Beam workers."""

import tempfile
import time
from pathlib import Path

import tensorflow as tf

from benchmarks.common import ratio_row
from emo_tf.data import builders, miniature

PICTURES = 200
ROUNDS = 5
BAR = 1.4
NAME = "group_affect/faces"


def measure_group_faces() -> list[dict]:
    """Builds the configuration `faces` in turns on one worker and on two, threads of Beam's own."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        raw = miniature.write("group_affect", Path(folder) / "raw", size=PICTURES)
        _, expected = _build(raw, workers=1)  # Beam loads much when it is first used
        for _ in range(ROUNDS):
            for workers, found in seconds.items():
                took, stored = _build(raw, workers=workers)
                found.append(took)
                _check_same(stored, expected)
    rates = {
        workers: [PICTURES / one for one in of_workers] for workers, of_workers in seconds.items()
    }
    return [
        ratio_row(
            f"Faces of {PICTURES} group pictures found by two Beam workers, the same records: "
            "times as fast as by one",
            rates[2],
            rates[1],
            peer="one worker",
            unit="pictures a second",
            at_least=BAR,
        )
    ]


def _check_same(stored: list[tf.train.Example], expected: list[tf.train.Example]) -> None:
    for place, (one, other) in enumerate(zip(stored, expected, strict=True)):
        fields, others = one.features.feature, other.features.feature
        differing = [name for name in others if fields[name] != others[name]]
        if differing:
            raise RuntimeError(
                f"record {place}, {others['filename'].bytes_list.value}: expected the same records "
                f"whatever the workers. Received: other {', '.join(differing)}"
            )


def _build(raw: Path, *, workers: int) -> tuple[float, list[tf.train.Example]]:
    """Returns seconds and the stored examples, as messages: their fields have no order."""
    options = (
        "--runner=DirectRunner",
        "--allow_unsafe_triggers",  # else Beam fetches another runner from the web
        f"--direct_num_workers={workers}",
        "--direct_running_mode=multi_threading",
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        dataset = builders.prepare(
            NAME, manual_dir=raw, data_dir=Path(folder), beam_options=options
        )
        seconds = time.perf_counter() - start
        paths = sorted(map(str, dataset.data_path.glob("*.tfrecord*")))
        records = tf.data.TFRecordDataset(paths).as_numpy_iterator()
        return seconds, [tf.train.Example.FromString(record) for record in records]
