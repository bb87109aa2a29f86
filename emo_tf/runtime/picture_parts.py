"""What looks at a picture besides its faces: people in context, models of groups, the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emo_tf.errors import EmoError
from emo_tf.runtime.group_judge import GroupJudge, open_judge
from emo_tf.runtime.group_models import GroupModels
from emo_tf.runtime.people import PeopleRecognizer

if TYPE_CHECKING:
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork


@dataclass(frozen=True, eq=False)
class PictureParts:
    """What looks at a picture besides its faces.

    Attributes:
        people: Finds and recognises people in context, if that was asked for.
        group_models: Models of groups; there may be none.
        judge: Gives the verdict on the picture as a whole, if one was asked for.
    """

    people: PeopleRecognizer | None
    group_models: GroupModels
    judge: GroupJudge | None


def open_picture_parts(
    *,
    group: bool,
    context_model: Path | None = None,
    person_detector: Path | None = None,
    group_models: Sequence[Path] = (),
    ensemble: Path | None = None,
    scene_network: "Path | SceneNetwork | None" = None,
    scene_labels: "Path | SceneLabels | None" = None,
    threads: int | None = None,
) -> PictureParts:
    """Opens whatever files `Analyzer` needs; the arguments are its own.

    Raises:
        EmoError: A file cannot be used, or the arguments do not go together.
    """
    if person_detector is not None and context_model is None:
        raise EmoError(
            "person_detector: expected a context_model too, which looks at the people found."
            f" Received: {person_detector} alone"
        )
    evidence = {
        "ensemble": ensemble,
        "scene_network": scene_network,
        "scene_labels": scene_labels,
    }
    given = ["group_models"] * bool(group_models)
    given += [name for name, value in evidence.items() if value is not None]
    if given and not group:
        raise EmoError(
            f"group: expected a verdict to be asked for with {' and '.join(given)}. "
            "Received: group=False"
        )
    models, judge, people = GroupModels(group_models, threads=threads), None, None
    if group:
        judge = open_judge(models=models.names, **evidence)
    if context_model is not None:
        people = PeopleRecognizer(context_model, person_detector=person_detector, threads=threads)
    return PictureParts(people, models, judge)
