"""Threads that ask without a pause while versions come and go."""

import base64
import itertools
import json
import shutil
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from emo_tf.serve.analysis import AnalysisSettings, Upload
from emo_tf.serve.predictor import Predictor
from emo_tf.serve.registry import ModelRegistry
from tests.served_models import FLOAT16, INT8, write_version

VERSIONS = range(1, 6)
LONGEST_S = 30


def file_of(version: int) -> Path:
    return FLOAT16 if version % 2 else INT8


class WatchedPredictor(Predictor):
    """Counts who is asking it."""

    opened: list[weakref.ref]
    asking: dict[int, int]
    lock = threading.Lock()

    def __init__(self, file: Path, **options):
        super().__init__(file, **options)
        with self.lock:
            self.opened.append(weakref.ref(self))

    def answer(self, worker: int, requests: list) -> list:
        self._count(1)
        try:
            return super().answer(worker, requests)
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self.lock:
            self.asking[self.version] = self.asking.get(self.version, 0) + change


@pytest.fixture(scope="module")
def body(make_picture, photo) -> bytes:
    content = base64.b64encode(make_picture(photo, "PNG")).decode()
    instance = {"image_bytes": {"b64": content}}
    return json.dumps({"signature_name": "serve_bytes", "instances": [instance]}).encode()


@pytest.fixture(scope="module")
def expected(body) -> dict[int, list]:
    """What each version answers."""

    def ask(file: Path) -> list:
        predictor = Predictor(file, name="e", version=1, workers=1, max_pixels=10**6)
        return json.loads(predictor.answer(0, [body])[0])["predictions"]

    by_file = {file: ask(file) for file in (FLOAT16, INT8)}
    return {version: by_file[file_of(version)] for version in VERSIONS}


def test_no_request_fails_while_versions_come_and_go(tmp_path, body, expected, astronaut):
    root, portrait = tmp_path / "served", Upload("portrait", astronaut.read_bytes())
    still_asked, events = [], []
    WatchedPredictor.opened, WatchedPredictor.asking = [], {}

    def report(event: str, about: dict) -> None:
        events.append(event)
        if event == "model_unloaded" and WatchedPredictor.asking.get(about["version"]):
            still_asked.append(about["version"])

    write_version(root / "expression", 1, file=file_of(1))
    registry = ModelRegistry(
        root,
        workers=3,
        settings=AnalysisSettings(),
        report=report,
        open_predictor=WatchedPredictor,
    )
    registry.refresh()
    ended, latest = threading.Event(), {}

    def predict(worker: int) -> list[int]:
        versions = []
        for _ in _until(ended.is_set):
            with registry.predictor("expression") as predictor:
                (answer,) = predictor.answer(worker, [body])
                found = json.loads(answer)["predictions"]
                assert np.allclose(found, expected[predictor.version], atol=1e-5)
                versions.append(predictor.version)
                latest[worker] = predictor.version
            registry.statuses("expression")
            registry.listing()
        return versions

    def analyze(worker: int) -> list[int]:
        versions = []
        for _ in _until(ended.is_set):
            with registry.analysis() as analysis:
                (answer,) = analysis.answer(worker, [portrait])
                assert json.loads(answer)["faces"][0]["expression"]["label"] == "happy"
                versions.append(analysis.parts["expression"]["version"])
                latest[worker] = versions[-1]
        return versions

    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(predict, worker) for worker in (0, 1)]
        asking.append(threads.submit(analyze, 2))
        try:
            for version in VERSIONS[1:]:
                _wait(lambda: [*latest.values()] == [version - 1] * 3)  # noqa: B023
                write_version(root / "expression", version, file=file_of(version))
                registry.refresh()
                shutil.rmtree(root / "expression" / str(version - 1))
                registry.refresh()
            _wait(lambda: [*latest.values()] == [VERSIONS[-1]] * 3)
        finally:
            ended.set()
        answered = [future.result() for future in asking]

    for versions in answered:
        assert versions == sorted(versions)
        assert set(versions) == set(VERSIONS)
    assert still_asked == []
    assert events.count("model_unloaded") == 4
    left = [predictor().version for predictor in WatchedPredictor.opened if predictor()]
    assert left == [5]
    registry.close()
    assert not [predictor for predictor in WatchedPredictor.opened if predictor()]


def _wait(is_over: Callable[[], bool]) -> None:
    limit = monotonic() + LONGEST_S
    while not is_over() and monotonic() < limit:
        sleep(0.001)


def _until(is_over: Callable[[], bool]):
    return itertools.takewhile(lambda _: not is_over(), itertools.count())
