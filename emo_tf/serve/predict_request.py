"""A request for predictions as TF Serving's REST API has it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emo_tf.errors import EmoError, in_place, unknown_name
from emo_tf.runtime.litert import SIGNATURE
from emo_tf.serve.json_arrays import to_lists
from emo_tf.serve.signature import Signature
from emo_tf.web.request_json import read_request_json, shown

B64 = "b64"
_ROWS, _COLUMNS, _SIGNATURE = "instances", "inputs", "signature_name"
_PREDICTIONS, _OUTPUTS = "predictions", "outputs"

_LONGEST_NAME = 64


@dataclass(frozen=True, eq=False)
class PredictRequest:
    """What a caller wants to have predicted.

    Attributes:
        signature: The signature to call.
        by_row: Whether it came as a list of examples, `instances`, and not as `inputs` by name;
            it is answered likewise.
        values: Examples by the name of an input, as JSON holds them; as many of each.
        count: How many.
    """

    signature: Signature
    by_row: bool
    values: Mapping[str, Sequence[object]]
    count: int

    @classmethod
    def read(
        cls, body: bytes, *, signatures: Mapping[str, Signature], max_instances: int
    ) -> "PredictRequest":
        """Reads the body of a request.

        Args:
            body: JSON with `instances` or `inputs`, and `signature_name` unless it is the default.
            signatures: Those of the model, by name.
            max_instances: Most examples that one request may hold.

        Raises:
            EmoError: The body is no JSON of that kind, names what the model does not have, or
                holds no or too many examples. What stands in the examples is not looked at.
        """
        values = read_request_json(body)
        if not isinstance(values, dict):
            raise EmoError(f"request: expected a JSON object. Received: {shown(values)}")
        for name in values:
            _check_known("key of a request", name, (_ROWS, _COLUMNS, _SIGNATURE))
        name = values.get(_SIGNATURE, SIGNATURE)
        if not isinstance(name, str):
            raise EmoError(f"{_SIGNATURE}: expected a string. Received: {shown(name)}")
        _check_known("signature", name, signatures)
        signature = signatures[name]
        if (_ROWS in values) == (_COLUMNS in values):
            received = "both" if _ROWS in values else "neither of them"
            raise EmoError(f"request: expected {_ROWS} or {_COLUMNS}. Received: {received}")
        by_row = _ROWS in values
        if by_row:
            columns = _from_rows(values[_ROWS], signature, max_instances=max_instances)
        else:
            columns = _from_columns(values[_COLUMNS], signature, max_instances=max_instances)
        return cls(signature, by_row, columns, len(next(iter(columns.values()))))

    def place(self, row: int) -> str:
        """Returns where in the request an example stands, for messages."""
        return f"{_ROWS}[{row}]" if self.by_row else f"{_COLUMNS}, row {row}"

    def answer(self, outputs: Mapping[str, np.ndarray]) -> bytes:
        """Returns the body that answers the request.

        Args:
            outputs: What the model returned, shape (N, ...) by name: finite numbers.
        """
        lists = {name: to_lists(array) for name, array in outputs.items()}
        if len(lists) == 1:
            (found,) = lists.values()
        elif self.by_row:
            rows = zip(*lists.values(), strict=True)
            found = [dict(zip(lists, row, strict=True)) for row in rows]
        else:
            found = lists
        answer = {_PREDICTIONS if self.by_row else _OUTPUTS: found}
        return json.dumps(answer, allow_nan=False, separators=(",", ":")).encode()


def _from_rows(rows: object, signature: Signature, *, max_instances: int) -> dict[str, list]:
    _check_count(rows, place=_ROWS, most=max_instances)
    only = _only_input(signature)
    if only is not None and not any(map(_is_named, rows)):
        return {only: rows}
    columns: dict[str, list] = {name: [] for name in signature.inputs}
    for number, row in enumerate(rows):
        with in_place(f"{_ROWS}[{number}]"):
            if not isinstance(row, dict):
                names = " and ".join(signature.inputs)
                raise EmoError(f"expected an object with {names}. Received: {shown(row)}")
            _check_names(row, signature)
        for name, values in columns.items():
            values.append(row[name])
    return columns


def _from_columns(columns: object, signature: Signature, *, max_instances: int) -> dict[str, list]:
    only = _only_input(signature)
    if only is not None and not _is_named(columns):
        columns = {only: columns}
    with in_place(_COLUMNS):
        if not isinstance(columns, dict):
            names = " and ".join(signature.inputs)
            raise EmoError(f"expected an object with {names}. Received: {shown(columns)}")
        _check_names(columns, signature)
    for name, values in columns.items():
        _check_count(values, place=f"{_COLUMNS}.{name}", most=max_instances)
    counts = {name: len(values) for name, values in columns.items()}
    if len(set(counts.values())) > 1:
        received = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise EmoError(f"{_COLUMNS}: expected as many examples of each. Received: {received}")
    return columns


def _only_input(signature: Signature) -> str | None:
    """Returns the one input of a signature, which need not be named in a request."""
    return next(iter(signature.inputs)) if len(signature.inputs) == 1 else None


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and value.keys() != {B64}


def _check_names(given: Mapping[str, object], signature: Signature) -> None:
    for name in given:
        _check_known(f"input of {signature.name}", name, signature.inputs)
    for name in signature.inputs:
        if name not in given:
            raise EmoError(f"expected {name}. Received: none")


def _check_known(kind: str, name: str, known: Sequence[str] | Mapping[str, object]) -> None:
    if name not in known:
        # Close matches of a name of megabytes would take minutes.
        raise unknown_name(kind, name[:_LONGEST_NAME], known)


def _check_count(rows: object, *, place: str, most: int) -> None:
    if not isinstance(rows, list) or not 0 < len(rows) <= most:
        raise EmoError(f"{place}: expected a list of 1 to {most} examples. Received: {shown(rows)}")
