import contextlib
import json
import logging
import shutil
import signal

import pytest

from emo_tf.beam.analyzer_settings import AnalyzerFile, AnalyzerSettings
from emo_tf.beam.options import pipeline_options
from emo_tf.beam.pipeline import FINISHED, analyze_shards
from emo_tf.beam.shard_folder import ShardFolder
from emo_tf.beam.source_file import find_remote
from emo_tf.corpora.beam_examples import no_timed_flush
from emo_tf.errors import EmoError
from emo_tf.weights import weight_path


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.ERROR)


def find(word):
    return find_remote(word, (".png",))


def run(*words, find=find, out="shelf://out", shards=2, **settings):
    with no_timed_flush():
        return analyze_shards(
            words,
            find=find,
            folder=ShardFolder.begin(out, shards),
            settings=AnalyzerSettings(**settings),
            options=pipeline_options("DirectRunner"),
        )


def test_everything_may_lie_on_a_file_system_that_beam_knows(shelf, astronaut):
    (shelf / "album").mkdir()
    shutil.copy(astronaut, shelf / "album" / "a.png")
    shutil.copy(astronaut, shelf / "album" / "b.png")
    (shelf / "album" / "c.png").write_bytes(b"nope")
    model = weight_path("expression_int8")
    shutil.copy(model, shelf / "net.tflite")
    file = AnalyzerFile.of("shelf://net.tflite", model)

    summary = run("shelf://album", "shelf://album/*.png", expression_model=file)

    assert summary.shards == {"new": 2}
    assert summary.counts == {"pictures": 3, "faces": 2, "people": 0, "failed": 1}
    results = sorted((shelf / "out").glob("results-*-of-00002.jsonl"))
    lines = [line for path in results for line in path.read_text().splitlines()]
    sources = [json.loads(line)["source"] for line in lines]
    assert sorted(sources) == ["shelf://album/a.png", "shelf://album/b.png"]

    again = run("shelf://album", expression_model=file)
    assert again.shards == {FINISHED: 2}
    assert again.counts == summary.counts

    (shelf / "album" / "a.png").unlink()
    fewer = run("shelf://album", expression_model=file)
    assert fewer.shards == {FINISHED: 1, "for other pictures": 1}
    assert fewer.counts["pictures"] == 2


def test_what_fails_on_a_worker_is_said_in_one_line(shelf):
    missing = AnalyzerFile("shelf://gone.tflite", "0")
    with pytest.raises(EmoError, match=r"^the pipeline failed: shelf://gone\.tflite: expected a f"):
        run("shelf://nothing", expression_model=missing)


def test_scene_labels_that_stand_for_two_pictures_stop_the_work(shelf, tmp_path):
    for name in ("one/a.png", "two/a.png", "two/b.png"):
        (shelf / name).parent.mkdir(exist_ok=True)
        (shelf / name).write_bytes(b"nope")
    labels = tmp_path / "labels.json"
    labels.write_text('{"a.png": ["team"], "b.png": []}')
    file = AnalyzerFile.of(str(labels), labels)
    with pytest.raises(EmoError, match=r"'a\.png' for shelf://(one|two)/a\.png and shelf://"):
        run("shelf://one", "shelf://two", group=False, scene_labels=file)


def test_a_shard_that_a_runner_loses_is_noticed(shelf, monkeypatch):
    monkeypatch.setattr(ShardFolder, "summary", lambda self: {"shards": {"new": 1}, "counts": {}})
    with pytest.raises(EmoError, match=r"out: expected 2 shards from Beam\. Received: 1$"):
        run("shelf://nothing")


def press_ctrl_c_and_find(word):
    """Finds nothing, and lets nobody know of the exception, as code in between may."""
    with contextlib.suppress(KeyboardInterrupt):
        signal.getsignal(signal.SIGINT)(signal.SIGINT, None)
    return []


def test_ctrl_c_that_gets_lost_on_its_way_ends_the_work_all_the_same(shelf):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run("shelf://nothing", find=press_ctrl_c_and_find)
    assert not list((shelf / "out").glob("results-*"))
    assert signal.getsignal(signal.SIGINT) is before
    assert run("shelf://nothing").shards == {"new": 2}
