from emo_tf.labels import EMOTIC_CATEGORIES, EXPRESSION_TO_GROUP, EXPRESSIONS, GROUP_EMOTIONS


def test_expressions_stand_in_the_order_of_the_contract():
    assert EXPRESSIONS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_group_emotions_stand_in_the_order_of_the_contract():
    assert GROUP_EMOTIONS == ("negative", "neutral", "positive")


def test_every_expression_but_surprise_leans_to_one_group_emotion():
    assert tuple(EXPRESSION_TO_GROUP) == tuple(name for name in EXPRESSIONS if name != "surprise")
    assert set(EXPRESSION_TO_GROUP.values()) == set(GROUP_EMOTIONS)


def test_emotic_has_26_categories_in_alphabetical_order():
    assert len(set(EMOTIC_CATEGORIES)) == 26
    assert list(EMOTIC_CATEGORIES) == sorted(EMOTIC_CATEGORIES)
