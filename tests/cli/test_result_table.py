import io

import pytest
from rich.console import Console

from emo_tf.cli.result_table import ResultTable
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import Expression, Face, Group, PhotoResult

HAPPY = Expression("happy", {name: 0.94 if name == "happy" else 0.01 for name in EXPRESSIONS})
FACE = Face((10.4, 20.6, 99.5, 120), 0.9987, ((1, 1),) * 5, HAPPY)
GROUP = Group("positive", {"negative": 0.04, "neutral": 0.02, "positive": 0.94}, source="faces")


@pytest.fixture
def printed():
    """Prints results in a table on a terminal of `width` cells; gives the lines."""

    def print_all(*results: PhotoResult, width: int) -> list[str]:
        console = Console(file=io.StringIO(), width=width, highlight=False)
        table = ResultTable(console, [result.source for result in results])
        for result in results:
            table.add(result)
        lines = console.file.getvalue().splitlines()
        assert max(map(len, lines)) <= width
        return [line.rstrip() for line in lines]

    return print_all


def test_a_row_a_face_and_a_line_for_the_group(printed):
    assert printed(PhotoResult("a.jpg", 9, 9, faces=(FACE, FACE), group=GROUP), width=100) == [
        "file   face  expression    %                        score  box (x,y wxh)",
        "a.jpg     0  happy        94  ██████████████████▊   0.999  10,21 100x120",
        "          1  happy        94  ██████████████████▊   0.999  10,21 100x120",
        "       group: positive 94 %, negative 4 %, neutral 2 %",
    ]


def test_no_face_and_an_error_have_their_reason_in_place(printed):
    results = PhotoResult("a.jpg", 9, 9, reason="no face"), PhotoResult("b", error="b: broken")
    assert printed(*results, width=80)[1:] == ["a.jpg  no face", "b      error: broken"]


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (80, ["file", "face", "expression", "%", "score", "box", "(x,y", "wxh)"]),
        (58, ["file", "face", "expression", "%", "score"]),
        (48, ["file", "face", "expression", "%"]),
        (30, ["file", "face", "expression", "%"]),
    ],
)
def test_a_narrow_terminal_leaves_out_what_matters_least(printed, width, titles):
    lines = printed(PhotoResult("folder/photo.jpg", 9, 9, faces=(FACE,)), width=width)
    assert lines[0].split() == titles
    assert "happy" in lines[1]


def test_a_long_name_goes_on_below_itself_and_nothing_of_it_is_lost(printed):
    name = "a/very/long/path/of/folders/" * 3 + "photo.jpg"
    lines = printed(PhotoResult(name, 9, 9, faces=(FACE,)), width=80)
    assert "".join(line.split()[0] for line in lines[1:]) == name


def test_names_are_not_read_as_markup_and_wide_letters_count_double(printed):
    names = "[red]x.jpg", "日本語.jpg"
    results = [PhotoResult(name, 9, 9, reason="no face") for name in names]
    assert printed(*results, width=80)[1:] == ["[red]x.jpg  no face", "日本語.jpg  no face"]
