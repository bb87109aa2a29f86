import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from emo_tf import plots
from emo_tf.errors import EmoError
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.metrics.average_precision import average_precision

LABELS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]])
SCORES = np.array([[0.9, 0.1, 0.3], [0.2, 0.8, 0.2], [0.4, 0.7, 0.1], [-0.3, 1.2, 0.0]])
NAMES = ("Anger", "Doubt/Confusion", "Yearning")
"""Four people; nobody has the last category."""


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def draw_split(people: int) -> tuple[np.ndarray, ...]:
    """Draws labels, scores, annotated and predicted VAD of a split of EMOTIC's 26 categories."""
    rng = np.random.default_rng(0)
    labels = rng.random((people, 26)) < 0.2
    vad_labels = rng.integers(1, 11, (people, 3))
    vad = np.clip(vad_labels + rng.normal(size=(people, 3)), 1, 10)
    return labels, rng.normal(size=(people, 26)), vad_labels, vad


def titles(figure: Figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes]


def test_the_panels_of_precision_and_recall_have_the_categories_in_order():
    figure = plots.precision_recall_figure(LABELS, SCORES, names=NAMES)
    assert titles(figure) == [
        "Anger\nAP 0.833, prevalence 0.500",
        "Doubt/Confusion\nAP 0.583, prevalence 0.500",
        "Yearning\nAP unknown",
    ]


def test_precision_and_recall_are_drawn_beside_the_prevalence():
    curve, prevalence = plots.precision_recall_figure(LABELS, SCORES, names=NAMES).axes[0].lines
    np.testing.assert_allclose(
        curve.get_xydata(), [[1, 1 / 2], [1, 2 / 3], [0.5, 0.5], [0.5, 1], [0, 1]]
    )
    np.testing.assert_allclose(prevalence.get_ydata(), 0.5)
    assert prevalence.get_linestyle() == "--"


def test_a_category_that_nobody_has_is_said_to_be_empty():
    axes = plots.precision_recall_figure(LABELS, SCORES, names=NAMES).axes
    assert [[text.get_text() for text in panel.texts] for panel in axes] == [
        [],
        [],
        ["no positive\nexample"],
    ]
    assert not axes[2].lines


def test_the_mean_average_precision_is_over_the_categories_that_somebody_has():
    figure = plots.precision_recall_figure(LABELS, SCORES, names=NAMES)
    assert "Precision and recall: mAP 0.708 (2 of 3 categories, 4 people)" in texts(figure)


def test_a_split_without_any_label_has_panels_but_no_curve():
    figure = plots.precision_recall_figure(np.zeros((1, 3)), SCORES[:1], names=NAMES)
    assert plots.figure_pixels(figure).std() > 0
    assert "Precision and recall: mAP nan (0 of 3 categories, 1 person)" in texts(figure)


def test_no_two_titles_overlap_with_the_categories_of_emotic():
    labels, scores, _, _ = draw_split(200)
    figure = plots.precision_recall_figure(labels, scores, names=EMOTIC_CATEGORIES)
    plots.figure_pixels(figure)
    pieces = [axes.title for axes in figure.axes] + figure.texts + figure.legends
    boxes = [piece.get_window_extent() for piece in pieces]
    overlaps = sum(a.overlaps(b) for index, a in enumerate(boxes) for b in boxes[:index])
    assert overlaps == 0


def test_calibration_tells_the_error_and_the_concordance_of_each_dimension():
    vad_labels = np.array([[1, 1, 5], [3, 3, 5], [5, 5, 5]])
    figure = plots.calibration_figure(vad_labels, vad_labels + np.arange(3))
    assert titles(figure)[:3] == [
        "Valence: MAE 0.00, CCC 1.00",
        "Arousal: MAE 1.00, CCC 0.84",
        "Dominance: MAE 2.00, CCC 0.00",
    ]


def test_calibration_draws_the_mean_prediction_for_each_annotated_value():
    vad_labels = np.array([[2.0] * 3, [2.4] * 3, [7.0] * 3])
    vad = np.array([[3.0] * 3, [4.0] * 3, [6.0] * 3])
    for axes in plots.calibration_figure(vad_labels, vad).axes[:3]:
        diagonal, means = axes.lines
        np.testing.assert_allclose(diagonal.get_xdata(), diagonal.get_ydata())
        np.testing.assert_allclose(means.get_xydata(), [[2, 3.5], [7, 6]])


def test_nobody_falls_out_of_the_calibration():
    vad_labels = np.array([[1.0, 10.0, 5.3], [10.0, 1.0, 9.99]])
    figure = plots.calibration_figure(vad_labels, np.array([[-3.0, 10.0, 1.0], [17.0, 1.0, 9.9]]))
    for axes in figure.axes[:3]:
        assert axes.collections[0].get_array().sum() == 2


def test_confusion_is_the_share_of_those_who_carry_the_label():
    predicted = [[1, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]]
    (image,) = plots.confusion_figure(LABELS, predicted, names=NAMES).axes[0].images
    shares = image.get_array()
    np.testing.assert_allclose(shares[:2], [[50, 100, 0], [0, 100, 0]])
    assert shares[2].mask.all()  # nobody carries it
    np.testing.assert_allclose(shares[3], [50, 75, 0])  # of everybody


