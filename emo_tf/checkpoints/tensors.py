"""Tensors and storages of torch as a pickle describes them, before any number is read."""

from dataclasses import dataclass
from typing import ClassVar

from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.stand_ins import StandIn, called

_NUMPY_CODES = {
    "float64": "f8",
    "float32": "f4",
    "float16": "f2",
    "bfloat16": "u2",
    "int64": "i8",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint64": "u8",
    "uint32": "u4",
    "uint16": "u2",
    "uint8": "u1",
    "bool": "u1",
    "complex64": "c8",
    "complex128": "c16",
}
_STORED = {
    "Double": "float64",
    "Float": "float32",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
    "ComplexFloat": "complex64",
    "ComplexDouble": "complex128",
}
_MOST_DIMENSIONS = 32


@dataclass(frozen=True)
class DataType(StandIn):
    """A `torch.dtype` whose numbers can be read.

    Attributes:
        name: Without `torch.`, e.g. `"bfloat16"`.
        code: The numpy type of its bytes, without byte order.
    """

    name: str
    code: str

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return int(self.code[1:])


@dataclass(frozen=True)
class StorageType(StandIn):
    """A class of storages by its `name`, e.g. `torch.FloatStorage`, and its `data_type`."""

    name: str
    data_type: DataType


@dataclass(frozen=True)
class Storage(StandIn):
    """Numbers in a row.

    Attributes:
        key: Under which the file keeps the bytes.
        data_type: Of the numbers.
        count: How many there are.
        first: Number at which a view of a larger storage begins.
    """

    key: str
    data_type: DataType
    count: int
    first: int = 0
    name: ClassVar[str] = "a storage"


@dataclass(frozen=True)
class Tensor(StandIn):
    """A view of a `storage`, of shape `size`: `offset` and `stride` count numbers, not bytes.

    Its `data_type` is the storage's, or its own where the storage is one of bytes.
    """

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
    data_type: DataType
    name: ClassVar[str] = "a tensor"

    def build(self, state: object) -> None:
        """Lets go of what parameters of torch before 0.4 add: gradient flag and hooks."""


DATA_TYPES = {name: DataType(name, code) for name, code in _NUMPY_CODES.items()}


def storage_types() -> dict[str, StorageType]:
    """Returns the classes of storages by full name."""
    typed = {
        f"{module}.{prefix}Storage": DATA_TYPES[name]
        for module in ("torch", "torch.cuda")
        for prefix, name in _STORED.items()
    }
    untyped = dict.fromkeys(
        ("torch.storage.UntypedStorage", "torch.storage._UntypedStorage"), DATA_TYPES["uint8"]
    )
    return {name: StorageType(name, of) for name, of in (typed | untyped).items()}


def whole_number(value: object, what: str) -> int:
    """Returns `value`, or refuses it if it is no whole number of 0 or more.

    Args:
        value: What the file has.
        what: What it should be, for messages.
    """
    if type(value) is not int or value < 0:
        raise refusal(f"{value if type(value) is int else called(value)} as {what}")
    return value


def whole_numbers(values: object, what: str) -> tuple[int, ...]:
    """Returns `values`, or refuses them if they are no short tuple or list of whole numbers.

    Args:
        values: What the file has.
        what: What they should be, for messages.
    """
    if not isinstance(values, (tuple, list)) or len(values) > _MOST_DIMENSIONS:
        raise refusal(f"{called(values)} as {what}")
    return tuple(whole_number(value, what) for value in values)


def storage_from(identity: object, length: int) -> tuple:
    """Returns what the identity says by which a pickle names a storage.

    Args:
        identity: `("storage", type, key, device, count, ...)`.
        length: How many parts it has in this format.

    Returns:
        The storage, and the parts behind the count.

    Raises:
        EmoError: The identity is none of a storage's.
    """
    if not isinstance(identity, tuple) or len(identity) != length or identity[0] != "storage":
        raise refusal("an object by an identity that is no storage's")
    _, kind, key, _, count, *more = identity
    if not isinstance(kind, StorageType) or not isinstance(key, str):
        raise refusal("a storage without a type or a key")
    return Storage(key, kind.data_type, whole_number(count, "the length of a storage")), *more


def rebuild_tensor(
    storage: object, offset: object, size: object, stride: object, *more: object
) -> Tensor:
    """Stands for `torch._utils._rebuild_tensor` and `_rebuild_tensor_v2`.

    Args:
        storage: The storage.
        offset: Number at which the tensor begins.
        size: Its shape.
        stride: Its strides in numbers.
        more: For the second: gradient flag, hooks, and lazy operations such as a conjugation,
            which are refused.
    """
    if not isinstance(storage, Storage):
        raise refusal(f"a tensor on {called(storage)}")
    if len(more) > 2 and more[2]:
        raise refusal("a conjugated or negated view as a tensor")
    return _tensor(storage, offset, size, stride, storage.data_type)


def rebuild_tensor_v3(
    storage: object, offset: object, size: object, stride: object, *more: object
) -> Tensor:
    """Stands for `torch._utils._rebuild_tensor_v3`, for types without a storage class.

    Args:
        storage: The storage, of bytes.
        offset: Number at which the tensor begins.
        size: Its shape.
        stride: Its strides in numbers.
        more: Gradient flag, hooks, the type of the numbers, and lazy operations.

    Raises:
        EmoError: It has no type.
    """
    if len(more) < 3 or not isinstance(more[2], DataType):
        raise refusal("a tensor without a type")
    tensor = rebuild_tensor(storage, offset, size, stride, *more[:2], *more[3:])
    return _tensor(tensor.storage, offset, size, stride, more[2])


def parameter(tensor: object, *more: object) -> Tensor:
    """Stands for a parameter or a variable, of which the tensor alone is kept.

    Args:
        tensor: The tensor of any shape.
        more: Gradient flag and hooks, which are left.

    Raises:
        EmoError: It is no tensor.
    """
    if not isinstance(tensor, Tensor):
        raise refusal(f"a parameter of {called(tensor)}")
    return tensor


def tensor_with_attributes(
    rebuild: object, kind: object, arguments: object, state: object
) -> Tensor:
    """Stands for `torch._tensor._rebuild_from_type_v2`, of which the tensor alone is kept.

    Args:
        rebuild: What makes the tensor.
        kind: Its class in torch, which is left.
        arguments: What `rebuild` is called with.
        state: Its attributes, which are left.

    Raises:
        EmoError: It is rebuilt in an unknown way.
    """
    if not isinstance(rebuild, StandIn) or not isinstance(arguments, tuple):
        raise refusal("a tensor that is rebuilt in an unknown way")
    return parameter(rebuild.call(arguments))


def _tensor(
    storage: Storage, offset: object, size: object, stride: object, data_type: DataType
) -> Tensor:
    first = whole_number(offset, "the offset of a tensor")
    return Tensor(
        storage,
        first,
        whole_numbers(size, "the size of a tensor"),
        whole_numbers(stride, "the stride of a tensor"),
        data_type,
    )
