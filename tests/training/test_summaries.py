from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin

from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.average_precision import average_precision, mean_over_categories
from emo_tf.training.emotic_predictions import EmoticPredictions
from emo_tf.training.summaries import CURVE_POINTS, Summaries

ABSENT = EMOTIC_CATEGORIES[-1]


def read(folder: Path) -> EventAccumulator:
    log = EventAccumulator(str(folder))
    log.Reload()
    return log


def steps_and_values(folder: Path, tag: str) -> dict[int, float]:
    events = read(folder).Tensors(tag)
    assert len({event.step for event in events}) == len(events)
    return {event.step: float(tf.make_ndarray(event.tensor_proto)) for event in events}


def draw_predictions(people: int = 300) -> EmoticPredictions:
    """Draws raw scores, below 0 and above 1 too; nobody has the last category."""
    rng = np.random.default_rng(0)
    labels = (rng.random((people, 26)) < 0.2).astype(np.uint8)
    labels[:, -1] = 0
    scores = (0.8 * labels + rng.normal(size=(people, 26))).astype(np.float32)
    vad_labels = rng.integers(1, 11, (people, 3)).astype(np.float32)
    vad = np.clip(vad_labels + rng.normal(size=(people, 3)), 1, 10).astype(np.float32)
    return EmoticPredictions(labels, scores, vad_labels, vad)


@pytest.fixture(scope="module")
def predictions() -> EmoticPredictions:
    return draw_predictions()


@pytest.fixture(scope="module")
def folder(predictions, tmp_path_factory) -> Path:
    """The log of a split that was predicted once, at step 7."""
    folder = tmp_path_factory.mktemp("run") / "logs"
    with Summaries(folder) as summaries:
        summaries.emotic(predictions, step=7)
    return folder


@pytest.fixture(scope="module")
def curve(folder) -> Callable[[str], np.ndarray]:
    """Reads the tensor of a category's curve."""

    def read_curve(category: str) -> np.ndarray:
        (event,) = read(folder).Tensors(f"precision_recall/{category}")
        assert event.step == 7
        return tf.make_ndarray(event.tensor_proto)

    return read_curve


def test_numbers_are_on_disk_before_the_log_is_closed(tmp_path):
    with Summaries(tmp_path) as summaries:
        summaries.scalars({"loss/categories": 2.5, "learning_rate": 0.125}, step=3)
        summaries.scalars({"loss/categories": np.float32(1.5)}, step=4)
        assert steps_and_values(tmp_path, "loss/categories") == {3: 2.5, 4: 1.5}
        assert steps_and_values(tmp_path, "learning_rate") == {3: 0.125}


def test_a_log_that_is_not_enabled_writes_nothing_at_all(tmp_path, predictions):
    with Summaries(tmp_path / "logs", enabled=False, first_step=3) as summaries:
        summaries.scalars({"loss": 1.0}, step=1)
        summaries.emotic(predictions, step=1)
        summaries.figure("empty", Figure(), step=1)
        summaries.graph(tf.function(tf.abs), 1.0)
    assert not (tmp_path / "logs").exists()


