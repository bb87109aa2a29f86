"""EMOTIC's twin, drawn and built once for all benchmarks."""

from pathlib import Path

from benchmarks.common import CACHE
from emo_tf.data import builders, miniature
from emo_tf.data.miniature.emotic import VERSION

PEOPLE = 600


def built_twin(*, seed: int, people: int = PEOPLE) -> Path:
    """Returns the folder of prepared data sets with a twin, made in `.bench` the first time."""
    folder = CACHE / "twin" / f"emotic-{VERSION}-{people}-{seed}"
    raw, data_dir = folder / "raw", folder / "data"
    if not raw.is_dir():
        miniature.write("emotic", raw, seed=seed, size=people)
    with builders.without_headlines():
        builders.prepare("emotic", manual_dir=raw, data_dir=data_dir)
    return data_dir