def test_confusion_names_its_rows_with_their_people_and_writes_its_cells():
    predicted = [[1, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]]
    axes = plots.confusion_figure(LABELS, predicted, names=NAMES).axes[0]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["Anger (2)", "Doubt/Confusion (2)", "Yearning (0)", "Everybody (4)"]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(NAMES)
    assert [text.get_text() for text in axes.texts][:6] == ["50", "100", "0", "0", "100", "0"]


def test_an_ablation_is_sorted_by_what_the_full_model_gains():
    figure = plots.ablation_figure(
        {
            "B": {"Anger": 0.3, "Fear": 0.2, "Pain": None, "Peace": 0.5},
            "I": {"Anger": 0.1, "Fear": 0.25, "Pain": float("nan"), "Peace": 0.4},
            "B+I": {"Anger": 0.25, "Fear": 0.5, "Pain": None, "Peace": 0.6},
        }
    )
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["Fear", "Peace", "Anger", "Pain"]
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written[:4] == ["+25.0", "+10.0", "−5.0", "no positive example"]
    marks = {line.get_label(): line.get_xdata() for line in figure.axes[0].lines[-3:]}
    assert list(marks) == ["B (mAP 0.333)", "I (mAP 0.250)", "B+I (mAP 0.450)"]
    np.testing.assert_allclose(marks["B+I (mAP 0.450)"], [0.5, 0.6, 0.25, np.nan])
    assert "B+I has the best average precision in 2 of 3 categories" in texts(figure)


def test_an_ablation_may_hold_no_positive_example_at_all():
    figure = plots.ablation_figure({"B": {"Anger": None}, "B+I": {"Anger": None}})
    assert plots.figure_pixels(figure).std() > 0


def test_pixels_of_a_figure_are_rgb():
    pixels = plots.figure_pixels(plots.calibration_figure(np.ones((1, 3)), np.ones((1, 3))))
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    np.testing.assert_array_equal(pixels[0, 0], 255)


def test_a_saved_figure_looks_like_its_pixels(tmp_path):
    figure = plots.precision_recall_figure(LABELS, SCORES, names=NAMES)
    plots.save_figure(figure, tmp_path / "plots" / "curves.png")
    with Image.open(tmp_path / "plots" / "curves.png") as image:
        assert image.format == "PNG"
        saved = np.asarray(image.convert("RGB"), float)
    # A second drawing may move things by a fraction of a pixel.
    assert np.abs(saved - plots.figure_pixels(figure)).mean() < 1


def test_a_figure_that_cannot_be_saved_leaves_the_former_one(tmp_path, monkeypatch):
    path = tmp_path / "calibration.png"
    path.write_bytes(b"former")
    figure = plots.calibration_figure(np.ones((1, 3)), np.ones((1, 3)))

    def write_half(path, **_) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(figure, "savefig", write_half)
    with pytest.raises(OSError, match="no space left"):
        plots.save_figure(figure, path)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [
        ("calibration.png", b"former")
    ]


def test_figures_leave_the_settings_of_matplotlib_alone():
    before = mpl.rcParams.copy()
    labels, scores, vad_labels, vad = draw_split(20)
    areas = dict(zip(EMOTIC_CATEGORIES, average_precision(labels, scores), strict=True))
    plots.figure_pixels(plots.calibration_figure(vad_labels, vad))
    plots.figure_pixels(plots.ablation_figure({"B": areas, "B+I": areas}))
    assert mpl.rcParams.copy() == before


def test_figures_are_made_without_pyplot():
    code = """
import sys
from emo_tf import plots
plots.figure_pixels(plots.calibration_figure([[5, 5, 5]], [[5, 5, 5]]))
assert "matplotlib.figure" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: plots.precision_recall_figure(LABELS, SCORES, names=NAMES[:2]),
            r"names: expected one for each of 3 columns\. Received: 2",
        ),
        (
            lambda: plots.precision_recall_figure(LABELS, SCORES[:2], names=NAMES),
            r"scores: expected shape \(4, 3\), as labels has",
        ),
        (
            lambda: plots.confusion_figure(LABELS, LABELS[:2], names=NAMES),
            r"predicted: expected shape \(4, 3\), as labels has",
        ),
        (
            lambda: plots.confusion_figure(LABELS[:0], LABELS[:0], names=NAMES),
            r"labels: expected at least one person\. Received: none",
        ),
        (
            lambda: plots.calibration_figure(LABELS[:, :2], LABELS[:, :2]),
            r"vad_labels: expected 3 columns, valence to dominance\. Received: 2",
        ),
        (
            lambda: plots.ablation_figure({"B": {"Anger": 1.0}}),
            r"average_precision: expected two to 4 models\. Received: B",
        ),
        (
            lambda: plots.ablation_figure({"B": {"Anger": 1.0}, "I": {"Anger": 1, "Fear": 1}}),
            r"expected the same categories for B and I\. Received: Fear for one of them alone",
        ),
    ],
    ids=[
        "names of other categories",
        "scores of other people",
        "predictions of other people",
        "nobody",
        "two dimensions",
        "one model",
        "other categories",
    ],
)
def test_what_cannot_be_drawn_is_an_error(draw, message):
    with pytest.raises(EmoError, match=message):
        draw()
