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
    "neutral": "neutral",
}
"""Which way an expression leans. Surprise is left out: it may be glad or shocked."""

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

AFFECTNET_EXPRESSIONS = (
    "neutral",
    "happy",
    "sad",
    "surprise",
    "fear",
    "disgust",
    "angry",
    "contempt",
)
"""AffectNet's eight, in the order of its codes; the first seven are `EXPRESSIONS` too."""

RAF_DB_EXPRESSIONS = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
"""RAF-DB's seven, in the order of its codes, which begin at 1."""

RAF_DB_COMPOUND_EXPRESSIONS = (
    ("happy", "surprise"),
    ("happy", "disgust"),
    ("sad", "fear"),
    ("sad", "angry"),
    ("sad", "surprise"),
    ("sad", "disgust"),
    ("fear", "angry"),
    ("fear", "surprise"),
    ("angry", "surprise"),
    ("angry", "disgust"),
    ("disgust", "surprise"),
)
"""RAF-DB's eleven pairs of expressions, in the order of their codes, which begin at 1."""
