import json

import pytest

from emo_tf.annotation.answer import Answer, Skip, answer_from_dict
from emo_tf.errors import EmoError
from tests.annotation.albums import HAPPY

FIELDS = {"categories": ("Peace",), "vad": (1, 5, 10), "gender": "Male", "age": "Kid"}


@pytest.mark.parametrize(
    "answer",
    [
        HAPPY,
        Answer((), (1, 10, 5), gender="", age="", none_applies=True),
        Skip(""),
        Skip("\ud800 behind a pillar 🙈"),
    ],
    ids=["labels", "none applies", "skip", "half a character"],
)
def test_an_answer_comes_back_from_json_as_it_was(answer):
    assert answer_from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_json_may_name_the_categories_in_any_order():
    values = HAPPY.to_dict() | {"categories": ["Peace", "Happiness"]}
    assert answer_from_dict(values) == HAPPY


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"categories": ("Joy",)}, "Unknown category in categories: expected one of Affection"),
        ({"categories": ("peace",)}, "did you mean Peace"),
        ({"categories": ("Peace", "Anger")}, "categories: expected each once, in the order"),
        ({"categories": ("Peace", "Peace")}, "categories: expected each once, in the order"),
        ({"categories": ()}, "none_applies: expected true without categories"),
        ({"none_applies": True}, "none_applies: .* Received: True with Peace"),
        ({"categories": (), "none_applies": 1}, "none_applies: .* Received: 1 with none"),
        ({"vad": (0, 5, 5)}, r"vad: expected valence, arousal, dominance, .* Received: \(0, 5, 5"),
        ({"vad": (5, 5, 11)}, "vad: "),
        ({"vad": (5, 5)}, "vad: "),
        ({"vad": (5, 5, 5.5)}, "vad: "),
        ({"vad": (5, 5, True)}, "vad: "),
        ({"vad": (5, 5, None)}, "vad: "),
        ({"gender": "female"}, "Unknown gender: did you mean Female"),
        ({"gender": None}, "Unknown gender"),
        ({"age": "Old"}, "Unknown age"),
        ({"age": ["Kid"]}, "Unknown age"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_answer_says_which_field_is_wrong(fields, message):
    with pytest.raises(EmoError, match=message):
        Answer(**FIELDS | fields)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "answer: expected age, categories, gender, vad. Received: no age"),
        ({**FIELDS, "mood": 3}, "answer: .* Received: 'mood'"),
        ({**FIELDS, "categories": "Peace"}, "categories: expected a list. Received: 'Peace'"),
        ({**FIELDS, "categories": [["Peace"]]}, "categories: expected names"),
        ({**FIELDS, "vad": 5}, "vad: expected a list. Received: 5"),
        ({**FIELDS, "vad": {"valence": 5}}, "vad: expected a list"),
        ({**FIELDS, "skip": "dark"}, "answer: expected skip"),
        ({"skip": None}, "skip: expected a reason .* Received: None"),
        ({"skip": "x" * 201}, "skip: .* at most 200 characters. Received: 201 of them"),
    ],
    ids=[
        *("nothing", "an unknown field", "a name for a list", "lists for names", "one number"),
        *("an object", "labels and skip", "no reason", "a long reason"),
    ],
)
def test_json_that_is_no_answer_is_refused(values, message):
    with pytest.raises(EmoError, match=message):
        answer_from_dict(values)
