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

EMOTIC_CATEGORIES = (
    "Affection",
    "Anger",
    "Annoyance",
    "Anticipation",
    "Aversion",
    "Confidence",
    "Disapproval",
    "Disconnection",
    "Disquietment",
    "Doubt/Confusion",
    "Embarrassment",
    "Engagement",
    "Esteem",
    "Excitement",
    "Fatigue",
    "Fear",
    "Happiness",
    "Pain",
    "Peace",
    "Pleasure",
    "Sadness",
    "Sensitivity",
    "Suffering",
    "Surprise",
    "Sympathy",
    "Yearning",
)
"""The 26 categories of EMOTIC (Kosti et al. 2020), of which a person may show several."""

VAD = ("valence", "arousal", "dominance")
"""The three dimensions, each from 1 to 10."""
