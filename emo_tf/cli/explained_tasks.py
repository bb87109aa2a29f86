"""How `emo-tf explain` explains one picture, by the task of the model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.cli.found_people import open_face_detector, open_people_finder
from emo_tf.cli.outcomes import rows_outside
from emo_tf.cli.refused_options import refuse_options
from emo_tf.cli.sources import PictureSource
from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.explanation.class_activation import GRAD_CAM
from emo_tf.explanation.face_explainer import FaceExplainer
from emo_tf.explanation.group_explainer import GroupExplainer
from emo_tf.explanation.person_explainer import PersonExplainer
from emo_tf.explanation.photo_explanation import PhotoExplanation
from emo_tf.export.run_files import RunFiles, read_run_files
from emo_tf.labels import EMOTIC_CATEGORIES, VAD
from emo_tf.model_metadata import EMOTIC, EXPRESSION, GROUP, ModelMetadata
from emo_tf.models.expression_net import expression_net
from emo_tf.models.tflite_weights import fill_from_tflite
from emo_tf.runtime.close_up import find_faces, find_faces_with_features
from emo_tf.runtime.expression import DEFAULT_MODEL
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.person_boxes import PersonBox
from emo_tf.tables import numbers
from emo_tf.weights import weight_path

Explain = Callable[[PictureSource, np.ndarray], Iterator[PhotoExplanation]]
"""From a picture to what the model looked at, and to an error a row of a list that is no use."""


@dataclass(frozen=True)
class ExplainSettings:
    """The options of `emo-tf explain` that say what is explained; `None` where one was not given.

    Attributes:
        category: One of the 26.
        dimension: One of three.
        verdict: One of three, of groups.
        expression: One of seven, of faces.
        layer: Whose map is taken.
        method: How it is made.
        box: The person of a single picture, `X,Y,W,H`.
        check: Whether people and faces are masked too.
        min_face: Length in pixels of the smallest face looked for.
        person_detector: A `.tflite` file that finds people.
    """

    category: str | None = None
    dimension: str | None = None
    verdict: str | None = None
    expression: str | None = None
    layer: str | None = None
    method: str | None = None
    box: str | None = None
    check: bool | None = None
    min_face: float | None = None
    person_detector: Path | None = None


def explain_by(
    model: Path | None, settings: ExplainSettings, sources: Sequence[PictureSource]
) -> Explain:
    """Opens a model and returns what explains a picture by it.

    Args:
        model: Folder of a run that has ended, or a `.keras` file; the shipped model of expressions
            if `None`.
        settings: What is explained.
        sources: The pictures that will come.

    Raises:
        EmoError: The model cannot be read or explained, or the settings do not go with it, with
            each other or with the pictures.
    """
    files = _shipped_model() if model is None else _read(model)
    task = files.metadata.task
    if task not in (EXPRESSION, EMOTIC, GROUP):
        raise EmoError(
            f"{files.path}: expected a model of task {EXPRESSION}, {EMOTIC} or {GROUP}. "
            f"Received: {files.metadata.name}, task {task}"
        )
    rows = next((source.rows for source in sources if source.rows), None)
    options = [
        ("--category", settings.category, [EMOTIC]),
        ("--dimension", settings.dimension, [EMOTIC]),
        ("--verdict", settings.verdict, [GROUP]),
        ("--expression", settings.expression, [EXPRESSION]),
        ("--box", settings.box, [EMOTIC]),
        ("--person-detector", settings.person_detector, [EMOTIC]),
        ("--check", settings.check, [EMOTIC, EXPRESSION]),
        ("a list of people", rows, [EMOTIC]),
    ]
    for option, value, tasks in options:
        if task not in tasks:
            refuse_options(
                {option: value},
                expected=f"a model of task {' or '.join(tasks)}",
                received=f"one of task {task}",
            )
    if task == EMOTIC:
        return _people(files, settings, sources)
    return _groups(files, settings) if task == GROUP else _faces(files, settings)


def _read(model: Path) -> RunFiles:
    if model.suffix == ".tflite":
        raise EmoError(
            f"{model}: expected a run or a .keras file, since maps are made of gradients. "
            "Received: an exported model"
        )
    return read_run_files(model)


def _shipped_model() -> RunFiles:
    """Returns the model of expressions that comes with the package, put back into its network."""
    path, model = weight_path(DEFAULT_MODEL), expression_net()
    fill_from_tflite(model, path)
    return RunFiles(path, model, ModelMetadata.read(path), config={}, metrics={}, data={})


def _faces(files: RunFiles, settings: ExplainSettings) -> Explain:
    explainer = FaceExplainer(
        files.model,
        files.metadata,
        source=str(files.path),
        explained=settings.expression,
        layer=settings.layer,
        method=settings.method or GRAD_CAM,
        check=settings.check is not False,
    )
    detector, nobody = open_face_detector(settings.min_face)

    def explain(source: PictureSource, image: np.ndarray) -> Iterator[PhotoExplanation]:
        faces = explainer.explain(image, find_faces(detector, image))
        yield PhotoExplanation(source.name, faces=faces, reason=None if faces else nobody)

    return explain


def _people(
    files: RunFiles, settings: ExplainSettings, sources: Sequence[PictureSource]
) -> Explain:
    explainer = PersonExplainer(
        files.model,
        files.metadata,
        source=str(files.path),
        explained=_category_or_dimension(settings),
        layer=settings.layer,
        method=settings.method or GRAD_CAM,
        check=settings.check is not False,
    )
    given, finding = None, {"--min-face": settings.min_face}
    if settings.box is not None:
        given = _given_box(settings.box, sources)
        finding["--person-detector"] = settings.person_detector
        refuse_options(finding, expected="no --box", received="both")
    finder, nobody = open_people_finder(
        person_detector=settings.person_detector, min_face=settings.min_face
    )

    def explain(source: PictureSource, image: np.ndarray) -> Iterator[PhotoExplanation]:
        height, width = image.shape[:2]
        errors = rows_outside(source.rows, width=width, height=height)
        if given:
            boxes = [given]
        elif source.rows:
            boxes = [PersonBox(row.box_xywh) for row in source.rows if row not in errors]
        else:
            boxes = finder.find(image)
        if boxes or not errors:
            with in_place("--box" if given else source.name):
                people = explainer.explain(image, boxes)
            yield PhotoExplanation(source.name, people=people, reason=None if people else nobody)
        for row, error in errors.items():
            yield PhotoExplanation(row.source_list, error=str(error))

    return explain


def _groups(files: RunFiles, settings: ExplainSettings) -> Explain:
    explainer = GroupExplainer(
        files.model,
        files.metadata,
        source=str(files.path),
        verdict=settings.verdict,
        layer=settings.layer,
        method=settings.method or GRAD_CAM,
    )
    learnt_from = files.metadata.detection.get("min_face", MIN_FACE)
    detector, nobody = open_face_detector(settings.min_face, usual=learnt_from)

    def explain(source: PictureSource, image: np.ndarray) -> Iterator[PhotoExplanation]:
        found = find_faces_with_features(detector, image)
        group = explainer.explain(image, *found)
        yield PhotoExplanation(source.name, group=group, reason=None if group else nobody)

    return explain


def _category_or_dimension(settings: ExplainSettings) -> str | None:
    """Returns what is explained, each option being good for names of its own."""
    options = {
        "category": (settings.category, EMOTIC_CATEGORIES),
        "dimension": (settings.dimension, VAD),
    }
    given = {kind: option for kind, option in options.items() if option[0] is not None}
    if len(given) > 1:
        raise EmoError("--category: expected no --dimension beside it. Received: both")
    for kind, (name, known) in given.items():
        if name not in known:
            raise unknown_name(kind, name, known)
        return name
    return None


def _given_box(text: str, sources: Sequence[PictureSource]) -> PersonBox:
    if len(sources) != 1 or sources[0].rows:
        raise EmoError("--box: expected one picture and no list of people. Received: others")
    fields = text.split(",")
    if len(fields) != 4:
        raise EmoError(f"--box: expected X,Y,W,H in pixels. Received: {text}")
    with in_place("--box"):
        return PersonBox(tuple(numbers(fields, name="X, Y, W or H")))
