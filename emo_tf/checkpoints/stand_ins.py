"""What the names in a pickled checkpoint become: inert objects that run nothing of the file's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emo_tf.checkpoints.damage import refusal


class StandIn:
    """Refuses whatever a pickle can do with an object; subclasses allow what they need.

    Attributes:
        name: How to call it in messages.
    """

    name: str

    def call(self, arguments: tuple) -> object:
        """Returns the result of a call, by REDUCE.

        Raises:
            EmoError: Always, unless a subclass allows it.
        """
        raise refusal(f"a call of {self.name}")

    def make(self, arguments: tuple) -> object:
        """Returns a new instance, by NEWOBJ."""
        return self.call(arguments)

    def build(self, state: object) -> None:
        """Takes over the state of an instance, by BUILD.

        Raises:
            EmoError: Always, unless a subclass allows it.
        """
        raise refusal(f"a state for {self.name}")

    def fill(self) -> None:
        """Takes note that items were put in, by APPENDS, SETITEMS or ADDITEMS.

        Raises:
            EmoError: Always, unless a subclass allows it.
        """
        raise refusal(f"items for {self.name}")


@dataclass(frozen=True)
class Function(StandIn):
    """A `name` on the list: a call of it becomes a call of `function`, one of our own."""

    name: str
    function: Callable[..., object]

    def call(self, arguments: tuple) -> object:
        return self.function(*arguments)


@dataclass(frozen=True)
class PlainType(StandIn):
    """A built-in type that is named but never called, such as `object`, under its `name`."""

    name: str


@dataclass(frozen=True)
class ClassStub(StandIn):
    """A class, or function, `name` that is not on the list: its instances are inert.

    A call with arguments is refused: what it was to make of them would be lost.
    """

    name: str

    def call(self, arguments: tuple) -> object:
        if arguments:
            raise refusal(f"a call of {self.name} with arguments")
        return Instance(self)

    def make(self, arguments: tuple) -> object:
        return Instance(self)


@dataclass(eq=False)
class Instance(StandIn):
    """An instance of `stub`, e.g. a module: it keeps its `attributes` and does nothing."""

    stub: ClassStub
    attributes: dict | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"an instance of {self.stub.name}"

    def build(self, state: object) -> None:
        """Keeps the attributes; those in slots come second in a pair, and no module has any."""
        if isinstance(state, tuple) and len(state) == 2:
            state = state[0]
        if isinstance(state, dict):
            self.attributes = state

    def fill(self) -> None:
        """Lets the items go: a module has none."""


def called(value: object) -> str:
    """Returns how to call a value from a pickle in messages."""
    return value.name if isinstance(value, StandIn) else f"a {type(value).__name__}"


def hashable(key: object) -> object:
    """Returns a key of a dict or a member of a set, if it is of a plain kind.

    The hash of a tuple in a tuple in a tuple takes the stack of the interpreter, a million of
    them all of it, so that tuples may hold plain values alone.

    Raises:
        EmoError: It is of another kind.
    """
    plain = (str, bytes, int, float, StandIn, type(None))
    if isinstance(key, plain):
        return key
    if isinstance(key, tuple) and all(isinstance(part, plain) for part in key):
        return key
    raise refusal(f"{called(key)} as a key")


def dict_of(pairs: Iterable[tuple[object, object]]) -> dict:
    """Returns a dict of pairs whose keys are plain."""
    return {hashable(key): value for key, value in pairs}


def set_of(members: Iterable[object]) -> set:
    """Returns a set of members that are plain."""
    return {hashable(member) for member in members}
