import json
from dataclasses import FrozenInstanceError, fields

import pytest

from emo_tf.training.config import Experiment, Optimisation


def experiment(**values) -> Experiment:
    return Experiment(name="test", dataset="none", model="none", epochs=10, **values)


def test_each_resolution_takes_over_after_its_share_of_the_epochs():
    sides = experiment(resolutions=((0.0, 32), (0.25, 40), (0.6, 48)))
    assert [sides.resolution(epoch) for epoch in range(10)] == [32] * 3 + [40] * 3 + [48] * 4


def test_one_resolution_lasts_the_whole_run():
    assert {experiment().resolution(epoch) for epoch in range(10)} == {48}


def test_the_json_names_every_setting_and_tells_runs_apart():
    text = experiment(model_arguments={"width": None}, limit=64).to_json()
    values = json.loads(text)
    assert list(values) == [field.name for field in fields(Experiment)]
    assert values["model_arguments"] == {"width": None}
    assert values["limit"] == 64
    assert values["resolutions"] == [[0.0, 48]]
    assert values["optimisation"]["momentum"] == 0.9
    assert values["augmentation"]["erase_area"] == [0.03, 0.25]
    assert text == experiment(model_arguments={"width": None}, limit=64).to_json()
    other = experiment(
        model_arguments={"width": None}, limit=64, optimisation=Optimisation(momentum=0.8)
    )
    assert text != other.to_json()


def test_an_experiment_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        experiment().epochs = 5
