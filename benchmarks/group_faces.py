"""The faces of the Group Affect Database's twin, found on one and on two Beam workers."""

import statistics
import tempfile
import time
from pathlib import Path

import tensorflow as tf

from benchmarks.common import row, spread
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
    ratios = [one / two for one, two in zip(*seconds.values(), strict=True)]
    ratio = statistics.median(ratios)
    return [
        row(
            f"Faces of {PICTURES} group pictures found by two Beam workers, the same records: "
            "times as fast as by one",
            round(ratio, 2),
            bar=f"≥ {BAR}",
            met=ratio >= BAR,
            details={
                "ratios": spread(ratios, digits=2),
                "one worker, s": spread(seconds[1], digits=1),
                "two workers, s": spread(seconds[2], digits=1),
            },
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
