"""Runs the steps of a pipeline, those that are done left out."""

import dataclasses
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import emo_tf
from emo_tf.errors import EmoError
from emo_tf.pipeline.process import run_process
from emo_tf.pipeline.records import Record, Records, difference, only_one
from emo_tf.pipeline.step import Digest, Step

# With -P, as with the program `emo-tf`, modules in the folder of the file are passed over.
PROGRAM = (sys.executable, "-P", "-m", "emo_tf")
EARLIER = "earlier"
"""Folder beside what is set aside, with one numbered folder each time."""

DONE, SKIPPED, FAILED, NOT_RUN = "done", "skipped", "failed", "not run"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a step.

    Attributes:
        step: Its name.
        result: `done`, `skipped`, `failed` or `not run`.
        seconds: How long it took, the look at what has changed included.
        code: Exit code of its command.
    """

    step: str
    result: str
    seconds: float = 0.0
    code: int = 0


@dataclass(frozen=True)
class _State:
    """A step as it stands: what it would be started with now, and why it has to run, if it has."""

    record: Record
    before: Record | None
    reason: str | None
    anew: bool


def run_steps(
    steps: Sequence[Step],
    *,
    run_dir: Path,
    folder: Path,
    say: Callable[[str], None],
    first_forced: str | None = None,
    program: Sequence[str] = PROGRAM,
) -> list[Outcome]:
    """Runs every step whose inputs, command or outputs are not those of its last good run.

    A step that fails is the last: nothing after it runs, and the next call goes on with it. What
    a step is started with is written down before it starts, so one that was killed is known.

    Args:
        steps: The steps in their order.
        run_dir: Folder of the run, where `pipeline.json` is kept.
        folder: Where the commands run.
        say: Called with lines for a person.
        first_forced: This step and those behind it run in any case, but for a push of what is
            served already.
        program: What the arguments of a step are given to.

    Returns:
        What became of each step.

    Raises:
        EmoError: Another pipeline works on the run, what it remembers is damaged, a step left
            nothing where it should, or stands where another made what it is to make.
        KeyboardInterrupt: It was interrupted; the step that ran has ended.
    """
    outcomes = []
    with only_one(run_dir) as lock:
        records = Records(run_dir)
        for step, forced in _with_force(steps, first_forced):
            start = perf_counter()
            if outcomes and outcomes[-1].result in (FAILED, NOT_RUN):
                outcomes.append(Outcome(step=step.name, result=NOT_RUN))
                continue
            state = _state(step, records.get(step.name), forced=forced)
            code, result = 0, SKIPPED
            if state.reason is not None:
                say(f"{step.name}: {state.reason}")
                _make_room(step, state, say)
                records.put(step.name, state.record)
                code = _run(step, program=program, folder=folder, lock=lock, say=say)
                result = FAILED if code else DONE
            if result == DONE:
                outputs = _outputs(step)
                records.put(step.name, dataclasses.replace(state.record, outputs=outputs))
            seconds = perf_counter() - start
            outcomes.append(Outcome(step=step.name, result=result, seconds=seconds, code=code))
    return outcomes


def preview(
    steps: Sequence[Step], *, run_dir: Path, first_forced: str | None = None
) -> dict[str, str | None]:
    """Returns why each step would run, by its name; `None` for one that is done.

    Nothing is run or written. What an earlier step will leave is not known: a step that reads it
    is said to run too.

    Args:
        steps: As for `run_steps`.
        run_dir: As for `run_steps`.
        first_forced: As for `run_steps`.

    Raises:
        EmoError: What the pipeline remembers is damaged.
    """
    records = Records(run_dir)
    reasons: dict[str, str | None] = {}
    written: set[str] = set()
    for step, forced in _with_force(steps, first_forced):
        reason = _state(step, records.get(step.name), forced=forced).reason
        touched = [name for name in step.inputs if name in written]
        if reason is None and touched:
            reason = f"{touched[0]} may change"
        if reason is not None:
            written |= set(step.outputs)
        reasons[step.name] = reason
    return reasons


def _with_force(steps: Sequence[Step], first_forced: str | None) -> Iterable[tuple[Step, bool]]:
    forced = False
    for step in steps:
        forced = forced or step.name == first_forced
        yield step, forced


def _state(step: Step, before: Record | None, *, forced: bool) -> _State:
    record = Record(
        arguments=step.all_arguments,
        package=emo_tf.__version__,
        inputs=_taken(step.inputs),
    )
    new = None if before is None else record.new_to(before)
    # A command that would make something else must not go on with what is there.
    anew = before is not None and (forced or new is not None or not step.resumes)
    if step.pending is not None:
        reason = step.pending()
    elif forced:
        reason = "asked for"
    elif before is None:
        reason = "it never ran"
    elif new is not None:
        reason = new
    elif before.outputs is None:
        reason = "it did not end"
    else:
        reason = difference(_taken(step.outputs), before.outputs)
    return _State(record, before, reason, anew)


def _run(
    step: Step, *, program: Sequence[str], folder: Path, lock: int, say: Callable[[str], None]
) -> int:
    """Runs the command of a step, said before, and returns its exit code."""
    for option, value in step.absent():
        say(f"{value} holds nothing yet: {option} is left out")
    command = step.command()
    say(f"$ {shlex.join(['emo-tf', *command])}")
    return run_process([*program, *command], folder=folder, inherited=lock)


def _taken(digests: Mapping[str, Digest]) -> dict[str, str | None]:
    return {name: digest() for name, digest in digests.items()}


def _outputs(step: Step) -> dict[str, str | None]:
    outputs = _taken(step.outputs)
    missing = [name for name, digest in outputs.items() if digest is None]
    if missing:
        raise EmoError(f"{step.name}: expected it to write {missing[0]}. Received: no such file")
    return outputs


def _make_room(step: Step, state: _State, say: Callable[[str], None]) -> None:
    """Sets aside what a command would take for its own unfinished or finished work."""
    if state.before is None and step.made_here is not None and step.made_here.exists():
        raise EmoError(
            f"{step.made_here}: expected none yet, as {step.name} is to make it. Received: one "
            "that something else made; remove it or choose another folder"
        )
    found = [path for one in step.leftovers for path in sorted(one.parent.glob(one.name))]
    if state.anew and found:
        target = _new_folder(found[0].parent / EARLIER)
        for path in found:
            path.rename(target / path.name)
        say(f"Set aside as {target}: {', '.join(path.name for path in found)}")


def _new_folder(parent: Path) -> Path:
    """Makes the folder of the next number."""
    number = 1
    while (folder := parent / str(number)).exists():
        number += 1
    folder.mkdir(parents=True)
    return folder
