"""What answers look like, for the OpenAPI file: nothing here is checked while the server runs.

Photos have the shape of `emo_tf.results.PhotoResult`; a test holds both together.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]
Point = Annotated[list[float], Field(min_length=2, max_length=2, description="x and y in pixels.")]
Box = Annotated[
    list[float],
    Field(
        min_length=4,
        max_length=4,
        description="x, y, width and height in pixels of the upright picture.",
    ),
]
Distribution = Annotated[
    dict[str, Probability], Field(description="Probabilities of all labels; they add up to 1.")
]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Error(_Exact):
    """Why there is no answer."""

    error: Annotated[str, Field(description="What was expected and what came.")]


class ExpressionAnswer(_Exact):
    """The apparent expression of a face."""

    label: str
    probabilities: Distribution


class FaceAnswer(_Exact):
    """A face."""

    box_xywh: Box
    score: Annotated[float, Field(description="How sure the detector is.")]
    landmarks: Annotated[
        list[Point],
        Field(
            min_length=5,
            max_length=5,
            description="Left eye, right eye, nose, left and right corner of the mouth, as seen "
            "in the picture.",
        ),
    ]
    expression: ExpressionAnswer | None


class CategoryAnswer(_Exact):
    """How far one of EMOTIC's 26 categories applies to a person."""

    label: str
    score: float
    threshold: float | None
    above: Annotated[bool, Field(description="Whether the score lies above the threshold.")]


class VadAnswer(_Exact):
    """Apparent valence, arousal and dominance on the scale of 1 to 10, which a model may leave."""

    valence: float
    arousal: float
    dominance: float


class PersonAnswer(_Exact):
    """A person in the scene."""

    box_xywh: Box
    score: float | None
    categories: list[CategoryAnswer]
    vad: VadAnswer


class GroupAnswer(_Exact):
    """The verdict on the picture as a whole."""

    label: str
    probabilities: Distribution
    source: Annotated[str, Field(description="The evidence that the verdict follows.")]
    verdicts: Annotated[
        dict[str, Distribution | None],
        Field(description="What each source of evidence says, null where it had none."),
    ]
    face_weights: Annotated[list[float], Field(description="How much each face counted.")]
    note: Annotated[str | None, Field(description="Which faces were not looked at, if any.")]


class PhotoAnswer(_Exact):
    """Everything that is recognised in a picture."""

    source: Annotated[str, Field(description="The file name that came with the picture.")]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    faces: list[FaceAnswer]
    people: Annotated[
        list[PersonAnswer], Field(description="Empty without a model of task emotic.")
    ]
    group: GroupAnswer | None
    reason: Annotated[str | None, Field(description="Why nobody was found, or no verdict.")]
    timings_ms: dict[str, float]


class VersionState(_Exact):
    """How TensorFlow Serving tells of a version."""

    class Status(_Exact):
        """Why a version is not served."""

        error_code: Annotated[str, Field(examples=["OK"])]
        error_message: str

    version: Annotated[str, Field(examples=["1"])]
    state: Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]
    status: Status


class ModelStates(_Exact):
    """The versions of a model, the highest first."""

    model_version_status: list[VersionState]


class ModelSpec(_Exact):
    """Which model it is."""

    name: str
    signature_name: str
    version: str


class ModelDescription(BaseModel):
    """The signatures of a model, as TensorFlow Serving tells of them, and what it is."""

    model_spec: ModelSpec
    metadata: dict
    emo_tf: Annotated[
        dict, Field(description="Task, labels, thresholds, kind of score, description, licence.")
    ]


class ListedModel(BaseModel):
    """A model that is served."""

    name: str
    version: int
    task: str
    labels: list[str]


class UsedModel(_Exact):
    """A model that looks at photos."""

    model: str
    version: int


class Analysis(_Exact):
    """The models behind `/v1/analyze`, by task."""

    expression: UsedModel
    emotic: UsedModel | None
    group: list[UsedModel] | None


class Limits(_Exact):
    """What a request may be."""

    bytes: Annotated[int, Field(description="Bytes of a body.")]
    pixels: Annotated[int, Field(description="Pixels of a picture.")]
    seconds: Annotated[float, Field(description="Seconds to the answer.")]


class Models(_Exact):
    """What is served."""

    models: list[ListedModel]
    analysis: Analysis
    limits: Limits


class RowAnswers(_Exact):
    """An answer for each instance: the values of the one output, or objects by output."""

    predictions: list


class ColumnAnswers(_Exact):
    """The values of the one output, or lists by output."""

    outputs: list | dict


class Health(_Exact):
    """How the server is."""

    status: Annotated[str, Field(examples=["ok"])]
