"""Tables of how much a data set holds, beside what is published."""

import sys
from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table


def print_sizes(dataset) -> bool:
    """Prints how many examples a split and a class have; returns whether that is as published.

    Args:
        dataset: A builder of the package, prepared or not.
    """
    splits = dataset.info.splits if dataset.is_prepared() else {}
    built = {split: info.num_examples for split, info in splits.items()}
    table = Table("split", box=None, pad_edge=False)
    for column in ("examples", "published", "difference"):
        table.add_column(column, justify="right")
    for split in _rows(dataset.published_counts, built):
        count, published = _sum_of(built, split), dataset.published_counts.get(split)
        difference = None if None in (count, published) else count - published
        shown = "-" if difference is None else f"{difference:+,}" if difference else "0"
        table.add_row(split, _shown(count), _shown(published), shown)
    console = Console(file=sys.stdout, highlight=False)
    console.print(table)
    classes = _classes_table(dataset)
    if classes.row_count:
        print()
        console.print(classes)
    return all(_sum_of(built, split) == count for split, count in dataset.published_counts.items())


def _classes_table(dataset) -> Table:
    """Returns one row a class, and for each split what is built and what is published."""
    built = (dataset.info.metadata or {}).get("classes", {}) if dataset.is_prepared() else {}
    published = dataset.published_classes
    columns = []
    table = Table("class", box=None, pad_edge=False)
    for split in _rows(published, built):
        parts = [Counter(built[part]) for part in split.split("+") if built.get(part)]
        if parts:
            table.add_column(split, justify="right")
            columns.append(sum(parts, Counter()))
        if split in published:
            table.add_column("published" if parts else f"{split}, published", justify="right")
            columns.append(published[split])
    if columns:
        for name in dataset.info.features[dataset.CLASS_FEATURE].names:
            table.add_row(name, *(_shown(column.get(name, 0)) for column in columns))
    return table


def _rows(published: Mapping[str, object], built: Mapping[str, object]) -> list[str]:
    """Returns the splits to show; sums such as `train+validation` come last."""
    every = dict.fromkeys([*published, *built])
    return sorted(every, key=lambda split: "+" in split)


def _sum_of(built: Mapping[str, int], split: str) -> int | None:
    parts = [built[part] for part in split.split("+") if part in built]
    return sum(parts) if parts else None


def _shown(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"
