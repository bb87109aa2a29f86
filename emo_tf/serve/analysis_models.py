"""Which of the served models look at whole photos."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emo_tf.errors import EmoError, unknown_name
from emo_tf.model_metadata import EMOTIC, EXPRESSION, GROUP, PHOTO_TASKS
from emo_tf.serve.model_root import ModelVersion, shipped_version

OPTION = "--analyze"


@dataclass(frozen=True)
class ServedModel:
    """The `version` of a model that is served, and the `task` that it is for."""

    version: ModelVersion
    task: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.version.name

    @property
    def file(self) -> Path:
        """Its `.tflite` file."""
        return self.version.file

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {"model": self.name, "version": self.version.number}


@dataclass(frozen=True)
class AnalysisModels:
    """The models that look at photos, by task.

    Attributes:
        expression: Looks at faces.
        emotic: Looks at people in their scenes, if there is one.
        group: Look at whole pictures of people, in the order of their names; `None` where no
            verdict on them is wanted.
        left_out: Models of a task that another one is taken for.
    """

    expression: ServedModel
    emotic: ServedModel | None = None
    group: tuple[ServedModel, ...] | None = ()
    left_out: tuple[ServedModel, ...] = field(default=(), compare=False)

    def to_dict(self) -> dict:
        """Returns plain types, as JSON has them."""
        return {
            EXPRESSION: self.expression.to_dict(),
            EMOTIC: self.emotic.to_dict() if self.emotic else None,
            GROUP: None if self.group is None else [model.to_dict() for model in self.group],
        }


def check_choice(served: Sequence[ServedModel], names: Sequence[str]) -> None:
    """Checks that it is clear which models are to look at photos.

    Args:
        served: The models that are served, one version of each.
        names: The names that were asked for; all are if there is none.

    Raises:
        EmoError: A name is unknown or of a model of another task, or two models are of a task of
            which one alone can be used.
    """
    by_name = {model.name: model for model in served}
    for name in names:
        if name not in by_name:
            raise unknown_name(f"model of {OPTION}", name, by_name)
        if by_name[name].task not in PHOTO_TASKS:
            raise EmoError(
                f"{OPTION} {name}: expected a model of task {', '.join(PHOTO_TASKS)}. "
                f"Received: {by_name[name].task}"
            )
    for task in (EXPRESSION, EMOTIC):
        rivals = [model.name for model in _candidates(served, names) if model.task == task]
        if len(rivals) > 1:
            raise EmoError(
                f"{OPTION}: expected the one model of task {task} that is to look at photos. "
                f"Received: {' and '.join(rivals)}"
            )


def choose_models(
    served: Sequence[ServedModel],
    names: Sequence[str] = (),
    *,
    group: bool = True,
    before: AnalysisModels | None = None,
) -> AnalysisModels:
    """Chooses the models that look at photos.

    Of several of a task of which one alone can be used, the one that was taken before is taken, or
    the first. The shipped model stands in where there is none of task expression.

    Args:
        served: The models that are served, one version of each, in the order of their names.
        names: The names that were asked for; all are if there is none.
        group: Whether photos are judged as a whole.
        before: The models in use.
    """
    candidates = _candidates(served, names)
    chosen, left_out = {}, []
    for task in (EXPRESSION, EMOTIC):
        rivals = [model for model in candidates if model.task == task]
        used = getattr(before, task) if before else None
        taken = next((one for one in rivals if used and one.name == used.name), None)
        chosen[task] = taken or next(iter(rivals), None)
        left_out += [model for model in rivals if model is not chosen[task]]
    return AnalysisModels(
        expression=chosen[EXPRESSION] or ServedModel(shipped_version(), EXPRESSION),
        emotic=chosen[EMOTIC],
        group=tuple(model for model in candidates if model.task == GROUP) if group else None,
        left_out=tuple(left_out),
    )


def _candidates(served: Sequence[ServedModel], names: Sequence[str]) -> list[ServedModel]:
    if names:
        return [model for model in served if model.name in names]
    shipped = shipped_version()
    return [model for model in served if model.version != shipped]
