"""Drawn scenes whose weather, place and colour can be seen, with room for people in the middle.

What tells the scene lies in the sky, in a row of pennants below it and at both sides; the wall and
the ground behind the people are drawn by lot. So a picture of a person alone does not give the
scene away.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from emo_tf.data.miniature.shapes import Colour, ellipse, mix, polygon, rectangle, stroke

WEATHERS = ("sun", "cloud", "rain", "night")
PLACES = ("party", "garden", "street", "hospital")
COLOURS = ("warm", "cold")

SKY = 0.22
"""Where the sky ends, as a share of the height: heads stay below, pennants included."""
SIDE = 0.21
"""How much of the width the things at either side take."""

_PENNANTS = 0.07  # of the height
_SKIES: dict[str, Colour] = {
    "sun": (120, 185, 240),
    "cloud": (168, 176, 186),
    "rain": (104, 114, 128),
    "night": (24, 28, 62),
}
_PENNANT_COLOURS: dict[str, tuple[Colour, ...]] = {
    "warm": ((226, 62, 44), (245, 148, 34), (250, 206, 60)),
    "cold": ((36, 84, 176), (44, 150, 178), (116, 86, 176)),
}
_WALLS: tuple[Colour, ...] = (
    (206, 190, 168), (176, 188, 172), (186, 180, 196), (164, 176, 188), (212, 202, 186),
)  # fmt: skip
_GROUNDS: tuple[Colour, ...] = ((150, 138, 118), (128, 140, 120), (138, 132, 142), (120, 128, 136))
_WHITE: Colour = (244, 244, 240)
_WOOD: Colour = (112, 78, 50)


@dataclass(frozen=True)
class Scene:
    """What a scene shows.

    Attributes:
        weather: One of `WEATHERS`.
        place: One of `PLACES`.
        colour: One of `COLOURS`, that of the pennants.
    """

    weather: str
    place: str
    colour: str


SCENES = tuple(itertools.starmap(Scene, itertools.product(WEATHERS, PLACES, COLOURS)))
"""All scenes; each is as likely as any other."""


def draw_scene(scene: Scene, *, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Draws a scene without people.

    Args:
        scene: What it shows.
        height: Of the picture in pixels.
        width: Of the picture in pixels.
        rng: Draws all that tells nothing: tones, places, sizes.

    Returns:
        uint8 RGB of shape (height, width, 3).
    """
    picture = np.empty((height, width, 3), np.uint8)
    # Drawn first, so that the same noise and tones stand behind people whatever the scene shows.
    noise = rng.normal(scale=4, size=(height, width, 1))
    sky_end, ground = round(height * SKY), round(height * rng.uniform(0.74, 0.84))
    picture[:sky_end] = _SKIES[scene.weather]
    picture[sky_end:ground] = _toned(_WALLS, rng)
    picture[ground:] = _toned(_GROUNDS, rng)
    _WEATHER_DRAWERS[scene.weather](picture, sky_end, rng)
    side = SIDE * width
    for left in (0, width - side):
        _PLACE_DRAWERS[scene.place](picture, (left, sky_end, side, ground - sky_end), rng)
    _draw_pennants(picture, sky_end, scene.colour)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _toned(colours: tuple[Colour, ...], rng: np.random.Generator) -> Colour:
    colour = colours[rng.integers(len(colours))]
    return mix(colour, (20, 20, 20), rng.uniform(0, 0.25))


def _draw_pennants(picture: np.ndarray, top: int, colour: str) -> None:
    height, width = picture.shape[:2]
    tones = _PENNANT_COLOURS[colour]
    step = width / 15
    stroke(picture, [(0, top), (width, top)], _WHITE, thickness=height / 120)
    for place in range(15):
        left = place * step
        tip = (left + step / 2, top + height * _PENNANTS)
        polygon(picture, [(left, top), (left + step, top), tip], tones[place % len(tones)])


def _draw_sun(picture: np.ndarray, bottom: int, rng: np.random.Generator) -> None:
    centre = (picture.shape[1] * rng.uniform(0.2, 0.8), bottom * rng.uniform(0.42, 0.55))
    for share, tone in ((0.46, (196, 212, 190)), (0.38, (250, 224, 120)), (0.3, (255, 210, 52))):
        ellipse(picture, centre, (share * bottom, share * bottom), tone)


def _draw_clouds(picture: np.ndarray, bottom: int, rng: np.random.Generator) -> None:
    sky = tuple(map(int, picture[0, 0]))
    for place in np.linspace(0.12, 0.88, 4):
        x, y = picture.shape[1] * (place + rng.uniform(-0.05, 0.05)), bottom * rng.uniform(0.3, 0.5)
        tone = mix(sky, _WHITE, rng.uniform(0.35, 0.55))
        for shift, radius in ((-0.5, 0.2), (0, 0.27), (0.45, 0.19)):
            ellipse(
                picture, (x + shift * bottom, y), (1.5 * radius * bottom, radius * bottom), tone
            )


def _draw_rain(picture: np.ndarray, bottom: int, rng: np.random.Generator) -> None:
    _draw_clouds(picture, round(0.75 * bottom), rng)
    for x in np.arange(0, picture.shape[1], bottom / 7):
        start = (x + rng.uniform(0, bottom / 9), bottom * rng.uniform(0.5, 0.66))
        end = (start[0] - 0.1 * bottom, start[1] + 0.3 * bottom)
        stroke(picture, [start, end], (176, 206, 236), thickness=bottom / 45)


