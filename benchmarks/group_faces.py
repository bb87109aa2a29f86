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
WORKERS = (1, 2)
BAR = 1.4
NAME = "group_affect/faces"


def measure_group_faces() -> list[dict]:
    """Builds the configuration `faces` in turns, each worker a process of Beam's direct runner."""
    seconds: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    with tempfile.TemporaryDirectory() as folder:
        raw = miniature.write("group_affect", Path(folder) / "raw", size=PICTURES)
        for turn in range(ROUNDS):
            records = {}
            for workers in WORKERS:
                data_dir = Path(folder) / f"{turn}_{workers}"
                start = time.perf_counter()
                dataset = builders.prepare(
                    NAME, manual_dir=raw, data_dir=data_dir, beam_options=_options(workers)
                )
                seconds[workers].append(time.perf_counter() - start)
                records[workers] = _records(dataset.data_path)
            if records[1] != records[2]:
                raise RuntimeError("expected the same records from one worker and from two")
    ratios = [one / two for one, two in zip(*seconds.values(), strict=True)]
    ratio = statistics.median(ratios)
    return [
        row(
            f"Faces of {PICTURES} group pictures found on two Beam workers / on one, the same "
            "records: times as fast",
            round(ratio, 2),
            bar=f"≥ {BAR}",
            met=ratio >= BAR,
            details={
                "ratios": spread(ratios, digits=2),
                **{
                    f"{workers} worker{'s' * (workers > 1)}, s": spread(found, digits=1)
                    for workers, found in seconds.items()
                },
            },
        )
    ]


def _options(workers: int) -> tuple[str, ...]:
    return (
        "--runner=DirectRunner",
        "--allow_unsafe_triggers",  # else Beam fetches another runner from the web
        f"--direct_num_workers={workers}",
        "--direct_running_mode=multi_threading",
    )


def _records(folder: Path) -> list[tf.train.Example]:
    """Returns the stored examples in their order, as messages: their fields have none."""
    paths = sorted(map(str, folder.glob("*.tfrecord*")))
    records = tf.data.TFRecordDataset(paths).as_numpy_iterator()
    return [tf.train.Example.FromString(record) for record in records]
