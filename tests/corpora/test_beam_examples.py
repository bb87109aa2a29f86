import json

import pytest
from apache_beam.runners.portability.fn_api_runner import worker_handlers

from emo_tf.corpora import beam_examples
from emo_tf.corpora.beam_examples import no_timed_flush, take_report
from emo_tf.corpora.testing import BEAM_OPTIONS
from emo_tf.data import builders, miniature
from emo_tf.errors import EmoError

FIRST = [0, [["empty box", "row 0: box is empty"]], []]
SECOND = [1, [], [{"classes": "sad"}, {"classes": "happy"}]]


@pytest.fixture
def report(tmp_path):
    """Writes files as workers do, one a bundle."""

    def write(*bundles):
        for number, rows in enumerate(bundles):
            (tmp_path / f"{number}.json").write_text(json.dumps(rows))
        return tmp_path

    return write


def test_what_workers_counted_is_put_together_and_the_files_go(report):
    folder = report([SECOND], [FIRST], [])

    found = take_report(folder, items=2)

    assert (found.examples, found.left_out) == (2, {"empty box": 1})
    assert found.counts == {"classes": {"sad": 1, "happy": 1}}
    assert not folder.exists()


def test_work_that_was_done_twice_is_counted_once(report):
    assert take_report(report([FIRST, SECOND], [SECOND]), items=2).examples == 2


def test_an_item_that_no_worker_saw_is_an_error(report):
    with pytest.raises(EmoError, match=r"expected Beam to bring 3 items .* Received: 2$"):
        take_report(report([FIRST, SECOND]), items=3)


@pytest.mark.slow
def test_an_example_that_was_lost_on_the_way_is_an_error_that_leaves_nothing(tmp_path, monkeypatch):
    def with_one_more(*arguments, **options):
        found = take_report(*arguments, **options)
        found.count({})
        return found

    monkeypatch.setattr(beam_examples, "take_report", with_one_more)
    raw = miniature.write("fer2013", tmp_path / "raw", size=70)
    options = {"manual_dir": raw, "data_dir": tmp_path / "data", "beam_options": BEAM_OPTIONS}
    with pytest.raises(
        EmoError, match=r"fer2013: train: expected 57 examples, .* Received: 56 in the data set"
    ):
        builders.prepare("fer2013", **options)
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))

    monkeypatch.undo()
    assert builders.prepare("fer2013", **options).info.splits["train"].num_examples == 56


def test_beams_timer_is_off_only_inside():
    usual = worker_handlers.DATA_BUFFER_TIME_LIMIT_MS
    with no_timed_flush():
        assert worker_handlers.DATA_BUFFER_TIME_LIMIT_MS > 60 * 60 * 1000 > usual
    assert usual == worker_handlers.DATA_BUFFER_TIME_LIMIT_MS
