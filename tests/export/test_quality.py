import pytest

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check, all_passed
from emo_tf.export.measured import read_measured
from emo_tf.export.quality import QualityLimits, judge_quality
from tests.blessable_exports import edit_report, paper_export, write_report

LIMITS = QualityLimits(minimum={"accuracy": 0.66})
LOOSE = QualityLimits(maximum={"expected_calibration_error": 1})


@pytest.fixture
def export(tmp_path):
    return paper_export(tmp_path / "export")


@pytest.fixture
def baseline(tmp_path):
    return paper_export(tmp_path / "baseline")


def judge(export, limits=LIMITS, *, baseline=None) -> dict[str, Check]:
    reference = None if baseline is None else read_measured(baseline)
    checks = judge_quality(read_measured(export), limits, baseline=reference)
    assert len({check.name for check in checks}) == len(checks)
    return {check.name: check for check in checks}


def failed(*arguments, **options) -> list[str]:
    checks = judge(*arguments, **options)
    return [name for name, check in checks.items() if check.passed is False]


def setting(file: str, metric: str, value: float | None, *, part: str | None = None):
    """Returns a change of a report: a metric of a file, or the accuracy of one of its slices."""

    def change(report: dict) -> None:
        figures = report["keras"] if file == "keras" else report["files"][file]
        (figures["slices"][part] if part else figures["metrics"])[metric] = value

    return change


def test_every_file_is_held_against_the_limits_and_its_own_keras_model(export):
    checks = judge(export)
    assert all_passed(checks.values())
    assert list(checks)[:5] == [
        "float32: accuracy",
        "float32: accuracy against Keras",
        "float32: label=happy against Keras",
        "float32: label=sad against Keras",
        "float32: label=disgust against Keras",
    ]
    assert [name.replace("float32", "int8") for name in list(checks)[:5]] == list(checks)[5:]
    assert checks["int8: accuracy"] == Check("int8: accuracy", 0.67, "at least 0.66", True)


@pytest.mark.parametrize(
    ("limits", "passes"),
    [
        (QualityLimits(minimum={"accuracy": 0.67}), True),
        (QualityLimits(minimum={"accuracy": 0.671}), False),
        (QualityLimits(maximum={"expected_calibration_error": 0.05}), True),
        (QualityLimits(maximum={"expected_calibration_error": 0.049}), False),
    ],
    ids=["at the minimum", "below it", "at the maximum", "above it"],
)
def test_a_limit_may_be_touched_and_not_be_crossed(export, limits, passes):
    assert all_passed(judge(export, limits).values()) is passes


@pytest.mark.parametrize(
    ("value", "passed"),
    [(0.66, True), (0.6599, False), (None, False), (float("nan"), False), (float("inf"), False)],
    ids=["at the drop", "past it", "null", "NaN", "infinite"],
)
def test_a_file_that_lost_too_much_to_its_own_keras_model_does_not_pass(export, value, passed):
    edit_report(export, setting("int8", "accuracy", value))
    assert failed(export, LOOSE) == ([] if passed else ["int8: accuracy against Keras"])


@pytest.mark.parametrize("value", [None, float("nan")], ids=["null", "NaN"])
def test_an_undefined_figure_is_within_no_limit(export, value):
    edit_report(export, setting("int8", "mean_recall", value))
    limits = QualityLimits(minimum={"mean_recall": 0}, maximum={"mean_recall": 1})
    checks = judge_quality(read_measured(export), limits)
    assert [check.passed for check in checks if check.name == "int8: mean_recall"] == [False, False]


def test_a_keras_model_without_the_metric_is_nothing_to_compare_with(export):
    edit_report(export, setting("keras", "accuracy", float("nan")))
    assert failed(export) == ["float32: accuracy against Keras", "int8: accuracy against Keras"]


@pytest.mark.parametrize(
    ("part", "value", "passed"),
    [
        ("label=sad", 0.45, True),
        ("label=sad", 0.44, False),
        ("label=sad", None, False),
        ("label=disgust", 0.1, None),
    ],
    ids=["at the drop", "past it", "null", "too few examples"],
)
def test_slices_with_enough_examples_are_judged(export, part, value, passed):
    edit_report(export, setting("int8", "accuracy", value, part=part))
    check = judge(export)[f"int8: {part} against Keras"]
    assert check.passed is passed
    assert check.value == value


def test_slices_that_are_passed_over_are_listed_with_their_number_of_examples(export):
    check = judge(export)["int8: label=disgust against Keras"]
    assert check.limit == "not judged: 29 of 30 examples"
    assert judge(export, QualityLimits(minimum={"accuracy": 0}, min_slice=29))[check.name].passed


def test_a_slice_on_which_the_metric_is_not_defined_is_not_judged(export):
    for file in ("keras", "float32", "int8"):
        edit_report(export, setting(file, "accuracy", None, part="label=sad"))
    check = judge(export)["int8: label=sad against Keras"]
    assert check.passed is None
    assert check.limit == "not judged: accuracy is not defined there"


def test_a_slice_that_vanished_fails(export):
    edit_report(export, lambda report: report["files"]["int8"]["slices"].pop("label=disgust"))
    assert failed(export) == ["int8: label=disgust against Keras"]


