import pytest

from emo_tf.errors import EmoError, unknown_name


def test_bad_input_is_a_value_error():
    with pytest.raises(ValueError, match="expected 5"):
        raise EmoError("size: expected 5. Received: 4")


def test_an_unknown_name_lists_close_matches_alone():
    message = str(unknown_name("colour", "gray", ["rgb", "grey"]))
    assert message == "Unknown colour: did you mean grey? Received: 'gray'"


def test_a_name_like_no_other_lists_all_that_are_known_sorted():
    message = str(unknown_name("model", "zzz", ["resnet", "densenet"]))
    assert message == "Unknown model: expected one of densenet, resnet. Received: 'zzz'"


@pytest.mark.parametrize("name", [None, 3], ids=["none", "number"])
def test_a_name_of_another_type_is_reported_as_it_came(name):
    assert str(unknown_name("model", name, ["resnet"])).endswith(f"Received: {name!r}")
