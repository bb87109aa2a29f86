"""Draws the verdict on a group: a band at the picture's edge, with what each source says."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageFont

from emo_tf.colours import GROUP_COLOURS
from emo_tf.results import Group, PhotoResult
from emo_tf.runtime.drawing import Colour, dot, fill, fit_font, write

_WITHOUT_LABEL: Colour = (255, 255, 255)
_DARK: Colour = (16, 18, 22)
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (188, 193, 201)

_BY = {
    "faces": "by faces",
    "scenes": "by the scene",
    "hybrid": "by faces and scene",
    "ensemble": "by the ensemble",
}
_SHORT = {"scenes": "scene", "hybrid": "both"}

# Lengths in units of the font's size, font sizes in pixels.
_TITLE_HEIGHT, _ROW_HEIGHT, _PADDING, _GAP = 2.0, 1.6, 0.7, 1.1
_SMALLER = 0.78  # letters of the rows, to those of the title
_SMALLEST_FONT, _EASILY_READ = 7, 10
_MOST_TITLE, _MOST = 0.25, 0.3  # of the picture's height

_ALIKE = 0.01


@dataclass(frozen=True)
class _Piece:
    """A few words of a line, with a dot before them where they name a class."""

    text: str
    ink: Colour
    dot: Colour | None = None

    def width(self, font: ImageFont.FreeTypeFont) -> float:
        return font.getlength(self.text) + (font.size if self.dot else 0)


@dataclass(frozen=True)
class _Line:
    pieces: tuple[_Piece, ...]
    font: ImageFont.FreeTypeFont


@dataclass(frozen=True)
class Band:
    """What stands at the picture's edge.

    Attributes:
        title: The verdict that is followed, or why there is none.
        rows: What each source says, in smaller letters.
        at_top: Whether it lies at the upper edge.
    """

    title: _Line
    rows: tuple[_Line, ...] = ()
    at_top: bool = False

    @property
    def title_height(self) -> int:
        """Pixels of the title with the strip of shares."""
        return round(_TITLE_HEIGHT * self.title.font.size)

    @property
    def height(self) -> int:
        """Pixels of all of it."""
        return self.title_height + sum(round(_ROW_HEIGHT * row.font.size) for row in self.rows)


def unequal_shares(result: PhotoResult) -> np.ndarray | None:
    """Returns each face's share of the verdict, or `None` where they count alike or are unknown.

    Args:
        result: F faces and the verdict on them.

    Returns:
        float64 (F,), adding up to 1.
    """
    shares = _shares(result)
    return shares if shares is not None and np.ptp(shares) > _ALIKE else None


def passed_over(result: PhotoResult) -> np.ndarray:
    """Returns which faces the source of the verdict did not look at, bool (F,)."""
    weights = np.array(result.group.face_weights if result.group else (), dtype=float)
    if len(weights) != len(result.faces) or not result.group or not result.group.note:
        return np.zeros(len(result.faces), bool)
    return weights == 0


def plan_band(result: PhotoResult, boxes: np.ndarray, shape: tuple[int, ...]) -> Band | None:
    """Words the band, and puts it where it hides no face, or less of them.

    It says less where there is no room beside the faces to say it all.

    Args:
        result: The verdict, or the reason why there is none.
        boxes: Of the faces, shape (F, 4).
        shape: Of the picture, height and width first.

    Returns:
        The band, or `None` where there is nothing to say or no room for it.
    """
    height, width = shape[:2]
    title = _title(result, shape)
    if title is None:
        return None
    room = width - 2 * _PADDING * title.font.size
    fitting = [
        Band(title, rows)
        for rows in _row_choices(result, title.font.size, room=room)
        if Band(title, rows).height <= _MOST * height
    ]
    fitting.append(Band(_with_note(title, result, room=room)))
    placed = [
        (_hidden(band.height, boxes, height, at_top=at_top), Band(band.title, band.rows, at_top))
        for band in fitting
        for at_top in (False, True)
    ]
    free = [band for hidden, band in placed if not hidden]
    # Where faces are everywhere, the fullest of them all, at the better edge.
    return free[0] if free else min(placed[:2], key=lambda choice: choice[0])[1]


def draw_band(canvas: np.ndarray, band: Band, group: Group | None) -> None:
    """Draws the band's ground, its text and, for a group, the share of each class as a strip.

    Args:
        canvas: uint8 RGB of shape (H, W, 3), changed in place.
        band: What `plan_band` returned.
        group: The verdict, if there is one.
    """
    height, width = canvas.shape[:2]
    top = 0 if band.at_top else height - band.height
    fill(canvas, (0, top, width, band.height), _DARK, opacity=0.78)
    strip = max(2, round(0.12 * band.title_height)) if group else 0
    if group:
        strip_top = top + band.height - strip if band.at_top else top
        start = 0.0
        for label, probability in group.probabilities.items():
            fill(canvas, (start, strip_top, probability * width, strip), _colour(label))
            start += probability * width
    left = _PADDING * band.title.font.size
    line_top = top if band.at_top else top + strip
    title_room = band.title_height - strip
    _draw_line(canvas, band.title, (left, line_top + title_room / 2))
    # The rows move into the free half of the line above, and leave as much below them.
    line_top += title_room - 0.3 * band.title.font.size
    for row in band.rows:
        _draw_line(canvas, row, (left, line_top + _ROW_HEIGHT * row.font.size / 2))
        line_top += _ROW_HEIGHT * row.font.size


def _colour(label: str) -> Colour:
    return GROUP_COLOURS.get(label, _WITHOUT_LABEL)


def _shares(result: PhotoResult) -> np.ndarray | None:
    weights = np.array(result.group.face_weights if result.group else (), dtype=float)
    if len(weights) != len(result.faces) or weights.sum() <= 0:
        return None
    return weights / weights.sum()


def _verdicts(group: Group) -> dict[str, tuple[str, float]]:
    """Returns class and probability by source, where there is more than the one followed."""
    told = {
        source: max(verdict.items(), key=lambda item: item[1])
        for source, verdict in group.verdicts.items()
        if verdict
    }
    return told if told.keys() - {group.source} else {}


def _title(result: PhotoResult, shape: tuple[int, ...]) -> _Line | None:
    """Words the first line and finds the letters in which it fits."""
    height, width = shape[:2]
    size = min(max(12, 0.024 * math.sqrt(height * width)), _MOST_TITLE * height / _TITLE_HEIGHT)
    room = width - (2 * _PADDING + 1) * size
    colour = _colour(result.group.label) if result.group else None
    with_source, without = _titles(result)
    legible = max(_SMALLEST_FONT, min(size, _EASILY_READ))
    for wordings, least in ((with_source, legible), (without, _SMALLEST_FONT)):
        for wording in wordings:
            font = fit_font([wording], width=room, largest=size, smallest=max(least, 0.7 * size))
            if font:
                return _Line((_Piece(wording, _WHITE, colour),), font)
    return None


def _titles(result: PhotoResult) -> tuple[list[str], list[str]]:
    """Words the first line with the source that is followed and without, the fullest first."""
    group = result.group
    if group is None:
        return [], [result.reason[:1].upper() + result.reason[1:]] if result.reason else []
    probability = f"{group.probabilities[group.label]:.0%}"
    appears = "The group appears" if len(result.faces) > 1 else "Appears"
    full, short = f"{appears} {group.label} ({probability})", f"{group.label} {probability}"
    if group.source == "faces" and not _verdicts(group):
        return [], [full, short, group.label]
    by = _BY.get(group.source, f"by {group.source}")
    return [f"{full} {by}", f"{short} {by}"], [full, short, group.label]


def _notes(result: PhotoResult) -> list[_Piece]:
    """Says how many faces were looked at, or that all count alike, the fuller wording first."""
    count, passed = len(result.faces), int(passed_over(result).sum())
    if passed:
        return [_Piece(f"looked at {count - passed} of {count} faces", _GREY)]
    if count < 2 or _shares(result) is None or unequal_shares(result) is not None:
        return []
    texts = [f"each of {count} faces counts alike", f"{count} faces count alike"]
    return [_Piece(text, _GREY) for text in texts]


def _with_note(title: _Line, result: PhotoResult, *, room: float) -> _Line:
    for note in _notes(result):
        pieces = (*title.pieces, note)
        if len(_rows(pieces, title.font, room=room)) == 1:
            return _Line(pieces, title.font)
    return title


def _row_choices(
    result: PhotoResult, title_size: float, *, room: float
) -> Iterator[tuple[_Line, ...]]:
    """Yields what the sources say, the fullest wording first, broken into rows."""
    verdicts = _verdicts(result.group) if result.group else {}
    if not verdicts:
        return
    size = min(title_size, max(_SMALLER * title_size, _EASILY_READ))
    font = ImageFont.load_default(size=size)
    for wording in ("{source} {label} {probability:.0%}", "{source} {probability:.0%}"):
        pieces = [
            _Piece(
                wording.format(
                    source=_SHORT.get(source, source), label=label, probability=probability
                ),
                _WHITE if source == result.group.source else _GREY,
                _colour(label),
            )
            for source, (label, probability) in verdicts.items()
        ]
        for notes in (_notes(result)[:1], []):
            rows = _rows([*pieces, *notes], font, room=room)
            if all(_row_width(row, font) <= room for row in rows):
                yield tuple(_Line(row, font) for row in rows)


def _rows(
    pieces: Sequence[_Piece], font: ImageFont.FreeTypeFont, *, room: float
) -> list[tuple[_Piece, ...]]:
    """Breaks a line where the next piece would not fit."""
    rows: list[tuple[_Piece, ...]] = []
    for piece in pieces:
        if rows and _row_width((*rows[-1], piece), font) <= room:
            rows[-1] = (*rows[-1], piece)
        else:
            rows.append((piece,))
    return rows


def _row_width(row: Sequence[_Piece], font: ImageFont.FreeTypeFont) -> float:
    return sum(piece.width(font) for piece in row) + (len(row) - 1) * _GAP * font.size


def _hidden(band_height: int, boxes: np.ndarray, height: int, *, at_top: bool) -> float:
    """Returns the area of boxes that a band at that edge lies over."""
    top, bottom = (0, band_height) if at_top else (height - band_height, height)
    stop = np.minimum(boxes[:, 1] + boxes[:, 3], bottom)
    return float(((stop - np.maximum(boxes[:, 1], top)).clip(0) * boxes[:, 2]).sum())


def _draw_line(canvas: np.ndarray, line: _Line, start: tuple[float, float]) -> None:
    """Writes pieces side by side; `start` is the left end, at half the height of the letters."""
    x, middle = start
    size = line.font.size
    for piece in line.pieces:
        text_x = x
        if piece.dot:
            dot(canvas, (x + 0.3 * size, middle), piece.dot, radius=0.3 * size)
            text_x += size
        write(canvas, piece.text, (text_x, middle), line.font, piece.ink)
        x += piece.width(line.font) + _GAP * size
