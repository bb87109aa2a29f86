from dataclasses import replace

import pytest

from emo_tf import configs
from emo_tf.errors import EmoError
from emo_tf.training.overrides import apply_overrides

WRONG = {
    "a share of none": (
        "video_static",
        ['shares={"affectnet": 0}'],
        "shares: expected above 0 for each",
    ),
    "steps of all clips": ("video_tsm", ["steps=5"], "balanced: expected true, as steps"),
    "unequal shares of all clips": (
        "video_tsm",
        ['shares={"fer2013": 0.7, "affectnet": 0.3}'],
        "balanced: expected true, as steps, photographs or unequal shares",
    ),
    "photographs among all clips": (
        "video_tsm",
        ["photographs=0.2"],
        "balanced: expected true, as steps, photographs or unequal shares",
    ),
    "nothing but photographs": (
        "video_tsm_photographs",
        ["photographs=1"],
        "photographs: expected",
    ),
    "the pictures that report": (
        "video_tsm",
        ["validation_split=public_test"],
        "validation_split: expected held_out of fer2013",
    ),
    "a split that others have not": (
        "video_miniature",
        ["validation_split=held_out"],
        "validation_split: expected a split of vtt_friends/clips8",
    ),
    "a loss that is none": ("video_tsm", ["loss.name=hinge"], "did you mean|cross_entropy"),
    "fades in reverse": ("video_tsm", ["moving.fade=4,1"], "moving.fade: expected two numbers"),
    "a share above all": (
        "video_vtt",
        ["loss.neutral_share=2"],
        "loss.neutral_share: expected 0 to 1",
    ),
    "a loss of no frame": ("video_tsm", ["loss.last_frames=0"], "loss.last_frames: expected 1 or"),
    "a setting inside an argument": (
        "video_miniature",
        ["model.backbone_arguments.stem_filters=8"],
        "did you mean model.backbone_arguments",
    ),
}


@pytest.mark.parametrize(("name", "settings", "said"), WRONG.values(), ids=WRONG)
def test_settings_that_cannot_be_are_refused(name, settings, said):
    with pytest.raises(EmoError, match=said):
        apply_overrides(configs.load(name), settings)


def test_settings_of_model_data_and_loss_are_changed_from_the_command_line():
    changed = apply_overrides(
        configs.load("video_miniature"),
        [
            "model.frames=1",
            "model.shift=none",
            'model.backbone_arguments={"stem_filters": 8}',
            'shares={"vtt_friends/clips8": 0.8, "affectnet": 0.2}',
            "balanced=true",
            "neutral_share=null",
            "moving.change=0.2",
            "loss.name=neutral_balanced",
        ],
    )
    given = changed.model_arguments
    assert (given["frames"], given["shift"]) == (1, "none")
    assert given["backbone_arguments"] == {"stem_filters": 8}
    assert changed.datasets == ("vtt_friends/clips8", "affectnet")
    assert changed.moving.change == 0.2
    assert changed.neutral_share is None
    assert changed.loss.name == "neutral_balanced"


def test_the_data_sets_are_those_that_validate_train_and_report():
    static = configs.load("video_static")
    assert static.datasets == static.trained_on == ("affectnet", "raf_db/basic")
    alone = replace(configs.load("video_tsm"), reported={"affectnet": "validation"})
    assert alone.trained_on == ("fer2013",)
    assert alone.datasets == ("fer2013", "affectnet")
