"""Every label set, in the order in which models put it out, and the maps between them."""

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven expressions: Ekman's six and neutral."""

GROUP_EMOTIONS = ("negative", "neutral", "positive")
"""The three classes of the Group Affect Database."""

EXPRESSION_TO_GROUP = {
    "angry": "negative",
    "disgust": "negative",
    "fear": "negative",
    "happy": "positive",
    "sad": "negative",
    "surprise": "neutral",
    "neutral": "neutral",
}
"""Which way an expression leans. Surprise leans neither way: it counts as neutral."""
