"""Stand-ins for arrays and scalars of numpy in a pickle: plain numbers alone, no objects.

What they refuse is refused by an `EmoError` that names it. Arrays have any shape.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from emo_tf.checkpoints.arrays import from_bytes_of_bool, plain_array
from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.stand_ins import PlainType, StandIn
from emo_tf.checkpoints.tensors import whole_numbers

_CODES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16")
_BYTE_ORDERS = ("<", ">", "=", "|")

NDARRAY = PlainType("numpy.ndarray")


@dataclass(eq=False)
class NumpyType(StandIn):
    """A `numpy.dtype` of plain numbers: `code`, e.g. `f4`; its state gives `byte_order`."""

    code: str
    byte_order: str = "="
    name: ClassVar[str] = "a numpy dtype"

    def build(self, state: object) -> None:
        """Takes `(version, byte order, ...)`; the rest is None or -1 for plain numbers."""
        if not isinstance(state, tuple) or len(state) < 2 or not _is_one_of(state[1], _BYTE_ORDERS):
            raise refusal("a state that is no numpy dtype's")
        self.byte_order = state[1]

    def values(self, raw: bytes) -> np.ndarray:
        """Returns the numbers in some bytes."""
        if self.code == "b1":
            return from_bytes_of_bool(np.frombuffer(raw, np.uint8))
        return np.frombuffer(raw, self.byte_order + self.code)


@dataclass(eq=False)
class NumpyArray(StandIn):
    """A `numpy.ndarray`, of which the state gives everything.

    Attributes:
        kind: Type of the numbers.
        shape: Its shape.
        raw: Its bytes, in Python 2 a string of Latin-1.
        order: `"C"` or `"F"`.
    """

    kind: NumpyType | None = None
    shape: tuple[int, ...] = ()
    raw: bytes | str = b""
    order: str = "C"
    name: ClassVar[str] = "a numpy array"

    def build(self, state: object) -> None:
        """Takes `(version, shape, dtype, Fortran order, bytes)`."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise refusal("a state that is no numpy array's")
        _, shape, kind, fortran, raw = state
        if not isinstance(kind, NumpyType) or not isinstance(raw, (bytes, str)):
            raise refusal("a numpy array of objects")
        self.shape = whole_numbers(shape, "the shape of a numpy array")
        self.kind, self.raw, self.order = kind, raw, "F" if fortran else "C"
        if len(raw) != self.count * int(kind.code[1:]):
            raise refusal(f"a numpy array of shape {self.shape} on {len(raw)} bytes")

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    def read(self) -> np.ndarray:
        """Returns the values, float16 as float32."""
        if self.kind is None:
            raise refusal("a numpy array without values")
        values = self.kind.values(_raw(self.raw)).reshape(self.shape, order=self.order)
        return plain_array(values)


def numpy_type(code: object, *more: object) -> NumpyType:
    """Stands for `numpy.dtype`: `code` names the type, `more` are flags without meaning here."""
    if not _is_one_of(code, _CODES):
        raise refusal("numpy values that are no plain numbers")
    return NumpyType(code)


def numpy_scalar(kind: object, raw: object = None) -> object:
    """Stands for `numpy.core.multiarray.scalar`: returns a number of type `kind` from `raw`."""
    if not isinstance(kind, NumpyType) or not isinstance(raw, (bytes, str)):
        raise refusal("a numpy scalar that is no number")
    if len(raw) != int(kind.code[1:]):
        raise refusal(f"a numpy scalar of type {kind.code} on {len(raw)} bytes")
    return kind.values(_raw(raw)).item()


def empty_array(kind: object, shape: object, code: object) -> NumpyArray:
    """Stands for `numpy.core.multiarray._reconstruct`: returns an array that is still to be filled.

    `kind` is the array's class; `shape` and `code` stand in until then.
    """
    if kind != NDARRAY:
        raise refusal("a numpy array of another class")
    return NumpyArray()


def _is_one_of(value: object, known: tuple[str, ...]) -> bool:
    return isinstance(value, str) and value in known


def _raw(raw: bytes | str) -> bytes:
    return raw.encode("latin-1") if isinstance(raw, str) else raw
