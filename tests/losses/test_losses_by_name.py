import pytest

from emo_tf.errors import EmoError
from emo_tf.losses import (
    CategoryCrossentropy,
    VadSmoothL1,
    VadSquaredError,
    WeightedSquaredError,
    category_loss,
    score_kind,
    vad_loss,
)

PLAIN = {
    "gamma_positive": 0,
    "gamma_negative": 0,
    "margin": 0,
    "alpha": None,
    "from_logits": False,
}


def settings(loss) -> dict:
    config = loss.get_config()
    del config["name"]
    return config


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "expected"),
    [
        ("dynamic_squared_error", {}, WeightedSquaredError, {"weighting": "dynamic"}),
        ("static_squared_error", {}, WeightedSquaredError, {"weighting": "static"}),
        ("mean_squared_error", {}, WeightedSquaredError, {"weighting": "mean"}),
        ("binary_crossentropy", {}, CategoryCrossentropy, PLAIN),
        (
            "binary_crossentropy",
            {"from_logits": True},
            CategoryCrossentropy,
            PLAIN | {"from_logits": True},
        ),
        ("focal", {}, CategoryCrossentropy, PLAIN | {"gamma_positive": 2, "gamma_negative": 2}),
        (
            "focal",
            {"gamma": 1.5, "alpha": 0.25, "from_logits": True},
            CategoryCrossentropy,
            {
                "gamma_positive": 1.5,
                "gamma_negative": 1.5,
                "margin": 0,
                "alpha": 0.25,
                "from_logits": True,
            },
        ),
        ("asymmetric", {}, CategoryCrossentropy, PLAIN | {"gamma_negative": 4, "margin": 0.05}),
        (
            "asymmetric",
            {"gamma_positive": 1, "gamma_negative": 3, "margin": 0.1, "from_logits": True},
            CategoryCrossentropy,
            {
                "gamma_positive": 1,
                "gamma_negative": 3,
                "margin": 0.1,
                "alpha": None,
                "from_logits": True,
            },
        ),
    ],
    ids=[
        "dynamic",
        "static",
        "mean",
        "binary",
        "binary of logits",
        "focal",
        "focal with all its arguments",
        "asymmetric",
        "asymmetric with all its arguments",
    ],
)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_category_loss_by_its_name(name, arguments, kind, expected, reduction):
    loss = category_loss(name, reduction=reduction, **arguments)
    assert type(loss) is kind
    assert settings(loss) == expected | {"reduction": reduction}


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "expected"),
    [
        ("l2", {}, VadSquaredError, {"margin": 1}),
        ("l2", {"margin": 0.5}, VadSquaredError, {"margin": 0.5}),
        ("smooth_l1", {}, VadSmoothL1, {"beta": 1}),
        ("smooth_l1", {"beta": 2}, VadSmoothL1, {"beta": 2}),
    ],
    ids=["l2", "l2 of another margin", "smooth_l1", "smooth_l1 of another beta"],
)
def test_a_vad_loss_by_its_name(name, arguments, kind, expected):
    loss = vad_loss(name, reduction="sum", **arguments)
    assert type(loss) is kind
    assert settings(loss) == expected | {"reduction": "sum"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dynamic_squared_error", "raw"),
        ("static_squared_error", "raw"),
        ("mean_squared_error", "raw"),
        ("binary_crossentropy", "sigmoid"),
        ("focal", "sigmoid"),
        ("asymmetric", "sigmoid"),
    ],
)
def test_scores_are_raw_under_squared_error_and_sigmoids_under_crossentropy(name, kind):
    assert score_kind(name) == kind


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: category_loss("fokal", reduction="sum"),
            "Unknown category loss: did you mean focal.*'fokal'",
            id="category loss",
        ),
        pytest.param(
            lambda: score_kind("assymetric"),
            "Unknown category loss: did you mean asymmetric",
            id="score kind",
        ),
        pytest.param(
            lambda: vad_loss("smooth_l2", reduction="sum"),
            "Unknown VAD loss: did you mean smooth_l1",
            id="VAD loss",
        ),
        pytest.param(
            lambda: category_loss("focal", reduction="sum", gama=2),
            "Unknown argument of category loss 'focal': did you mean gamma.*'gama'",
            id="argument",
        ),
        pytest.param(
            lambda: category_loss("static_squared_error", reduction="sum", weighting="mean"),
            "Unknown argument of category loss 'static_squared_error'.*'weighting'",
            id="an argument that the name settles",
        ),
        pytest.param(
            lambda: vad_loss("l2", reduction="sum", beta=2),
            "Unknown argument of VAD loss 'l2'.*margin.*'beta'",
            id="the argument of another",
        ),
        pytest.param(
            lambda: category_loss("focal", reduction="total"),
            "category loss 'focal': Unknown reduction: expected one of mean, sum.*'total'",
            id="reduction",
        ),
        pytest.param(
            lambda: category_loss("focal", reduction="sum", gamma=-1),
            "category loss 'focal': gamma.*: expected a number from 0 up. Received: -1",
            id="range",
        ),
    ],
)
def test_what_is_unknown_or_out_of_range_is_an_error(make, message):
    with pytest.raises(EmoError, match=message):
        make()
