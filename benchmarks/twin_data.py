"""Made-up twins, each drawn and built once for all benchmarks."""

from pathlib import Path

from benchmarks.common import CACHE
from emo_tf.data import builders, miniature

PEOPLE = 600
"""People of EMOTIC's twin."""


def built_twin(name: str, *, seed: int, size: int) -> Path:
    """Returns the folder of prepared data sets with a twin, made in `.bench` the first time.

    Args:
        name: Data set, with its configuration behind a slash where that is not the first.
        seed: Draws another twin.
        size: As for `miniature.write`.
    """
    corpus = name.partition("/")[0]
    folder = CACHE / "twin" / f"{corpus}-{miniature.version(corpus)}-{size}-{seed}"
    raw, data_dir = folder / "raw", folder / "data"
    if not raw.is_dir():
        miniature.write(corpus, raw, seed=seed, size=size)
    with builders.without_headlines():
        builders.prepare(name, manual_dir=raw, data_dir=data_dir)
    return data_dir
