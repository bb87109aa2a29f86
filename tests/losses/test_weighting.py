import math

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.losses import batch_counts, category_weights

LABELS = np.array([[1, 0, 1], [1, 0, 0], [1, 1, 0]])


def test_dynamic_weights_are_the_published_ones(goldens):
    weights = category_weights("dynamic", counts=batch_counts(goldens["target"]))
    assert (goldens["dynamic_weights"] < 1e-3).any()  # a category of which the batch has none
    np.testing.assert_allclose(weights, goldens["dynamic_weights"], rtol=1e-6)


def test_dynamic_weights_by_hand():
    weights = category_weights("dynamic", categories=3, counts=[2, 0, 1])
    np.testing.assert_allclose(weights, [1 / math.log(3.2), 1e-4, 1 / math.log(2.2)], rtol=1e-6)


def test_static_weights_are_one_a_category_in_the_order_of_the_categories():
    weights = np.array(category_weights("static"))
    assert weights.shape == (26,)
    assert weights.dtype == np.float32
    # Engagement is the most frequent category, embarrassment the rarest.
    assert (weights.argmin(), weights.argmax()) == (11, 10)
    np.testing.assert_allclose([weights[0], weights[-1]], [0.1435, 0.1537])


@pytest.mark.parametrize("categories", [26, 5])
def test_mean_weights_are_equal_and_add_up_to_one(categories):
    weights = category_weights("mean", categories=categories)
    np.testing.assert_allclose(weights, [1 / categories] * categories)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_counts_are_those_of_the_labels_whatever_their_type(dtype):
    counts = np.array(batch_counts(LABELS.astype(dtype)))
    assert counts.dtype == np.float32
    assert counts.tolist() == [3, 1, 1]


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param([1, 1, 0], id="one a person"),
        pytest.param([[1], [1], [0]], id="a column"),
        pytest.param([0.25, 3.0, 0.0], id="neither zero nor one"),
        pytest.param([True, True, False], id="booleans"),
    ],
)
def test_people_of_weight_zero_do_not_count_and_all_others_count_once(weights):
    assert np.array(batch_counts(LABELS, np.array(weights))).tolist() == [2, 0, 1]


def test_an_unknown_weighting_is_an_error_with_close_matches():
    with pytest.raises(EmoError, match="Unknown weighting: did you mean dynamic"):
        category_weights("dinamic", counts=[1] * 26)


@pytest.mark.parametrize(
    ("weighting", "arguments", "message"),
    [
        pytest.param(
            "static", {"categories": 7}, "categories: expected 26.*Received: 7", id="static"
        ),
        pytest.param("dynamic", {}, "counts: expected .*Received: None", id="no counts"),
        pytest.param(
            "dynamic",
            {"counts": [1.0, 2.0]},
            r"counts: expected shape \(26,\).*Received: \(2,\)",
            id="counts of other categories",
        ),
        pytest.param(
            "dynamic",
            {"categories": 3, "counts": LABELS},
            r"counts: expected shape \(3,\).*Received: \(3, 3\)",
            id="labels for counts",
        ),
    ],
)
def test_weights_that_cannot_be_had_are_an_error(weighting, arguments, message):
    with pytest.raises(EmoError, match=message):
        category_weights(weighting, **arguments)
