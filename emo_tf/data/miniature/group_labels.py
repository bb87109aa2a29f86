"""What a labeller of scenes would say of a drawn picture of several people.

The rule: of the scene's weather, place and colour the labeller notices each with a chance of
`NOTICED`, and takes what it noticed for another of its kind with a chance of `MISTAKEN`. It then
says one to four words that go with it, the usual ones more often, so words come in bunches. Words
that tell nothing join them, each with a chance of `COMMON`, and with a chance of `STRAY` a word of
anything at all. A picture has `FEWEST` to `MOST` words. So the words tell the scene, but not all of
it and not always rightly; the faces they do not tell.
"""

import numpy as np

from emo_tf.data.miniature.groups import GroupPicture
from emo_tf.data.miniature.scenes import COLOURS, PLACES, WEATHERS

NOTICED, MISTAKEN, COMMON, STRAY = 0.85, 0.08, 0.12, 0.25
FEWEST, MOST = 2, 10

_WORDS = {
    "sun": "sunlight, daytime, blue sky, summer, sunshine, vacation, horizon",
    "cloud": "cloud, overcast, haze, fog, atmosphere, meteorological phenomenon",
    "rain": "rain, drizzle, storm, umbrella, puddle, wet, precipitation",
    "night": "night, darkness, moon, star, midnight, moonlight, evening",
    "party": "party, event, balloon, celebration, birthday, cake, party supply, confetti, festival",
    "garden": "garden, tree, flower, nature, plant, grass, park, leisure, spring",
    "street": "street, building, city, urban area, lamp, brick, road, pedestrian, neighbourhood",
    "hospital": (
        "hospital, bed, patient, health care, medical equipment, clinic, nurse, room, service"
    ),
    "warm": "red, orange, yellow, bunting, decoration, tradition",
    "cold": "blue, purple, turquoise, electric blue, pennant, winter",
}
_TELLING_NOTHING = (
    "people",
    "photograph",
    "social group",
    "community",
    "youth",
    "fun",
    "friendship",
)

VOCABULARY = tuple(sorted({*_TELLING_NOTHING, *", ".join(_WORDS.values()).split(", ")}))
"""All words that there are."""


def scene_labels_of(picture: GroupPicture) -> tuple[str, ...]:
    """Returns the words for one picture, in lower case, each once.

    They are drawn by lot from the picture's seed, apart from all that is drawn in it.
    """
    rng = np.random.default_rng([*picture.seed, 1])
    scene = picture.scene
    words: list[str] = []
    for cue, kind in (
        (scene.weather, WEATHERS),
        (scene.place, PLACES),
        (scene.colour, COLOURS),
    ):
        words += _words_for(cue, kind, rng)
    words += [word for word in _TELLING_NOTHING if rng.random() < COMMON]
    if rng.random() < STRAY:
        words.append(str(rng.choice(VOCABULARY)))
    said = list(dict.fromkeys(words))
    if len(said) < FEWEST:
        said += [word for word in _TELLING_NOTHING if word not in said][: FEWEST - len(said)]
    return tuple(str(word) for word in rng.permutation(said)[:MOST])


def _words_for(cue: str, kind: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    """Returns what is said of one thing that the scene shows."""
    if rng.random() >= NOTICED:
        return []
    if rng.random() < MISTAKEN:
        cue = str(rng.choice([other for other in kind if other != cue]))
    count = int(rng.integers(1, 4, endpoint=True))
    words = _WORDS[cue].split(", ")
    usual = 1 / np.arange(1, len(words) + 1)
    return list(rng.choice(words, count, replace=False, p=usual / usual.sum()))
