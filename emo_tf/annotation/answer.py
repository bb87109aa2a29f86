"""What an annotator says about a person in a picture."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass

from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EMOTIC_AGES, EMOTIC_CATEGORIES, EMOTIC_GENDERS, VAD

CANNOT_TELL = ""
"""Stands for a gender or an age that does not show."""

LONGEST_REASON = 200


@dataclass(frozen=True)
class Answer:
    """Labels of one person by one annotator.

    Attributes:
        categories: Of `EMOTIC_CATEGORIES`, in their order; none only with `none_applies`.
        vad: Valence, arousal and dominance, whole numbers of 1 to 10.
        gender: Of `EMOTIC_GENDERS`, or `""` where it cannot be told.
        age: Of `EMOTIC_AGES`, or `""`.
        none_applies: Whether none of the categories fits.

    Raises:
        EmoError: A field is not so; the message names it.

    Example:
        >>> Answer(("Happiness",), (8, 6, 5), gender="Female", age="")
    """

    categories: tuple[str, ...]
    vad: tuple[int, int, int]
    gender: str
    age: str
    none_applies: bool = False

    def __post_init__(self):
        _check_categories(self.categories, self.none_applies)
        whole = all(type(value) is int for value in self.vad)  # True is an int, but no rating
        if len(self.vad) != len(VAD) or not whole or not all(1 <= v <= 10 for v in self.vad):
            raise EmoError(
                f"vad: expected {', '.join(VAD)}, whole numbers of 1 to 10. Received: {self.vad}"
            )
        _check_choice("gender", self.gender, EMOTIC_GENDERS)
        _check_choice("age", self.age, EMOTIC_AGES)

    def to_dict(self) -> dict:
        """Returns the fields for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Skip:
    """An annotator's word that a person cannot be judged.

    Attributes:
        reason: Why, in at most 200 characters; may be empty.

    Raises:
        EmoError: The reason is longer, or no text.
    """

    reason: str

    def __post_init__(self):
        if not isinstance(self.reason, str) or len(self.reason) > LONGEST_REASON:
            length = f"{len(self.reason)} of them" if isinstance(self.reason, str) else self.reason
            raise EmoError(
                f"skip: expected a reason of at most {LONGEST_REASON} characters. "
                f"Received: {length}"
            )

    def to_dict(self) -> dict:
        """Returns the reason for JSON, as `skip`."""
        return {"skip": self.reason}


def answer_from_dict(values: Mapping[str, object]) -> Answer | Skip:
    """Returns what JSON says: the fields of an `Answer`, or `skip`.

    Args:
        values: As of `to_dict`; categories may come in any order.

    Raises:
        EmoError: A field is missing, unknown, or not what it has to be.
    """
    if "skip" in values:
        _check_fields(values, {"skip"})
        return Skip(values["skip"])
    _check_fields(values, {"categories", "vad", "gender", "age"}, optional={"none_applies"})
    categories, vad = (_listed(name, values[name]) for name in ("categories", "vad"))
    if not all(isinstance(name, str) for name in categories):
        raise EmoError(f"categories: expected names. Received: {list(categories)}")
    places = {name: place for place, name in enumerate(EMOTIC_CATEGORIES)}
    categories = tuple(sorted(categories, key=lambda name: places.get(name, len(places))))
    fields = {name: values[name] for name in ("gender", "age")}
    return Answer(categories, vad, **fields, none_applies=values.get("none_applies", False))


def _check_fields(
    values: Mapping[str, object], required: set[str], *, optional: Container[str] = ()
) -> None:
    missing = sorted(required - set(values))
    if missing:
        raise EmoError(f"answer: expected {', '.join(sorted(required))}. Received: no {missing[0]}")
    for name in values:
        if name not in required and name not in optional:
            raise EmoError(f"answer: expected {', '.join(sorted(required))}. Received: {name!r}")


def _listed(name: str, values: object) -> tuple:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise EmoError(f"{name}: expected a list. Received: {values!r}")
    return tuple(values)


def _check_categories(categories: tuple[str, ...], none_applies: bool) -> None:
    for name in categories:
        if name not in EMOTIC_CATEGORIES:
            raise unknown_name("category in categories", name, EMOTIC_CATEGORIES)
    in_order = tuple(name for name in EMOTIC_CATEGORIES if name in categories)
    if categories != in_order:
        raise EmoError(
            "categories: expected each once, in the order of EMOTIC_CATEGORIES. "
            f"Received: {', '.join(categories)}"
        )
    if type(none_applies) is not bool or none_applies == bool(categories):
        raise EmoError(
            "none_applies: expected true without categories, false with some. "
            f"Received: {none_applies!r} with {', '.join(categories) or 'none'}"
        )


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value != CANNOT_TELL and value not in choices:
        raise unknown_name(field, value, (*choices, CANNOT_TELL))