def _draw_night(picture: np.ndarray, bottom: int, rng: np.random.Generator) -> None:
    sky = tuple(map(int, picture[0, 0]))
    for _ in range(40):
        star = (rng.uniform(0, picture.shape[1]), rng.uniform(0, bottom))
        ellipse(picture, star, (bottom / 70, bottom / 70), (236, 232, 206))
    x, y, radius = picture.shape[1] * rng.uniform(0.2, 0.8), 0.45 * bottom, 0.28 * bottom
    ellipse(picture, (x, y), (radius, radius), (240, 232, 190))
    ellipse(picture, (x + 0.5 * radius, y - 0.2 * radius), (0.9 * radius, 0.9 * radius), sky)


_Area = tuple[float, float, float, float]


def _draw_party(picture: np.ndarray, area: _Area, rng: np.random.Generator) -> None:
    x, y, width, height = area
    knot = (x + width / 2, y + 0.72 * height)
    for share in (0.2, 0.5, 0.8):
        balloon = (x + share * width, y + height * rng.uniform(0.24, 0.42))
        stroke(picture, [balloon, knot], (90, 90, 90), thickness=1)
        tone = tuple(map(int, rng.choice([(214, 58, 120), (92, 178, 84), (240, 196, 58)])))
        ellipse(picture, balloon, (0.16 * width, 0.2 * width), tone)
        shine = (balloon[0] - 0.05 * width, balloon[1] - 0.07 * width)
        ellipse(picture, shine, (0.04 * width, 0.05 * width), mix(tone, _WHITE, 0.7))
    rectangle(picture, (x + 0.05 * width, y + 0.84 * height, 0.9 * width, 0.16 * height), _WHITE)
    cake = (x + 0.3 * width, y + 0.72 * height, 0.4 * width, 0.12 * height)
    rectangle(picture, cake, (196, 120, 128))
    rectangle(picture, (*cake[:3], 0.04 * height), (250, 232, 226))


def _draw_garden(picture: np.ndarray, area: _Area, rng: np.random.Generator) -> None:
    x, y, width, height = area
    trunk = x + width * rng.uniform(0.47, 0.53)
    rectangle(picture, (trunk - 0.06 * width, y + 0.5 * height, 0.12 * width, 0.5 * height), _WOOD)
    for shift_x, shift_y in ((-0.2, 0.36), (0.2, 0.36), (0, 0.24)):
        tone = mix((62, 132, 58), (24, 80, 40), rng.uniform(0, 0.6))
        centre = (trunk + shift_x * width, y + shift_y * height)
        ellipse(picture, centre, (0.26 * width, 0.3 * width), tone)
    for place in np.linspace(0.08, 0.92, 6):
        flower = (x + place * width, y + height * rng.uniform(0.88, 0.96))
        stroke(picture, [flower, (flower[0], y + height)], (60, 130, 60), thickness=2)
        tone = tuple(map(int, rng.choice([(232, 90, 140), (250, 220, 90), (240, 240, 250)])))
        ellipse(picture, flower, (0.05 * width, 0.05 * width), tone)


def _draw_street(picture: np.ndarray, area: _Area, rng: np.random.Generator) -> None:
    x, y, width, height = area
    brick = mix((146, 92, 74), (96, 84, 84), rng.uniform(0, 0.6))
    rectangle(picture, (x, y, 0.72 * width, height), brick)
    for row in range(3):
        for column in range(2):
            corner = (x + (0.08 + 0.33 * column) * width, y + (0.14 + 0.28 * row) * height)
            lit = (244, 220, 130) if rng.uniform() < 0.4 else (70, 86, 106)
            rectangle(picture, (*corner, 0.22 * width, 0.17 * height), lit)
    post = x + 0.86 * width
    stroke(picture, [(post, y + 0.2 * height), (post, y + height)], (52, 54, 60), thickness=4)
    ellipse(picture, (post, y + 0.18 * height), (0.09 * width, 0.09 * width), (250, 236, 170))


def _draw_hospital(picture: np.ndarray, area: _Area, rng: np.random.Generator) -> None:
    x, y, width, height = area
    sign = (x + 0.25 * width, y + 0.14 * height)
    side = 0.5 * width
    rectangle(picture, (*sign, side, side), _WHITE)
    green = (36, 150, 92)
    rectangle(picture, (sign[0] + 0.4 * side, sign[1] + 0.15 * side, 0.2 * side, 0.7 * side), green)
    rectangle(picture, (sign[0] + 0.15 * side, sign[1] + 0.4 * side, 0.7 * side, 0.2 * side), green)
    sheet = mix((186, 214, 216), (206, 206, 226), rng.uniform())
    rectangle(picture, (x + 0.06 * width, y + 0.74 * height, 0.88 * width, 0.12 * height), sheet)
    rectangle(picture, (x + 0.08 * width, y + 0.68 * height, 0.28 * width, 0.07 * height), _WHITE)
    for leg in (0.1, 0.86):
        rectangle(
            picture,
            (x + leg * width, y + 0.66 * height, 0.04 * width, 0.34 * height),
            (96, 104, 112),
        )


_WEATHER_DRAWERS = {
    "sun": _draw_sun,
    "cloud": _draw_clouds,
    "rain": _draw_rain,
    "night": _draw_night,
}
_PLACE_DRAWERS = {
    "party": _draw_party,
    "garden": _draw_garden,
    "street": _draw_street,
    "hospital": _draw_hospital,
}
