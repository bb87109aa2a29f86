from emo_tf.labels import (
    EMOTIC_AGE_YEARS,
    EMOTIC_AGES,
    EMOTIC_CATEGORIES,
    EMOTIC_DEFINITIONS,
    EXPRESSION_TO_GROUP,
    EXPRESSIONS,
    GROUP_EMOTIONS,
    VAD,
    VAD_DEFINITIONS,
)


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


def test_every_category_has_a_short_definition_of_its_own():
    assert tuple(EMOTIC_DEFINITIONS) == EMOTIC_CATEGORIES
    assert len(set(EMOTIC_DEFINITIONS.values())) == 26
    assert max(map(len, EMOTIC_DEFINITIONS.values())) <= 90


def test_every_dimension_has_a_definition_and_words_for_its_ends():
    assert tuple(VAD_DEFINITIONS) == VAD
    for scale in VAD_DEFINITIONS.values():
        assert scale.definition
        assert scale.low != scale.high


def test_every_age_has_its_years():
    assert tuple(EMOTIC_AGE_YEARS) == EMOTIC_AGES
