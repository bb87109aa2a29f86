"""Things that are lent out and let go of when nobody has them any more."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lendable(Generic[Value]):
    """Keeps a value until it is retired and all who borrowed it have given it back.

    Args:
        value: The value.
        on_gone: Called once, when it is let go of, by whichever thread was the last to have it.
    """

    def __init__(self, value: Value, *, on_gone: Callable[[], None]):
        self._value: Value | None = value
        self._on_gone = on_gone
        self._borrowers = 0
        self._retired = False
        self._lock = threading.Lock()

    def borrow(self) -> Value:
        """Returns the value; `give_back` has to follow. Not to be called once it is retired.

        Raises:
            RuntimeError: It is retired, and nobody has it any more.
        """
        with self._lock:
            if self._value is None:
                raise RuntimeError("lent out after it was let go of")
            self._borrowers += 1
            return self._value

    def give_back(self) -> None:
        """Says that one who borrowed the value needs it no more."""
        with self._lock:
            self._borrowers -= 1
        self._let_go()

    def retire(self) -> None:
        """Says that nobody will borrow the value from now on."""
        with self._lock:
            self._retired = True
        self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            if self._value is None or self._borrowers or not self._retired:
                return
            self._value = None
        self._on_gone()
