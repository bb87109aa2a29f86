"""`emo-tf data describe`: the classes and sizes of a data set."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from emo_tf.cli.data.counts import print_sizes
from emo_tf.cli.workshop import loading


def describe(
    name: Annotated[str, typer.Argument(help="Data set, e.g. `emotic`, `group_affect/faces`.")],
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, help="Where prepared data sets lie.")
    ] = Path("data"),
) -> None:
    """Print what a data set holds: its features, its classes, and how many examples there are.

    The published sizes are known without the data; the sizes of what was built stand beside them.
    A data set of several configurations takes the one behind the slash, or its first.

    **Examples**

    `emo-tf data describe emotic`

    `emo-tf data describe fer2013 --data-dir ~/tensorflow_datasets`
    """
    with loading("data describe"):
        from emo_tf.data import builders, features
    dataset = builders.builder(name, data_dir=data_dir)
    first_line = (type(dataset).__doc__ or name).split("\n", maxsplit=1)[0]
    print(f"{_full_name(dataset)} {dataset.version}: {first_line}")
    print(f"home: {dataset.info.homepage}")
    print(f"how to obtain it: {dataset.code_path.parent / 'README.md'}\n")
    console = Console(file=sys.stdout, highlight=False)
    if dataset.builder_configs:
        configurations = Table("configuration", "what it is", box=None, pad_edge=False)
        for config, about in dataset.builder_configs.items():
            configurations.add_row(f"{dataset.name}/{config}", about.description)
        console.print(configurations)
        print()
    table = Table("feature", "what it is", box=None, pad_edge=False)
    for path, text in features.describe(dataset.info.features):
        table.add_row(path, text)
    console.print(table)
    print()
    print_sizes(dataset)
    for line in ["", *dataset.notes()]:
        print(line)
    if dataset.is_prepared():
        megabytes = dataset.info.dataset_size / 1e6
        print(f"{megabytes:,.1f} MB as {dataset.info.file_format.value} in {dataset.data_path}")


def _full_name(dataset) -> str:
    config = dataset.builder_config
    return dataset.name if config is None else f"{dataset.name}/{config.name}"
