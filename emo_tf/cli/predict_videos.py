"""`emo-tf predict` of videos: faces that are followed, and their apparent expressions over time."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import typer
from rich.console import Console

from emo_tf.cli.group_options import group_settings
from emo_tf.cli.interruption import Stopped, interruptible
from emo_tf.cli.model_files import check_people_wanted, models_by_task
from emo_tf.cli.output import check_targets
from emo_tf.cli.sources import VideoSource, expand_videos
from emo_tf.cli.video_options import seconds_of
from emo_tf.cli.video_outputs import VideoTargets, video_outputs
from emo_tf.cli.video_pictures import plan_pictures
from emo_tf.cli.video_run import VideoRun
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.runtime.frame_choice import FrameChoice
from emo_tf.runtime.video_analyzer import VideoAnalyzer

SOME_FAILED = 1


def predict_videos(
    sources: Sequence[str],
    *,
    json: str | None,
    segments: str | None,
    csv: str | None,
    vtt: str | None,
    vtt_frames: str | None,
    draw: Path | None,
    plot: Path | None,
    every: int | None,
    fps: float | None,
    start: str | None,
    end: str | None,
    detect_every: int | None,
    min_face: float | None,
    threads: int | None,
    model: Sequence[Path],
    person_detector: Path | None,
    group: bool | None,
    scene_labels: Path | None,
    scene_network: Path | None,
    ensemble: Path | None,
    max_pixels: int,
) -> None:
    """Analyses videos one after the other, writes what was found and prints the segments.

    The arguments are the options of `emo-tf predict`. Where no word is on it, verdicts on groups
    are given if something is given that they rest on.

    Raises:
        EmoError: The options do not go together, or a file cannot be used.
        typer.Exit: Some videos could not be read to their ends.
        Stopped: Ctrl-C was pressed; all that was found until then is written.
    """
    started = perf_counter()
    choice = FrameChoice(
        every=every or 1,
        fps=fps,
        start_s=seconds_of(start, "--start"),
        end_s=seconds_of(end, "--end"),
    )
    models = models_by_task(model, videos=True)
    check_people_wanted(models, ["--person-detector"] * (person_detector is not None))
    found = expand_videos(sources, left_out=draw)
    readable = [source for source in found if source.error is None]
    evidence = [file for file in (scene_labels, scene_network, ensemble) if file]
    if group is None:
        group = bool(models.group or evidence)
    targets = VideoTargets(json=json, segments=segments, csv=csv, vtt=vtt, vtt_frames=vtt_frames)
    pictures = plan_pictures(
        readable, draw=draw, plot=plot, group=group, start_s=choice.start_s, end_s=choice.end_s
    )
    _check_single(targets, readable)
    drawn = {str(path): str(path) for path in pictures.files}
    inputs = {source.path for source in readable if source.path} | set(evidence)
    check_targets(targets.by_option() | drawn, inputs=inputs)
    judged_by = group_settings(
        scene_labels=scene_labels,
        scene_network=scene_network,
        ensemble=ensemble,
        models=models,
        pictures=[source.name for source in readable],
    )
    optional = {"detect_every": detect_every}
    analyzer = VideoAnalyzer(
        expression_model=models.expression,
        context_model=models.emotic,
        person_detector=person_detector,
        min_face=min_face,
        threads=threads,
        group=group,
        **judged_by,
        **{name: value for name, value in optional.items() if value is not None},
    )
    console = Console(stderr=targets.on_stdout, highlight=False)
    with ExitStack() as stack:
        # Entered first and left last: pressed once, Ctrl-C never keeps a file from being closed.
        interruption = stack.enter_context(interruptible())
        people = models.emotic is not None
        outputs = stack.enter_context(video_outputs(targets, people=people, group=group))
        run = VideoRun(
            found,
            analyzer=analyzer,
            reading=vars(choice) | {"max_pixels": max_pixels},
            pictures=pictures,
            outputs=outputs,
            console=console,
            interruption=interruption,
        )
        run.look_at_all()
    wrote = targets.files()
    if draw:
        wrote.append(f"{counted(run.counts['drawn'], 'video')} to {draw}")
    if plot:
        wrote.append(f"{counted(run.counts['plotted'], 'plot')} to {plot}")
    summary = ", ".join(run.summary(perf_counter() - started))
    for line in (summary, *(f"wrote {what}" for what in wrote)):
        console.print(line, markup=False, soft_wrap=True)
    if interruption.wished:
        raise Stopped(run.where_stopped())
    if run.counts["failed"]:
        raise typer.Exit(SOME_FAILED)


def _check_single(targets: VideoTargets, sources: Sequence[VideoSource]) -> None:
    """Checks that labels that do not name their video are asked for of one alone."""
    for option, target in (("--vtt", targets.vtt), ("--vtt-frames", targets.vtt_frames)):
        if target is not None and len(sources) > 1:
            raise EmoError(
                f"{option}: expected one video, as its labels do not name theirs. "
                f"Received: {len(sources)}"
            )