def test_a_log_is_closed_after_an_error_too(tmp_path):
    def fail() -> None:
        with Summaries(tmp_path) as summaries:
            summaries.scalars({"loss": 1.0}, step=1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert steps_and_values(tmp_path, "loss") == {1: 1.0}


@pytest.mark.parametrize("before", [None, 0], ids=["an open beginning", "a first step"])
def test_a_resumed_run_replaces_what_the_killed_one_wrote_too_late(tmp_path, before):
    with Summaries(tmp_path, first_step=before) as summaries:
        for step in range(6):
            summaries.scalars({"loss": 10.0 + step, "only_before": 1.0}, step=step)
    with Summaries(tmp_path, first_step=3) as summaries:
        summaries.scalars({"loss": 23.0}, step=3)
    assert steps_and_values(tmp_path, "loss") == {0: 10.0, 1: 11.0, 2: 12.0, 3: 23.0}
    assert list(steps_and_values(tmp_path, "only_before")) == [0, 1, 2]


def test_a_log_without_a_first_step_keeps_what_was_there(tmp_path):
    for step in (1, 2):
        with Summaries(tmp_path) as summaries:
            summaries.scalars({"loss": float(step)}, step=step)
    assert steps_and_values(tmp_path, "loss") == {1: 1.0, 2: 2.0}


def test_average_precision_is_told_by_category_and_in_the_mean(folder, predictions):
    areas = average_precision(predictions.labels, predictions.scores)
    for name, area in zip(EMOTIC_CATEGORIES[:-1], areas, strict=False):
        assert steps_and_values(folder, f"average_precision/{name}") == {7: pytest.approx(area)}
    mean = steps_and_values(folder, "mean_average_precision")
    assert mean == {7: pytest.approx(mean_over_categories(areas))}


def test_the_error_of_each_dimension_is_told(folder, predictions):
    for index, name in enumerate(("valence", "arousal", "dominance")):
        error = np.abs(predictions.vad_labels - predictions.vad)[:, index].mean()
        told = steps_and_values(folder, f"vad_mean_absolute_error/{name}")
        assert told == {7: pytest.approx(error, rel=1e-5)}


def test_a_category_without_a_positive_example_has_no_number_and_no_curve(folder):
    assert not [tag for tag in read(folder).Tags()["tensors"] if ABSENT in tag]


def test_a_split_without_any_label_still_tells_vad(tmp_path, predictions):
    nobody = EmoticPredictions(
        np.zeros_like(predictions.labels),
        predictions.scores,
        predictions.vad_labels,
        predictions.vad,
    )
    with Summaries(tmp_path) as summaries:
        summaries.emotic(nobody, step=1)
    tags = read(tmp_path).Tags()["tensors"]
    assert {tag.split("/")[0] for tag in tags} == {
        "vad_mean_absolute_error",
        "calibration",
        "confusion",
    }


def test_calibration_and_confusion_are_pictures(folder):
    log = read(folder)
    assert {"calibration", "confusion"} == set(log.PluginTagToContent("images"))
    _, _, picture = tf.make_ndarray(log.Tensors("confusion")[0].tensor_proto)
    assert tf.io.decode_png(picture).shape[-1] == 3


def test_each_curve_is_one_of_tensorboards_own(folder, curve):
    assert set(read(folder).PluginTagToContent("pr_curves")) == {
        f"precision_recall/{name}" for name in EMOTIC_CATEGORIES[:-1]
    }
    assert curve("Anger").shape == (6, CURVE_POINTS)


@pytest.mark.filterwarnings("ignore:html5lib's sanitizer is deprecated:DeprecationWarning")
def test_the_plugin_of_tensorboard_serves_the_curves(folder, curve):
    from tensorboard.plugins.pr_curve import pr_curves_plugin

    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRun(str(folder), "run")
    multiplexer.Reload()
    context = base_plugin.TBContext(
        data_provider=data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    )
    plugin = pr_curves_plugin.PrCurvesPlugin(context)
    tag = "precision_recall/Doubt/Confusion"
    assert tag in plugin.tags_impl(RequestContext(), "")["run"]
    (entry,) = plugin.pr_curves_impl(RequestContext(), "", ["run"], tag)["run"]
    assert entry["step"] == 7
    assert len(entry["thresholds"]) == CURVE_POINTS
    np.testing.assert_allclose(entry["precision"], curve("Doubt/Confusion")[4])


def test_counts_of_a_curve_are_those_at_some_score(curve, predictions):
    index = EMOTIC_CATEGORIES.index("Anger")
    positive, scores = predictions.labels[:, index] == 1, predictions.scores[:, index]
    exact = {
        (np.sum(positive & (scores >= cut)), np.sum(~positive & (scores >= cut)))
        for cut in [-np.inf, *scores]
    }
    found, wrong, rejected, missed, precision, recall = curve("Anger")
    assert set(zip(found, wrong, strict=True)) <= exact
    np.testing.assert_array_equal(found + missed, positive.sum())
    np.testing.assert_array_equal(wrong + rejected, (~positive).sum())
    np.testing.assert_allclose(precision, found / (found + wrong), rtol=1e-6)
    np.testing.assert_allclose(recall, found / positive.sum(), rtol=1e-6)


def test_a_threshold_is_the_share_of_the_positives_it_misses(curve, predictions):
    positives = predictions.labels[:, EMOTIC_CATEGORIES.index("Anger")].sum()
    recall = curve("Anger")[5]
    assert recall[0] == 1
    assert recall[-1] == pytest.approx(1 / positives)
    missed = 1 - recall
    assert np.abs(missed - np.linspace(0, 1, CURVE_POINTS)).max() <= 1 / positives + 1e-6


def test_the_area_under_a_curve_is_the_average_precision(curve, predictions):
    areas = average_precision(predictions.labels, predictions.scores)
    *_, precision, recall = curve("Happiness")
    area = -np.sum(np.diff([*recall, 0]) * precision)
    assert area == pytest.approx(areas[EMOTIC_CATEGORIES.index("Happiness")], abs=1e-5)


def test_a_figure_is_kept_as_a_picture_of_its_size(tmp_path):
    with Summaries(tmp_path) as summaries:
        summaries.figure("examples", Figure((2, 1), dpi=50), step=5)
    (event,) = read(tmp_path).Tensors("examples")
    assert event.step == 5
    assert [int(v) for v in tf.make_ndarray(event.tensor_proto)[:2]] == [100, 50]


def test_the_graph_of_a_function_is_kept_and_the_function_not_run(tmp_path):
    seen = tf.Variable(0)

    @tf.function
    def count_and_double(x: tf.Tensor) -> tf.Tensor:
        seen.assign_add(1)
        return tf.multiply(x, 2.0, name="doubled")

    with Summaries(tmp_path) as summaries:
        summaries.graph(count_and_double, tf.TensorSpec((3,)))
    assert "doubled" in {node.name for node in read(tmp_path).Graph().node}
    assert seen.numpy() == 0


def test_a_function_that_has_no_graph_is_an_error(tmp_path):
    with (
        Summaries(tmp_path) as summaries,
        pytest.raises(EmoError, match=r"function: expected a tf\.function\. Received: <built-in"),
    ):
        summaries.graph(abs, 1)
