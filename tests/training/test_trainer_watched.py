"""What a run shows while it goes: progress, the graph and the profile for TensorBoard."""

import pytest
import tensorflow as tf

from emo_tf.training import trainer as module
from tests.training.small_runs import make_trainer


@pytest.fixture(scope="module")
def faces(drawn_faces):
    return (*drawn_faces(48, 0), *drawn_faces(12, 1))


def test_progress_tells_how_far_the_run_is(small_experiment, faces, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0)
    told, reports = [], []
    experiment = small_experiment(epochs=2)
    make_trainer(experiment, tmp_path, faces, progress=told.append, report=reports.append).fit()
    assert [(each.epoch, each.step) for each in told] == [
        (epoch, step) for epoch in (1, 2) for step in (1, 2, 3)
    ]
    assert {(each.epochs, each.steps) for each in told} == {(2, 3)}
    assert all(each.examples_per_s > 0 and each.seconds_left >= 0 for each in told)
    assert told[-1].seconds_left == 0
    # At the end of an epoch its mean so far is its mean.
    assert [told[2].loss, told[5].loss] == [report.training["loss"] for report in reports]


def test_the_graph_and_a_profile_are_written_on_request(small_experiment, faces, tmp_path):
    experiment = small_experiment(epochs=1)
    make_trainer(experiment, tmp_path, faces, graph=True, profile=(1, 1)).fit()
    (log,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    events = list(tf.compat.v1.train.summary_iterator(str(log)))
    assert any(event.HasField("graph_def") for event in events)
    assert list((tmp_path / "logs" / "plugins" / "profile").rglob("*.xplane.pb"))


def test_without_request_there_is_neither(small_experiment, faces, tmp_path):
    make_trainer(small_experiment(epochs=1), tmp_path, faces).fit()
    (log,) = (tmp_path / "logs").iterdir()
    events = list(tf.compat.v1.train.summary_iterator(str(log)))
    assert not any(event.HasField("graph_def") for event in events)
