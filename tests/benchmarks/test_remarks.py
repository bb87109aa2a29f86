from benchmarks import run
from benchmarks.remarks import read_remarks
from benchmarks.report import all_rows


def rows_by_name() -> dict[str, dict]:
    records = run.kept_records(run.RECORDS).values()
    trainings = {target: run.training_figures(folder) for target, folder in run.FIGURES.items()}
    return {row["what"]: row for row in all_rows(list(records), trainings)}


def test_every_telling_figure_has_been_measured():
    rows, telling = rows_by_name(), read_remarks().telling
    assert len(telling) == 10
    assert [one.row for one in telling if one.row not in rows] == []
    assert [one.peer_row for one in telling if one.peer_row and one.peer_row not in rows] == []


def test_a_missed_bar_has_its_reason():
    missed = [what for what, row in rows_by_name().items() if row["met"] is False]
    why = read_remarks().missed
    assert [what for what in missed if not why.get(what)] == []
