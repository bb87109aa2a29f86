"""What the tests share: pictures made up on the spot, the command line, runs in seconds."""

import functools
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.watched_page import WatchedPage, chromium, open_page


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """A public-domain portrait of one smiling face, from the scikit-image wheel."""
    package = importlib.util.find_spec("skimage")
    if package is None:
        pytest.skip("scikit-image, which carries the picture, is not installed")
    return Path(package.origin).parent / "data" / "astronaut.png"


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def watch(browser) -> Iterator[Callable[..., WatchedPage]]:
    """Opens pages: `watch(url, ready="#main", **options)`, see `open_page`.

    In the end each has to have stayed with its server, with no complaint in the console but of
    what was `refused` or `expected`.
    """
    opened = []

    def watch(url: str, **options) -> WatchedPage:
        opened.append(open_page(browser, url, **options))
        return opened[-1]

    yield watch
    for watched in opened:
        watched.check()
        watched.page.context.close()


@pytest.fixture(scope="session")
def run_cli() -> Callable[..., subprocess.CompletedProcess]:
    """Runs `emo-tf` with the given arguments in a process of its own."""

    def run(*arguments, timeout: float = 120, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "emo_tf", *map(str, arguments)]
        options = {"capture_output": True, "text": True, "encoding": "utf-8"} | options
        return subprocess.run(command, timeout=timeout, check=False, **options)

    return run


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """Smooth colours without two equal corners, uint8 RGB, shape (48, 64, 3)."""
    y, x = np.mgrid[0:48, 0:64]
    return np.stack([4 * x, 5 * y, 255 - 2 * (x + y)], axis=-1).astype(np.uint8)


@pytest.fixture(scope="session")
def make_picture() -> Callable[..., bytes]:
    """Encodes pixels: `make_picture(pixels, "JPEG", mode="CMYK", quality=90)` returns bytes."""

    def make(pixels: np.ndarray, format_name: str, *, mode: str | None = None, **options) -> bytes:
        image = Image.fromarray(pixels)
        stream = BytesIO()
        (image.convert(mode) if mode else image).save(stream, format_name, **options)
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def make_jpeg(make_picture) -> Callable[..., bytes]:
    """Encodes pixels as JPEG, with an EXIF orientation if asked."""

    def make(pixels: np.ndarray, *, orientation: int | None = None, quality: int = 95) -> bytes:
        exif = Image.Exif()
        if orientation is not None:
            exif[0x0112] = orientation
        return make_picture(pixels, "JPEG", quality=quality, exif=exif)

    return make


@pytest.fixture(scope="session")
def context_tflite(tmp_path_factory) -> Path:
    """A tiny model of people in context as a file; see `tests.context_models`."""
    from tests.context_models import tiny_context_model, write_context_tflite

    folder = tmp_path_factory.mktemp("context")
    return write_context_tflite(folder / "context.tflite", tiny_context_model())


@dataclass(frozen=True)
class SmokeRun:
    """An experiment that was shrunk to seconds and trained on made-up data.

    Attributes:
        folder: The run.
        manual_dir: The raw data.
        data_dir: The prepared data set.
        metrics: What training returned.
        epochs: The reports, one an epoch.
    """

    folder: Path
    manual_dir: Path
    data_dir: Path
    metrics: dict
    epochs: tuple


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory) -> Callable[[str], SmokeRun]:
    """Trains an experiment with `smoke` on its miniature, once for all tests."""
    from emo_tf import configs
    from emo_tf.data.labelled_faces import LabelledFaces
    from emo_tf.data.miniature.fer2013 import write_fer2013
    from emo_tf.training.expression import train_expression

    cut_out = LabelledFaces(
        images=np.random.default_rng(0).integers(0, 256, (14, 48, 48, 1), np.uint8),
        labels=np.arange(14, dtype=np.int32) % 7,
        ids=tuple(map(str, range(14))),
    )

    @functools.cache
    def run(name: str) -> SmokeRun:
        folder = tmp_path_factory.mktemp(name)
        raw = write_fer2013(folder / "raw", training=40, public_test=8, private_test=3)
        experiment = configs.load(name, smoke=True)
        epochs = []
        metrics = train_expression(
            experiment,
            folder / "run",
            manual_dir=raw,
            data_dir=folder / "data",
            photographs=cut_out if experiment.photograph_repeats else None,
            initial_run=run("expression_fer2013").folder if experiment.photograph_repeats else None,
            report=epochs.append,
        )
        return SmokeRun(folder / "run", raw, folder / "data", metrics, tuple(epochs))

    return run


