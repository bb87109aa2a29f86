"""`emo-tf annotate --agreement`: how far annotators agree, as a table."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from emo_tf.annotation.agreement import agreement
from emo_tf.annotation.answer_store import AnswerStore
from emo_tf.cli.figure_table import AS_IS, plain_table
from emo_tf.cli.output import STANDARD_OUTPUT, check_targets, text_stream
from emo_tf.cli.wording import counted

_UNDEFINED = "-"


def print_agreement(file: Path, target: str | None) -> None:
    """Prints kappa of each choice and the deviations of the dimensions.

    Args:
        file: The answers.
        target: A file or `-` for the figures as JSON; `None` for none.

    Raises:
        EmoError: The file cannot be used, or nobody was labelled by two.
    """
    check_targets({"--json": target}, inputs={file})
    with AnswerStore.read(file) as store:
        found = agreement(store)
    figures = found.to_dict()
    console = Console(stderr=target == STANDARD_OUTPUT, highlight=False)
    annotators = ", ".join(f"{name} {count:,}" for name, count in figures["answers"].items())
    console.print(f"People labelled by each: {annotators}", **AS_IS)
    if figures["skips"]:
        skips = ", ".join(f"{name} {count:,}" for name, count in figures["skips"].items())
        console.print(f"Cannot be judged: {skips}", **AS_IS)
    people = counted(figures["compared"], "person", "people")
    console.print(f"Agreement on {people} whom two annotators or more labelled:", **AS_IS)
    choices = plain_table("Fleiss kappa", "95 % interval", "agreement", "share")
    for name, one in figures["categories"].items():
        choices.add_row(name, *_cells(one))
    choices.add_row(
        f"mean of {figures['defined']}",
        _number(figures["mean_kappa"]),
        "",
        "",
        "",
        end_section=True,
    )
    for name in ("gender", "age"):
        choices.add_row(name, *_cells(figures[name]))
    console.print(choices)
    scales = plain_table("deviation", "difference")
    for name, one in figures["vad"].items():
        scales.add_row(name, _number(one["deviation"]), _number(one["difference"]))
    console.print(scales)
    if target:
        with text_stream(target) as stream:
            stream.write(json.dumps(figures, indent=1) + "\n")
        if target != STANDARD_OUTPUT:
            console.print(f"Wrote {target}", **AS_IS)


def _cells(one: Mapping[str, float | None]) -> list[str]:
    interval = "" if one["low"] is None else f"{one['low']:.3f} to {one['high']:.3f}"
    return [_number(one["kappa"]), interval, _number(one["agreement"]), _number(one["share"])]


def _number(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.3f}"
