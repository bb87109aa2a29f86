"""Every label set, in the order in which models put it out, and the maps between them."""

from collections.abc import Mapping
from typing import NamedTuple

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

EMOTIC_DEFINITIONS: Mapping[str, str] = {
    "Affection": "Seems fond of, loving or tender towards someone: a hug, a caress, a warm look.",
    "Anger": "Looks furious or hostile, ready to attack; stronger and more open than annoyance.",
    "Annoyance": "Looks bothered, impatient or irritated; milder than anger.",
    "Anticipation": "Seems to look forward to, wait for or get ready for what comes next.",
    "Aversion": "Seems repelled: turns or draws away in disgust or strong dislike.",
    "Confidence": "Looks sure of themselves and of a good outcome; proud, at ease with the task.",
    "Disapproval": "Seems to judge something as wrong; critical, scornful, not merely bothered.",
    "Disconnection": "Takes no part in what goes on around; looks bored, indifferent or absent.",
    "Disquietment": "Looks nervous, worried or tense, as under pressure; no danger as in fear.",
    "Doubt/Confusion": "Seems unsure, puzzled, or to weigh one choice against another.",
    "Embarrassment": "Looks ashamed, awkward or guilty before others; hides the face, blushes.",
    "Engagement": "Gives full attention to something or someone; curious, absorbed, interested.",
    "Esteem": "Shows a high opinion of someone or something: respect, admiration, gratitude.",
    "Excitement": "Looks thrilled and full of energy, carried along by what happens.",
    "Fatigue": "Looks tired, sleepy or worn out.",
    "Fear": "Looks afraid, as before a danger, a threat or harm; terrified, on guard.",
    "Happiness": "Looks glad, cheerful or amused: a smile, a laugh.",
    "Pain": "Seems to hurt in the body, as from an injury or an illness.",
    "Peace": "Looks calm, relaxed and content, without a worry.",
    "Pleasure": "Seems to enjoy with the senses: a taste, a touch, the sun, music.",
    "Sadness": "Looks unhappy, down or let down: sorrow, grief, disappointment.",
    "Sensitivity": "Looks fragile or easily hurt, in body or mind; exposed, in need of care.",
    "Suffering": "Seems in anguish or deep distress of the mind; heavier than sadness.",
    "Surprise": "Seems to meet something sudden and unexpected, welcome or not.",
    "Sympathy": "Shares in another's trouble or joy; shows compassion, supports or comforts.",
    "Yearning": "Seems to long for something or someone out of reach; also envy, jealousy, lust.",
}
"""What an annotator looks for: each category of apparent emotion, told from its neighbours."""

EMOTIC_GENDERS = ("Female", "Male")
"""As EMOTIC's annotators perceived it."""

EMOTIC_AGES = ("Kid", "Teenager", "Adult")
"""As EMOTIC's annotators perceived it."""

EMOTIC_AGE_YEARS: Mapping[str, str] = {
    "Kid": "0 to 12",
    "Teenager": "13 to 20",
    "Adult": "over 20",
}
"""Which years each of `EMOTIC_AGES` stands for."""

VAD = ("valence", "arousal", "dominance")
"""The three dimensions, each from 1 to 10."""


class Scale(NamedTuple):
    """A dimension: the `definition` of what it tells, and the words for its ends, `low`, `high`."""

    definition: str
    low: str
    high: str


VAD_DEFINITIONS: Mapping[str, Scale] = {
    "valence": Scale("How pleasant the person's state seems.", "unpleasant", "pleasant"),
    "arousal": Scale("How stirred up and active the person seems.", "calm", "excited"),
    "dominance": Scale(
        "How much in control of the situation the person seems.", "without control", "in control"
    ),
}
"""The three dimensions as an annotator rates them; 1 stands at `low`, 10 at `high`."""

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
