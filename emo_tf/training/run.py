"""From an experiment and what lies on the disk to a finished run, whatever its task."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

from emo_tf.data import builders, miniature
from emo_tf.data.photographs import FER2013_CROP, Photographs
from emo_tf.errors import EmoError
from emo_tf.training.config import Experiment
from emo_tf.training.emotic import train_emotic
from emo_tf.training.emotic_config import EmoticExperiment
from emo_tf.training.expression import train_expression
from emo_tf.training.group import train_group
from emo_tf.training.group_config import GroupExperiment
from emo_tf.training.strategy import Cluster
from emo_tf.training.video import train_video
from emo_tf.training.video_config import VideoExperiment

MINIATURE_SIZES = {
    "affectnet": 80,
    "emotic": 80,
    "fer2013": 400,
    "group_affect": 60,
    "raf_db": 80,
    "vtt_friends": 60,
}
"""How many people, faces, pictures or clips a smoke run's data set has."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a run starts from.

    Attributes:
        run_dir: Folder of the run.
        data_dir: Where prepared data sets lie.
        manual_dir: Folder with the raw files; needed until the data set has been built.
        initial: Runs whose best weights to start from, or `.keras` files of an EMOTIC network, for
            models of groups, which alone may start from several, or of videos, which also start
            from `.tflite` files.
        backbones: `.keras` files for the branches of an EMOTIC network to start from.
        photographs: Folder or archive of labelled photographs, for expressions and videos.
        miniature: Whether to draw the data set's miniature where there is nothing else.
    """

    run_dir: Path
    data_dir: Path
    manual_dir: Path | None = None
    initial: tuple[Path, ...] = ()
    backbones: Mapping[str, Path | None] = field(default_factory=dict)
    photographs: Path | None = None
    miniature: bool = False


def start_run(
    experiment: Experiment,
    start: Start,
    *,
    cluster: Cluster,
    say: Callable[[str], None],
    **options: object,
) -> str:
    """Runs an experiment to its end.

    Args:
        experiment: What to train and how.
        start: What to start from.
        cluster: The devices.
        say: Called with a line on what takes a while before training begins.
        **options: As for `Trainer`.

    Returns:
        What came out, in some lines for a person.

    Raises:
        EmoError: The data cannot be had, an argument belongs to another task, or training failed.
    """
    if experiment.deterministic:
        tf.config.experimental.enable_op_determinism()
    backbones = {branch: path for branch, path in start.backbones.items() if path is not None}
    is_emotic = isinstance(experiment, EmoticExperiment)
    is_group = isinstance(experiment, GroupExperiment)
    is_video = isinstance(experiment, VideoExperiment)
    if (is_emotic or is_group) and start.photographs is not None:
        raise _of_another_task("--photographs", experiment)
    if not is_emotic and backbones:
        raise _of_another_task(f"--{next(iter(backbones))}-backbone", experiment)
    if not is_group and len(start.initial) > 1:
        raise EmoError(
            f"--init: expected it once for an experiment of the task {experiment.task}. "
            f"Received: {', '.join(map(str, start.initial))}"
        )
    first = next(iter(start.initial), None)
    photographs = Photographs.read(start.photographs) if start.photographs else None
    if is_video:
        datasets = _datasets(experiment, start, cluster=cluster, say=say)
        metrics = train_video(
            experiment,
            start.run_dir,
            datasets=datasets,
            cluster=cluster,
            initial=first,
            photographs=photographs,
            **options,
        )
        return _video_summary(metrics, start.run_dir)
    manual_dir, data_dir = _data(experiment.dataset, start, cluster=cluster, say=say)
    if is_emotic or is_group:
        with builders.without_headlines():
            dataset = builders.prepare(experiment.dataset, manual_dir=manual_dir, data_dir=data_dir)
    if is_group:
        metrics = train_group(
            experiment,
            start.run_dir,
            dataset=dataset,
            cluster=cluster,
            initial=start.initial,
            **options,
        )
        return _group_summary(experiment, metrics, start.run_dir)
    if is_emotic:
        metrics = train_emotic(
            experiment,
            start.run_dir,
            dataset=dataset,
            cluster=cluster,
            initial=first,
            backbones=backbones,
            **options,
        )
        return _emotic_summary(metrics, start.run_dir)
    metrics = train_expression(
        experiment,
        start.run_dir,
        manual_dir=manual_dir,
        data_dir=data_dir,
        photographs=photographs.crops(FER2013_CROP) if photographs else None,
        initial_run=first,
        cluster=cluster,
        **options,
    )
    return _expression_summary(metrics, start.run_dir)


def _datasets(
    experiment: VideoExperiment, start: Start, *, cluster: Cluster, say: Callable[[str], None]
) -> dict[str, tfds.core.DatasetBuilder]:
    """Returns the data sets of an experiment that may have several, built where they were not.

    Raises:
        EmoError: More than one is missing, and there is only one folder with raw files.
    """
    missing = [
        name
        for name in experiment.datasets
        if not builders.builder(name, data_dir=start.data_dir).is_prepared()
    ]
    if len(missing) > 1 and (start.manual_dir is not None or not start.miniature):
        commands = "; ".join(
            f"`emo-tf data build {name} --manual-dir RAW --data-dir {start.data_dir}`"
            for name in missing
        )
        raise EmoError(
            f"{start.data_dir}: expected the data sets {', '.join(experiment.datasets)} in it, all "
            f"but one of them built beforehand. Received: none of {', '.join(missing)}; {commands}"
        )
    found = {}
    for name in experiment.datasets:
        manual_dir, data_dir = _data(name, start, cluster=cluster, say=say)
        with builders.without_headlines():
            found[name] = builders.prepare(name, manual_dir=manual_dir, data_dir=data_dir)
    return found


def _data(
    name: str, start: Start, *, cluster: Cluster, say: Callable[[str], None]
) -> tuple[Path, Path]:
    """Returns where the raw files and the prepared data set lie, or are to lie."""
    data_dir = start.data_dir
    if builders.builder(name, data_dir=data_dir).is_prepared():
        return start.manual_dir or data_dir, data_dir  # The raw files are not looked at.
    if cluster.workers > 1:
        raise EmoError(
            f"{data_dir}: expected the data set {name} in it, built before several workers read "
            f"it. Received: none; `emo-tf data build {name} --manual-dir RAW --data-dir {data_dir}`"
        )
    if start.manual_dir is not None:
        say(f"Building the data set {name} in {data_dir}")
        return start.manual_dir, data_dir
    if not start.miniature:
        raise EmoError(
            f"--manual-dir: expected the folder with the raw files of {name}, which has not been "
            f"built in {data_dir} yet. Received: none"
        )
    corpus = name.partition("/")[0]
    folder = data_dir / "miniature" / corpus
    raw, drawn = folder / "raw", folder / "data"
    if not raw.is_dir():
        say(f"Drawing the miniature of {corpus} in {folder}: no raw files were given")
        miniature.write(corpus, raw, size=MINIATURE_SIZES[corpus])
    return raw, drawn


def _of_another_task(option: str, experiment: Experiment) -> EmoError:
    return EmoError(
        f"{option}: expected an experiment that takes it. Received: {experiment.name}, of the task "
        f"{experiment.task}"
    )


def _emotic_summary(metrics: dict, run_dir: Path) -> str:
    validation = metrics["val"]
    precision = validation["mean_average_precision"]
    told = "none" if precision is None else f"{100 * precision:.2f}"
    return (
        f"Validation: mAP {told}, mean absolute error of valence, arousal and dominance "
        f"{validation['vad_mean_absolute_error']['mean']:.3f}\n"
        f"Wrote {run_dir / 'model.keras'}, {run_dir / 'thresholds.json'} and "
        f"{run_dir / 'metrics.json'}"
    )


def _group_summary(experiment: GroupExperiment, metrics: dict, run_dir: Path) -> str:
    figures = metrics[experiment.validation_split]
    lines = [
        f"started from {path}: {', '.join(parts)}"
        for path, parts in metrics["started_from"].items()
    ]
    lines += [
        f"Validation ({experiment.validation_split}): accuracy {figures['accuracy']:.2%} of "
        f"{figures['pictures']:,} pictures, {figures['without_verdict']:,} without a verdict",
        f"Wrote {run_dir / 'model.keras'} and {run_dir / 'metrics.json'}",
    ]
    return "\n".join(lines)


def _video_summary(metrics: dict, run_dir: Path) -> str:
    lines = [
        f"started from {path}: {len(layers)} layers"
        for path, layers in metrics["started_from"].items()
    ]
    measured = {
        name: figures
        for name, figures in metrics.items()
        if isinstance(figures, dict) and "accuracy" in figures
    }
    for name, figures in measured.items():
        frames = figures.get("frame_accuracy")
        of_frames = "" if frames is None else f", of single frames {frames:.2%}"
        lines.append(
            f"{name}: accuracy {figures['accuracy']:.2%} of {figures['examples']:,} "
            f"examples{of_frames}, mean recall {figures['mean_recall']:.2%}"
        )
    return "\n".join([*lines, f"Wrote {run_dir / 'model.keras'} and {run_dir / 'metrics.json'}"])


def _expression_summary(metrics: dict, run_dir: Path) -> str:
    public = metrics["public_test"]
    return (
        f"PublicTest: accuracy {public['accuracy']:.2%}, mean recall {public['mean_recall']:.2%}, "
        f"expected calibration error {public['expected_calibration_error']:.3f}\n"
        f"Wrote {run_dir / 'model.keras'} and {run_dir / 'metrics.json'}"
    )
