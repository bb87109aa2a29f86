import itertools

import numpy as np
import pytest

from benchmarks.emotic_training import (
    BATCH,
    experiment,
    input_row,
    loss_row,
    speed_row,
    take_steps,
    without_first,
)
from benchmarks.made_up_people import made_up_annotations, made_up_pixels, standardised

FACTS = {"torch": "2.13.0", "threads": 2}


def test_each_batch_is_one_step_and_no_more_are_fetched():
    batches = iter(range(9))
    seconds, losses = take_steps(lambda n: {"loss": 10 * n}, itertools.islice(batches, 3))
    assert losses == [0.0, 10.0, 20.0]
    assert len(seconds) == 3
    assert next(batches) == 3


def test_the_first_step_of_a_round_does_not_count():
    assert without_first([9.0, 1.0, 2.0]) == 1.5


def test_speed_is_the_median_of_the_ratios_of_each_round():
    figure = speed_row([2.0, 1.0, 4.0], [2.4, 1.3, 4.0], facts=FACTS)
    assert (figure["value"], figure["met"]) == (1.2, True)
    assert figure["runs"] == {"median": 1.2, "least": 1.0, "most": 1.3, "runs": 3}
    assert figure["ours"]["median"] == BATCH / 2
    assert figure["peer"]["least"] == BATCH / 4
    assert figure["peer"]["name"] == "eager PyTorch 2.13.0"
    assert figure["details"]["threads"] == 2


@pytest.mark.parametrize(
    ("seconds", "met"), [(1.15, True), (1.1499, False)], ids=["at the bar", "just below"]
)
def test_the_verdict_on_speed_is_judged_before_rounding(seconds, met):
    figure = speed_row([1.0] * 3, [seconds] * 3, facts=FACTS)
    assert (figure["value"], figure["met"]) == (1.15, met)


def test_the_worst_loss_is_judged_and_each_is_shown():
    figure = loss_row([100.0, 200.3], [100.0, 200.0])
    assert (figure["value"], figure["met"]) == ("1.5e-03", False)
    assert figure["details"]["step 2"] == "200.30 against 200.00, 1.5e-03 apart"
    assert loss_row([100.0, 200.1], [100.0, 200.0])["met"]


@pytest.mark.parametrize(
    ("real", "met"), [(1.1, True), (1.1004, False)], ids=["at the bar", "just above"]
)
def test_the_input_is_judged_by_the_median_round(real, met):
    figure = input_row([1.0, real, 9.0], [1.0, 1.0, 1.0], first_batch=[0.3, 0.5, 0.4])
    assert (figure["value"], figure["met"]) == (1.1, met)
    assert figure["details"]["first batch of an epoch after, s"]["median"] == 0.4


def test_the_recipe_is_the_published_one_without_chance():
    settings = experiment()
    assert (settings.batch_size, settings.optimizer.learning_rate) == (26, 1e-3)
    assert (settings.optimizer.name, settings.optimizer.l2) == ("adam", 5e-4)
    assert settings.model_arguments["dropout"] == 0
    assert settings.deterministic


def test_made_up_people_carry_some_categories_and_not_all():
    people = made_up_annotations(BATCH)
    carried = people["categories"].sum(axis=0)
    assert carried.min() == 0 < carried.max()
    assert people["vad"].min() >= 1
    assert people["vad"].max() <= 10


def test_what_pytorch_takes_has_its_channels_first_and_is_standardised():
    pixels = made_up_pixels(2)
    scene = standardised(pixels)["scene"]
    assert scene.shape == (2, 3, 224, 224)
    assert scene.dtype == np.float32
    red = pixels["scene"][0, 5, 7, 0]
    assert scene[0, 0, 5, 7] == pytest.approx((red / 255 - 0.4690646) / 0.2514227, abs=1e-6)
