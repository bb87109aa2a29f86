"""Writes pickles from their parts, such as torch writes and such as nobody should.

`pickled({"a": Call(Name("os", "system"), ("true",))})` writes what no pickler would: the names
need not exist. The opcodes are those of protocol 2, with bytes and sets of later ones.
"""

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """A name in a module, by GLOBAL."""

    module: str
    name: str


@dataclass(frozen=True)
class LateName(Name):
    """A name in a module, by STACK_GLOBAL."""


@dataclass(frozen=True)
class Call:
    """The result of a call, by REDUCE."""

    function: object
    arguments: object


@dataclass(frozen=True)
class New:
    """An instance of a class, by NEWOBJ."""

    stub: object
    arguments: object = ()


@dataclass(frozen=True)
class Built:
    """An instance that was given its state, by BUILD."""

    target: object
    state: object


@dataclass(frozen=True)
class Filled:
    """An instance that was given entries, by SETITEMS."""

    target: object
    entries: dict


@dataclass(frozen=True)
class Persistent:
    """What an identity stands for, by BINPERSID."""

    identity: object


@dataclass(frozen=True)
class Opcodes:
    """Anything, as it is."""

    raw: bytes


def pickled(value: object) -> bytes:
    """Returns the pickle of a value."""
    return b"\x80\x02" + opcodes(value) + b"."


def module(stub: object, *, parameters: object = (), modules: object = (), **more) -> Built:
    """Returns an instance of a module with the attributes that every module has."""
    attributes = {"_parameters": dict(parameters), "_buffers": {}, "_modules": dict(modules)}
    return Built(New(stub), attributes | more)


def opcodes(value: object) -> bytes:
    """Returns the opcodes that leave a value on the stack."""
    match value:
        case Opcodes():
            return value.raw
        case LateName():
            return opcodes(value.module) + opcodes(value.name) + b"\x93"
        case Name():
            return f"c{value.module}\n{value.name}\n".encode()
        case Call():
            return opcodes(value.function) + opcodes(value.arguments) + b"R"
        case New():
            return opcodes(value.stub) + opcodes(value.arguments) + b"\x81"
        case Built():
            return opcodes(value.target) + opcodes(value.state) + b"b"
        case Filled():
            return opcodes(value.target) + _marked(_flat(value.entries)) + b"u"
        case Persistent():
            return opcodes(value.identity) + b"Q"
        case tuple():
            return _marked(value) + b"t"
        case list():
            return b"]" + _marked(value) + b"e"
        case dict():
            return b"}" + _marked(_flat(value)) + b"u"
        case set():
            return b"\x8f" + _marked(sorted(value)) + b"\x90"
    return _plain(value)


def _flat(entries: dict) -> list[object]:
    return [part for entry in entries.items() for part in entry]


def _marked(values) -> bytes:
    return b"(" + b"".join(map(opcodes, values))


def _plain(value: object) -> bytes:
    match value:
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            return b"\x8a" + struct.pack("<B", len(raw)) + raw
        case float():
            return b"G" + struct.pack(">d", value)
        case bytes():
            return b"B" + struct.pack("<I", len(value)) + value
        case str():
            raw = value.encode()
            return b"X" + struct.pack("<I", len(raw)) + raw
    raise TypeError(f"no opcode for a {type(value).__name__}")