@pytest.fixture(scope="session")
def emotic_twin(tmp_path_factory) -> Path:
    """A folder of prepared data sets with EMOTIC's twin: 21, 3 and 6 people. Read only."""
    from tests.twins import build_twin

    return build_twin(tmp_path_factory.mktemp("emotic"))


@pytest.fixture(scope="session")
def group_twin(tmp_path_factory) -> Path:
    """A folder of prepared data sets with the twin of groups and their faces. Read only."""
    from tests.twins import build_group_twin

    return build_group_twin(tmp_path_factory.mktemp("group_affect"))


@pytest.fixture(scope="session")
def video_twin(tmp_path_factory) -> Path:
    """A folder of prepared data sets: 16 and 4 clips of Friends' twin, and stills. Read only."""
    from tests.twins import build_video_twin

    return build_video_twin(tmp_path_factory.mktemp("video"))


@pytest.fixture(scope="session")
def emotic_smoke_run(tmp_path_factory, emotic_twin) -> Callable[[str], SmokeRun]:
    """Trains an EMOTIC experiment with `smoke` on the twin, once for all tests."""
    from emo_tf import configs
    from emo_tf.data import builders
    from emo_tf.training.emotic import train_emotic
    from emo_tf.training.strategy import single

    dataset = builders.prepared("emotic", data_dir=emotic_twin)

    @functools.cache
    def run(name: str) -> SmokeRun:
        folder, epochs = tmp_path_factory.mktemp(name), []
        metrics = train_emotic(
            configs.load(name, smoke=True),
            folder / "run",
            dataset=dataset,
            cluster=single(),
            report=epochs.append,
        )
        raw = emotic_twin.parent / "raw"
        return SmokeRun(folder / "run", raw, emotic_twin, metrics, tuple(epochs))

    return run


@pytest.fixture(scope="session")
def group_smoke_run(tmp_path_factory, group_twin, emotic_twin) -> Callable[[str], SmokeRun]:
    """Trains an experiment on groups with `smoke` on a twin, once for all tests."""
    from emo_tf import configs
    from emo_tf.data import builders
    from emo_tf.training.group import train_group
    from emo_tf.training.strategy import single

    @functools.cache
    def run(name: str) -> SmokeRun:
        experiment = configs.load(name, smoke=True)
        data_dir = emotic_twin if experiment.dataset == "emotic" else group_twin
        folder, epochs = tmp_path_factory.mktemp(name), []
        metrics = train_group(
            experiment,
            folder / "run",
            dataset=builders.prepared(experiment.dataset, data_dir=data_dir),
            cluster=single(),
            report=epochs.append,
        )
        raw = data_dir.parent / "raw"
        return SmokeRun(folder / "run", raw, data_dir, metrics, tuple(epochs))

    return run


@pytest.fixture(scope="session")
def video_smoke_run(tmp_path_factory, video_twin) -> Callable[[str], SmokeRun]:
    """Trains an experiment on videos with `smoke` on the twins, once for all tests."""
    from emo_tf.training.strategy import single
    from emo_tf.training.video import train_video
    from tests.twins import made_up_photographs, small_video_experiment, video_datasets

    @functools.cache
    def run(name: str) -> SmokeRun:
        experiment = small_video_experiment(name)
        folder, epochs = tmp_path_factory.mktemp(name), []
        metrics = train_video(
            experiment,
            folder / "run",
            datasets=video_datasets(experiment, video_twin),
            cluster=single(),
            photographs=made_up_photographs() if experiment.photographs else None,
            report=epochs.append,
        )
        raw = video_twin.parent / "raw"
        return SmokeRun(folder / "run", raw, video_twin, metrics, tuple(epochs))

    return run