def test_the_baseline_is_compared_file_by_file_and_slice_by_slice(export, baseline):
    edit_report(baseline, setting("int8", "accuracy", 0.69))
    edit_report(baseline, setting("float32", "accuracy", 0.99, part="label=sad"))
    assert failed(export, QualityLimits(), baseline=baseline) == [
        "float32: label=sad against baseline",
        "int8: accuracy against baseline",
    ]


def test_a_file_that_the_baseline_lacks_is_compared_with_its_keras_model(export, baseline):
    edit_report(baseline, lambda report: report["files"].pop("int8"))
    edit_report(baseline, setting("keras", "accuracy", 0.69))
    name = "int8: accuracy against Keras of the baseline"
    assert failed(export, QualityLimits(), baseline=baseline) == [name]


def test_where_lower_is_better_a_rise_is_a_drop(export, baseline):
    def turn(report: dict) -> None:
        report["evaluation"]["better"]["accuracy"] = "lower"

    edit_report(export, turn)
    edit_report(baseline, turn)
    edit_report(baseline, setting("int8", "accuracy", 0.6))
    edit_report(baseline, setting("float32", "accuracy", 0.9))
    checks = judge(export, QualityLimits(), baseline=baseline)
    assert checks["int8: accuracy against baseline"].limit == "at most 0.61 (0.6 before)"
    assert not checks["int8: accuracy against baseline"].passed
    assert checks["float32: accuracy against baseline"].passed


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda report: report["evaluation"].update(split="train"), "baseline: measured on"),
        (lambda report: report["evaluation"].update(dataset="other"), "baseline: measured on"),
        (lambda report: report["evaluation"].update(examples=3588), "baseline: measured on"),
        (lambda report: report.update(evaluation=None), "baseline: measured on"),
        (lambda report: report["model"].update(task="emotic"), "baseline: task"),
    ],
    ids=["split", "data set", "examples", "no evaluation", "task"],
)
def test_a_baseline_that_was_measured_otherwise_fails_with_the_reason(
    export, baseline, change, name
):
    edit_report(baseline, change)
    assert failed(export, QualityLimits(), baseline=baseline) == [name]


def test_the_reason_names_the_examples_of_both(export, baseline):
    edit_report(baseline, lambda report: report["evaluation"].update(split="train"))
    check = judge(export, QualityLimits(), baseline=baseline)["baseline: measured on"]
    assert check.reason == (
        "baseline: measured on: expected accuracy on 3589 examples of fer2013, split public_test. "
        "Received: accuracy on 3589 examples of fer2013, split train"
    )


def test_an_export_that_was_never_measured_cannot_pass(export, baseline):
    edit_report(export, lambda report: report.update(evaluation=None))
    assert failed(export) == ["evaluation"]
    assert failed(export, QualityLimits(), baseline=baseline) == ["evaluation"]


def test_no_files_are_not_good_enough(export):
    edit_report(export, lambda report: report.update(files={}))
    assert not all_passed(judge(export).values())


def test_without_a_limit_and_a_baseline_there_is_nothing_to_judge_by(export):
    with pytest.raises(EmoError, match=r"expected a baseline, or a limit .* Received: neither"):
        judge(export, QualityLimits())


def test_an_unknown_metric_is_met_with_close_matches(export):
    with pytest.raises(EmoError, match="Unknown metric: did you mean accuracy"):
        judge(export, QualityLimits(maximum={"acuracy": 0.5}))


@pytest.mark.parametrize(
    "limits",
    [{"max_drop": -0.1}, {"max_slice_drop": float("nan")}, {"min_slice": 0}],
    ids=lambda limits: next(iter(limits)),
)
def test_limits_that_make_no_sense_are_refused(limits):
    with pytest.raises(EmoError, match=f"{next(iter(limits))}: expected"):
        QualityLimits(**limits)


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report.pop("files"),
        lambda report: report.update(files=[]),
        lambda report: report["evaluation"].pop("primary"),
        lambda report: report["evaluation"]["better"].update(accuracy="larger"),
        lambda report: report["evaluation"]["better"].pop("accuracy"),
        lambda report: report["files"]["int8"]["metrics"].update(accuracy="high"),
        lambda report: report["files"]["int8"]["slices"]["label=sad"].pop("accuracy"),
        lambda report: report["files"]["int8"].update(path="../model_int8.tflite"),
        lambda report: report["files"]["int8"].update(sha256=None),
        lambda report: report["files"]["int8"].update(difference={"tf.lite": 0.1}),
        lambda report: report.update(keras=None),
    ],
    ids=[
        *("no files", "files of another kind", "no primary metric", "no such direction"),
        *("primary without direction", "a word for a figure", "a slice without its figure"),
        *("a file elsewhere", "no hash", "a difference of another kind", "no figures of Keras"),
    ],
)
def test_a_damaged_report_is_refused(export, change):
    edit_report(export, change)
    with pytest.raises(EmoError, match=r"report\.json: expected the report of an export\. Rec"):
        read_measured(export)


def test_a_report_of_another_format_is_refused(tmp_path):
    write_report(tmp_path, {"format": 2})
    with pytest.raises(EmoError, match=r"report\.json: expected format 1\. Received: 2"):
        read_measured(tmp_path)
