"""Runs the opcodes of a pickle on stand-ins alone.

`pickle.Unpickler` with a `find_class` of one's own is not enough for a file of unknown origin: an
opcode of five bytes makes it clear gigabytes for its memo, the hash of a deeply nested tuple
overflows the stack and takes the process with it, BUILD sets attributes on anything, and codes of
the extension registry pass `find_class` by. So `pickletools` takes the stream apart, which runs
nothing, and each opcode that a checkpoint needs is carried out here. The others are refused.
"""

import pickletools
from collections.abc import Callable, Sized
from typing import BinaryIO

from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.stand_ins import StandIn, called, dict_of, set_of

_MOST_OPCODES = 5_000_000  # some hundred times what a ResNet-152 takes

_PUSHED = frozenset(
    (
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    )
)
"""Opcodes that push their argument; `pickletools` reads the strings of Python 2 as Latin-1."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_EMPTY = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": set}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_GETS = frozenset(("GET", "BINGET", "LONG_BINGET"))
_PUTS = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))
_IGNORED = frozenset(("PROTO", "FRAME", "STOP"))


class PickleMachine:
    """Reads pickles in which every name is a stand-in.

    Args:
        find_global: Returns the stand-in for a module and a name in it, or raises `EmoError`.
        find_persistent: Returns what an identity that the pickle's writer gave stands for.
    """

    def __init__(
        self,
        find_global: Callable[[str, str], StandIn],
        find_persistent: Callable[[object], object],
    ) -> None:
        self._find_global = find_global
        self._find_persistent = find_persistent
        self._stack: list[object] = []
        self._marked: list[list[object]] = []
        self._memo: dict[int, object] = {}
        self._handed_over = 0

    def load(self, stream: BinaryIO) -> object:
        """Returns the object of the pickle at the place of `stream`, which ends up behind it.

        Raises:
            EmoError: The pickle asks for something that is refused.
            ValueError, IndexError, KeyError, TypeError: It makes no sense.
        """
        self._stack, self._marked, self._memo, self._handed_over = [], [], {}, 0
        for count, (opcode, argument, place) in enumerate(pickletools.genops(stream)):
            if count >= _MOST_OPCODES:
                raise refusal(f"a pickle of more than {_MOST_OPCODES:,} steps")
            self._step(opcode.name, argument, place)
        return self._stack.pop()

    def _step(self, name: str, argument: object, place: int) -> None:
        stack = self._stack
        if name in _PUSHED:
            stack.append(argument)
        elif name in _PUTS:
            self._memo[argument] = stack[-1]
        elif name in _GETS:
            stack.append(self._memo[argument])
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            self._replace(_TUPLES[name], tuple)
        elif name == "REDUCE":
            self._reduce(place)
        elif name in _ACTIONS:
            _ACTIONS[name](self)
        elif name == "GLOBAL":
            stack.append(self._find_global(*argument.split(" ", 1)))
        elif name not in _IGNORED:
            raise refusal(f"the pickle opcode {name}")

    def _replace(self, count: int, make: Callable[[list], object]) -> None:
        """Puts one object in place of the last `count`."""
        if len(self._stack) < count:
            raise IndexError("too few objects on the stack")
        self._stack[-count:] = [make(self._stack[-count:])]

    def _reduce(self, place: int) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        _expect(arguments, tuple, "the arguments of a call")
        # Each thing in a pickle is handed over once; many times over it would fill the memory.
        if arguments and isinstance(arguments[0], Sized):
            self._handed_over += len(arguments[0])
            if self._handed_over > place + 2**20:
                raise refusal("calls that multiply what is in the file")
        self._stack.append(_expect(function, StandIn, "what is called").call(arguments))

    def _new_object(self) -> None:
        arguments, stub = self._stack.pop(), self._stack.pop()
        _expect(arguments, tuple, "the arguments of a new instance")
        self._stack.append(_expect(stub, StandIn, "the class of an instance").make(arguments))

    def _new_object_with_names(self) -> None:
        if _expect(self._stack.pop(), dict, "the named arguments of a new instance"):
            raise refusal("a new instance with named arguments")
        self._new_object()

    def _build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        # The attributes of an ordered dict, e.g. the versions in `_metadata`, are let go.
        if not isinstance(target, dict):
            _expect(target, StandIn, "what gets a state").build(state)

    def _stack_global(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        _expect(name, str, "the name of a global")
        self._stack.append(self._find_global(_expect(module, str, "the module of it"), name))

    def _persistent(self) -> None:
        self._stack.append(self._find_persistent(self._stack.pop()))

    def _mark(self) -> None:
        self._marked.append(self._stack)
        self._stack = []

    def _since_mark(self) -> list[object]:
        items = self._stack
        self._stack = self._marked.pop()
        return items

    def _collect(self, make: Callable[[list], object]) -> None:
        items = self._since_mark()
        self._stack.append(make(items))

    def _add(self, items: list[object]) -> None:
        target = self._stack[-1]
        if type(target) is list:
            target.extend(items)
        elif type(target) is set:
            target |= set_of(items)
        else:
            _expect(target, StandIn, "what gets items").fill()

    def _set(self, items: list[object]) -> None:
        target = self._stack[-1]
        if type(target) is dict:
            target.update(_pairs(items))
        else:
            _expect(target, StandIn, "what gets entries").fill()

    def _set_one(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set([key, value])

    def _pop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._since_mark()

    def _memoize(self) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _duplicate(self) -> None:
        self._stack.append(self._stack[-1])


_ACTIONS: dict[str, Callable[[PickleMachine], object]] = {
    "MARK": PickleMachine._mark,
    "POP_MARK": PickleMachine._since_mark,
    "POP": PickleMachine._pop,
    "DUP": PickleMachine._duplicate,
    "MEMOIZE": PickleMachine._memoize,
    "TUPLE": lambda machine: machine._collect(tuple),
    "LIST": lambda machine: machine._collect(list),
    "DICT": lambda machine: machine._collect(_pairs),
    "FROZENSET": lambda machine: machine._collect(set_of),
    "APPEND": lambda machine: machine._add([machine._stack.pop()]),
    "APPENDS": lambda machine: machine._add(machine._since_mark()),
    "ADDITEMS": lambda machine: machine._add(machine._since_mark()),
    "SETITEM": PickleMachine._set_one,
    "SETITEMS": lambda machine: machine._set(machine._since_mark()),
    "BUILD": PickleMachine._build,
    "NEWOBJ": PickleMachine._new_object,
    "NEWOBJ_EX": PickleMachine._new_object_with_names,
    "STACK_GLOBAL": PickleMachine._stack_global,
    "BINPERSID": PickleMachine._persistent,
}


def _pairs(items: list[object]) -> dict:
    """Returns the dict of keys and values in turn."""
    return dict_of(zip(items[::2], items[1::2], strict=True))


def _expect(value: object, kind: type, what: str):
    """Returns `value`, or refuses it if it is of another kind."""
    if not isinstance(value, kind):
        raise refusal(f"{called(value)} as {what}")
    return value
