"""Results as a table on the terminal, printed while they come."""

from collections.abc import Mapping, Sequence

from rich.bar import Bar
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from emo_tf.cli.row_printer import GAP, RowPrinter
from emo_tf.results import Face, Group, Person, PhotoResult

COMFORTABLE_FILE = 32
COMFORTABLE_FILE_OF_PEOPLE = 20
LONGEST_BAR = 20
LONGEST_CATEGORIES = 80
BAR = ""
BOX = "box (x,y wxh)"
CATEGORIES = "categories"
FACES = "faces"
DIMENSIONS = f"{'V':>4} {'A':>4} {'D':>4}"
FACE_WIDTHS = {"face": 4, "expression": 10, "%": 3, BAR: 8, "score": 5, BOX: 19}
DISPENSABLE = (BAR, "score", BOX)
PERSON_WIDTHS = (
    {"person": 6, CATEGORIES: 40, DIMENSIONS: 14, BOX: 19},
    {"person": 6, CATEGORIES: 32, DIMENSIONS: 14},
    {"person": 6, CATEGORIES: 20, DIMENSIONS: 14},
    {"person": 6, CATEGORIES: 12},
)
"""A person's columns, from those of a wide terminal to those of a narrow one."""

STYLES = {
    "angry": "red",
    "disgust": "green",
    "fear": "magenta",
    "happy": "yellow",
    "sad": "blue",
    "surprise": "cyan",
    "neutral": "bright_black",
    "negative": "red",
    "positive": "yellow",
}


class ResultTable:
    """Prints one row a face and a person, and a line for the group or why nobody was found.

    Rows are printed as results come, so the columns are laid out beforehand: those that a narrow
    terminal has no room for are left out, the least important first.

    Args:
        console: Where to print.
        names: The sources that will come, for the width of their column.
        people: Whether people will come too; their rows have columns of their own.
    """

    def __init__(self, console: Console, names: Sequence[str], *, people: bool = False):
        longest = max(map(cell_len, ("file", *names)))
        comfortable = COMFORTABLE_FILE_OF_PEOPLE if people else COMFORTABLE_FILE
        room = console.width - min(longest, comfortable)
        # The bar is made of block characters.
        has_bar = console.encoding.startswith("utf")
        self._face_widths = _face_widths(room, has_bar=has_bar)
        self._person_widths = _person_widths(room) if people else {}
        if people:
            # The numbers of faces and of people stand below each other.
            self._face_widths["face"] = self._person_widths["person"]
        room = console.width - max(_taken(self._face_widths), _taken(self._person_widths))
        file_width = max(1, min(longest, room))
        self._printer, self._room = RowPrinter(console, file_width), console.width - file_width
        self._widen(self._face_widths, BAR, LONGEST_BAR)
        self._widen(self._person_widths, CATEGORIES, LONGEST_CATEGORIES)
        self._headed = False

    def add(self, result: PhotoResult) -> None:
        """Prints what was found in one picture."""
        if not self._headed:
            self._headed = True
            for name, widths in (("file", self._face_widths), ("", self._person_widths)):
                titles = {title: Text(title, style="bold") for title in widths}
                self._printer.rows(Text(name, style="bold"), [titles] if widths else [], widths)
        name = Text(result.source)
        if result.error is not None:
            error = result.error.removeprefix(result.source).lstrip(":, ")
            self._printer.note(name, Text(f"error: {error}", style="red"))
        elif result.reason is not None:
            self._printer.note(name, Text(result.reason, style="dim"))
            name = Text()
        faces = [_face_cells(index, face) for index, face in enumerate(result.faces)]
        self._printer.rows(name, faces, self._face_widths)
        people = [self._person_cells(index, person) for index, person in enumerate(result.people)]
        self._printer.rows(Text() if faces else name, people, self._person_widths)
        if result.group:
            self._printer.note(Text(), verdict_text(result.group))

    def _widen(self, widths: dict[str, int], name: str, longest: int) -> None:
        """Gives a column the room that is left, if there is such a column."""
        if name in widths:
            rest = self._room - _taken(widths)
            widths[name] = max(widths[name], min(longest, widths[name] + rest))

    def _person_cells(self, index: int, person: Person) -> dict[str, RenderableType]:
        vad = person.vad
        dimensions = (f"{value:4.1f}" for value in (vad.valence, vad.arousal, vad.dominance))
        return {
            "person": str(index),
            CATEGORIES: _top_categories(person, self._person_widths[CATEGORIES]),
            DIMENSIONS: " ".join(dimensions),
            BOX: _box(person),
        }


def _taken(widths: Mapping[str, int]) -> int:
    return sum(width + GAP for width in widths.values())


def _face_widths(room: int, *, has_bar: bool) -> dict[str, int]:
    """Returns the columns of a face that `room` cells hold."""
    widths = {name: width for name, width in FACE_WIDTHS.items() if name not in DISPENSABLE}
    for name in DISPENSABLE if has_bar else DISPENSABLE[1:]:
        if _taken(widths) + FACE_WIDTHS[name] + GAP > room:
            break
        widths[name] = FACE_WIDTHS[name]
    return widths


def _person_widths(room: int) -> dict[str, int]:
    """Returns the columns of a person that `room` cells hold."""
    *wide, narrow = PERSON_WIDTHS
    return dict(next((widths for widths in wide if _taken(widths) <= room), narrow))


def _face_cells(index: int, face: Face) -> dict[str, RenderableType]:
    probability = face.expression.probabilities[face.expression.label]
    style = STYLES[face.expression.label]
    return {
        "face": str(index),
        "expression": Text(face.expression.label, style=style),
        "%": f"{100 * probability:.0f}",
        BAR: Bar(1, 0, probability, color=style),
        "score": f"{face.score:.3f}",
        BOX: _box(face),
    }


def _box(found: Face | Person) -> str:
    x, y, width, height = (round(value) for value in found.box_xywh)
    return f"{x},{y} {width}x{height}"


def _top_categories(person: Person, width: int) -> Text:
    """Names the categories above their thresholds, highest score first, as many as `width` holds.

    The number of those left out follows: `Engagement, Happiness +3`.
    """
    ranked = sorted(person.shown, key=lambda category: -category.score)
    if not ranked:
        return Text("none above threshold", style="dim")
    names = [category.label for category in ranked]
    for count in range(len(names), 0, -1):
        rest = f" +{len(names) - count}" if count < len(names) else ""
        text = ", ".join(names[:count]) + rest
        if len(text) <= width:
            break
    return Text(text)


def verdict_text(group: Group) -> Text:
    """Returns a verdict on a group in words, the likeliest class first."""
    first, *others = _ranked(group.probabilities)
    rest = f", {', '.join(others)}{_evidence(group)}"
    return Text.assemble("group: ", (first, STYLES[group.label]), (rest, "dim"))


def _ranked(probabilities: Mapping[str, float]) -> list[str]:
    """Returns the classes in words, the likeliest first."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    return [f"{label} {100 * probability:.0f} %" for label, probability in ranked]


def _evidence(group: Group) -> str:
    """Says which verdict is followed and what the others are; nothing for faces alone."""
    others = {
        name: verdict
        for name, verdict in group.verdicts.items()
        if verdict and name != group.source
    }
    if group.source == FACES and not others:
        return ""
    beside = ", ".join(f"{name} {_ranked(verdict)[0]}" for name, verdict in others.items())
    return f" ({group.source}{'; ' if beside else ''}{beside})"
