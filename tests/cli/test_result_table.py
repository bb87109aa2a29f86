import io

import pytest
from rich.console import Console

from emo_tf.cli.result_table import ResultTable
from emo_tf.labels import EXPRESSIONS
from emo_tf.results import CategoryScore, Expression, Face, Group, Person, PhotoResult, Vad

HAPPY = Expression("happy", {name: 0.94 if name == "happy" else 0.01 for name in EXPRESSIONS})
FACE = Face((10.4, 20.6, 99.5, 120), 0.9987, ((1, 1),) * 5, HAPPY)
GROUP = Group("positive", {"negative": 0.04, "neutral": 0.02, "positive": 0.94}, source="faces")
SCORES = {
    "Affection": 0.2,
    "Anger": 0.55,
    "Disquietment": 0.8,
    "Doubt/Confusion": 0.9,
    "Engagement": 0.6,
    "Happiness": 0.3,
    "Yearning": 0.7,
}


def person(threshold: float | None) -> Person:
    """A person with the threshold alike for all categories."""
    categories = (
        CategoryScore(label, score, threshold, threshold is not None and score > threshold)
        for label, score in SCORES.items()
    )
    return Person((1.2, 2.6, 30, 40), 0.9, tuple(categories), Vad(5.55, 10, 0.96))


PERSON = person(0.5)


@pytest.fixture
def printed():
    """Prints results in a table on a terminal of `width` cells; gives the lines."""

    def print_all(*results: PhotoResult, width: int, people: bool = False) -> list[str]:
        console = Console(file=io.StringIO(), width=width, highlight=False)
        table = ResultTable(console, [result.source for result in results], people=people)
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


SURE = {"negative": 0.1, "neutral": 0.2, "positive": 0.7}
UNSURE = {"negative": 0.2, "neutral": 0.45, "positive": 0.35}


@pytest.mark.parametrize(
    ("source", "verdicts", "evidence"),
    [
        ("faces", {"faces": SURE}, ""),
        (
            *("hybrid", {"faces": UNSURE, "scenes": SURE, "hybrid": SURE}),
            " (hybrid; faces neutral 45 %, scenes positive 70 %)",
        ),
        ("scenes", {"scenes": SURE}, " (scenes)"),
        ("attention", {"faces": UNSURE, "attention": SURE}, " (attention; faces neutral 45 %)"),
        (
            *("faces", {"faces": SURE, "scenes": UNSURE, "ensemble": None}),
            " (faces; scenes neutral 45 %)",
        ),
    ],
    ids=["faces alone", "hybrid", "scenes alone", "model", "faces beside others"],
)
def test_the_line_of_the_group_says_by_what_it_is_judged(printed, source, verdicts, evidence):
    group = Group("positive", SURE, source=source, verdicts=verdicts)
    *_, line = printed(PhotoResult("a.jpg", 9, 9, faces=(FACE,), group=group), width=120)
    assert line == f"       group: positive 70 %, neutral 20 %, negative 10 %{evidence}"


def test_a_long_line_of_the_group_goes_on_below_itself(printed):
    verdicts = {"faces": UNSURE, "scenes": SURE, "hybrid": SURE, "a_long_name": UNSURE}
    group = Group("positive", SURE, source="hybrid", verdicts=verdicts)
    lines = printed(PhotoResult("a.jpg", 9, 9, faces=(FACE,), group=group), width=48)
    assert " ".join(" ".join(lines[2:]).split()).endswith("a_long_name neutral 45 %)")


def test_where_there_is_a_verdict_without_faces_both_are_told(printed):
    group = Group("positive", SURE, source="scenes", verdicts={"scenes": SURE})
    result = PhotoResult("a.jpg", 9, 9, group=group, reason="no face")
    assert printed(result, width=80)[1:] == [
        "a.jpg  no face",
        "       group: positive 70 %, neutral 20 %, negative 10 % (scenes)",
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


def test_people_have_a_row_each_with_top_categories_and_dimensions(printed):
    result = PhotoResult("a.jpg", 9, 9, faces=(FACE,), people=(PERSON, PERSON), group=GROUP)
    row = "Doubt/Confusion, Disquietment, Yearning +2          5.5 10.0  1.0"
    assert printed(result, width=80, people=True) == [
        "file     face  expression    %                        score  box (x,y wxh)",
        "       person  categories                                            V    A    D",
        "a.jpg       0  happy        94  ██████████████████▊   0.999  10,21 100x120",
        f"            0  {row}",
        f"            1  {row}",
        "       group: positive 94 %, negative 4 %, neutral 2 %",
    ]


def test_a_wide_terminal_shows_all_categories_and_the_boxes_of_people(printed):
    *_, row = printed(PhotoResult("a.jpg", 9, 9, people=(PERSON,)), width=140, people=True)
    everything = "Doubt/Confusion, Disquietment, Yearning, Engagement, Anger"
    assert row.startswith(f"a.jpg       0  {everything}  ")
    assert row.endswith(" 5.5 10.0  1.0  1,3 30x40")


@pytest.mark.parametrize(
    ("width", "categories", "dimensions"),
    [
        (80, "Doubt/Confusion, Disquietment +3 ", True),
        (66, "Doubt/Confusion +4 ", True),
        (60, "Doubt/Confusion, Disquietment +3", False),
        (40, "Doubt/Confusio…", False),
    ],
)
def test_on_a_narrow_terminal_people_have_fewer_categories_then_no_dimensions(
    printed, width, categories, dimensions
):
    result = PhotoResult("a/long/path/of/folders/photo.jpg", 9, 9, people=(PERSON,))
    lines = printed(result, width=width, people=True)
    assert categories in lines[2]
    assert ("10.0" in lines[2]) == dimensions


@pytest.mark.parametrize("threshold", [0.95, None], ids=["below all", "no thresholds"])
def test_a_person_without_categories_says_so(printed, threshold):
    result = PhotoResult("a.jpg", 9, 9, people=(person(threshold),))
    lines = printed(result, width=80, people=True)
    assert "0  none above threshold  " in lines[2]


def test_where_nobody_was_found_the_reason_stands_once(printed):
    lines = printed(PhotoResult("a.jpg", 9, 9, reason="no face"), width=80, people=True)
    assert lines[2:] == ["a.jpg  no face"]


def test_an_error_in_a_list_gives_its_line(printed):
    result = PhotoResult("people.txt", error="people.txt, line 3: expected x1 < x2")
    assert printed(result, width=80)[1:] == ["people.txt  error: line 3: expected x1 < x2"]
