"""The options about slices, and what examples have in the columns that are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from emo_tf.errors import EmoError, unknown_name
from emo_tf.groups.csv_rows import CsvRow, CsvTable
from emo_tf.metrics.example_slices import ExampleSlices
from emo_tf.metrics.slices import FEWEST
from emo_tf.runtime.picture_keys import check_told_apart, longest_ending

if TYPE_CHECKING:
    from emo_tf.data.examples import Examples

NOT_GIVEN = "not given"
"""What an example has where its cell is empty."""

SlicesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--slices",
        metavar="COLUMN",
        help="Also measure the examples apart by what they have in this column, such as `gender`; "
        "may be repeated.",
        show_default=False,
    ),
]
AttributesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv",
        help="For --slices, columns that the data set lacks: a row an example, named by the "
        "columns that the data set has too, such as `folder` and `filename`; of pictures by "
        "`image`.",
        show_default=False,
    ),
]
MinSliceOption = Annotated[
    int,
    typer.Option(metavar="N", min=1, help="Mark figures of slices that stand on fewer examples."),
]


@dataclass(frozen=True)
class SliceColumns:
    """The columns that examples are to be told apart by.

    Attributes:
        names: Of the data set or of the table.
        table: Columns that the data set lacks.
        fewest: Examples below which a figure is marked.
    """

    names: tuple[str, ...]
    table: CsvTable | None
    fewest: int

    @classmethod
    def chosen(
        cls, slices: Sequence[str] | None, *, attributes: Path | None, min_slice: int = FEWEST
    ) -> "SliceColumns | None":
        """Reads what the options say; `None` where no slices are asked for.

        Args:
            slices: The columns, or nothing.
            attributes: A table of examples with columns of its own, if there is one.
            min_slice: Figures of slices that stand on fewer examples are marked.

        Raises:
            EmoError: The table cannot be read, or there is one without slices.
        """
        if not slices:
            if attributes is not None:
                raise EmoError(
                    f"--attributes: expected --slices COLUMN with it. Received: {attributes} alone"
                )
            return None
        table = None if attributes is None else CsvTable.read(attributes)
        return cls(tuple(dict.fromkeys(slices)), table, min_slice)

    def of_examples(self, examples: "Examples") -> ExampleSlices:
        """Returns what the examples of a split have in the columns.

        Args:
            examples: The split of a prepared data set.

        Raises:
            EmoError: A column is unknown or both of the data set and of the table, or holds one
                value or more than 50; the table has not one row for each example.
        """
        names, own = examples.named_by, examples.attribute_names
        columns = () if self.table is None else self.table.columns
        self._check_names(own, columns)
        found = examples.attributes(
            dict.fromkeys([*names, *(name for name in own if name in (*columns, *self.names))])
        )
        if self.table is not None:
            self.table.require(names)
            key = [name for name in columns if name in own]
            found |= self._of_table({name: found[name] for name in key})
        clusters = list(map("/".join, zip(*(found[name] for name in names), strict=True)))
        return ExampleSlices({name: found[name] for name in self.names}, clusters, self.fewest)

    def of_pictures(self, images: Sequence[str]) -> ExampleSlices:
        """Returns what pictures have in the columns of the table.

        Args:
            images: Their paths; the column `image` has them or what they end with.

        Raises:
            EmoError: As `of_examples`, or there is no table.
        """
        if self.table is None:
            raise EmoError(
                "--slices: expected --attributes FILE.csv with it, as pictures in a folder have no "
                f"columns of their own. Received: {', '.join(self.names)} alone"
            )
        self._check_names((), self.table.columns)
        self.table.require(["image"])
        known = {row.text("image") for row in self.table.rows}
        check_told_apart(images, known, source=self.table.path)
        found = self._of_table({"image": [longest_ending(one, known) or one for one in images]})
        return ExampleSlices({name: found[name] for name in self.names}, images, self.fewest)

    def _check_names(self, own: Sequence[str], columns: Sequence[str]) -> None:
        for name in self.names:
            if name not in own and name not in columns:
                raise unknown_name("column of --slices", name, {*own, *columns})

    def _of_table(self, keys: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """Returns the columns of the table that are no key, in the order of the examples."""
        rows: dict[tuple[str, ...], CsvRow] = {}
        for row in self.table.rows:
            key = tuple(row.text(name) for name in keys)
            if key in rows:
                raise EmoError(
                    f"{row.place}: expected each example once. "
                    f"Received: {', '.join(key)}, as in {rows[key].place}"
                )
            rows[key] = row
        wanted = [*zip(*keys.values(), strict=True)]
        absent = [key for key in wanted if key not in rows]
        if absent:
            raise EmoError(
                f"{self.table.path}: expected a row for each of {len(wanted):,} examples, named by "
                f"{', '.join(keys)}. Received: none for {len(absent):,}, the first of them "
                f"{', '.join(absent[0])}"
            )
        return {
            name: np.array([rows[key].cells[name] or NOT_GIVEN for key in wanted])
            for name in self.table.columns
            if name not in keys
        }
