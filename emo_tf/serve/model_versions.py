"""The versions of one model: which are loaded, which failed, which are on their way out."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, perf_counter

from emo_tf.errors import EmoError, unknown_name
from emo_tf.serve.lendable import Lendable
from emo_tf.serve.model_root import ModelVersion, no_file
from emo_tf.serve.predictor import Predictor

LOADING, AVAILABLE, UNLOADING, END = "LOADING", "AVAILABLE", "UNLOADING", "END"
"""States of a version, as TensorFlow Serving calls them."""

RETRY_S = 60.0
"""A file that could not be loaded and is still the same is tried again after so many seconds."""

_REMEMBERED = 8
"""Versions of which it is still told that they were unloaded."""

Report = Callable[[str, dict], None]
"""Is told what happens: the event and its particulars."""


class UnknownModel(EmoError):  # noqa: N818 (as the other refusals of the server)
    """There is no such model, or none of its versions can be asked."""


@dataclass(frozen=True)
class VersionStatus:
    """How a version of a model is.

    Attributes:
        version: Its number.
        state: `LOADING`, `AVAILABLE`, `UNLOADING` or `END`.
        error: Why it could not be loaded.
    """

    version: int
    state: str
    error: str | None = None


@dataclass(eq=False)
class _Slot:
    """A version from when it is first looked at until it is forgotten."""

    version: ModelVersion
    state: str = LOADING
    error: str | None = None
    retry_at: float = 0.0
    predictor: Lendable[Predictor] | None = None

    @property
    def is_available(self) -> bool:
        return self.state == AVAILABLE

    @property
    def has_failed(self) -> bool:
        return self.error is not None


class ModelVersions:
    """Keeps the highest versions of one model loaded.

    A new version is loaded beside the old ones, which stay until it can answer. One that cannot be
    loaded leaves all as it was, and is not tried again before its file has changed or a while has
    passed. `update` and `retire` are one thread's to call, all else is any thread's.

    Args:
        name: The model's name.
        keep: How many versions to have loaded.
        open_version: Loads a version and makes it ready to answer.
        report: Is told of versions that were loaded, failed or were unloaded.
    """

    def __init__(
        self,
        name: str,
        *,
        keep: int,
        open_version: Callable[[ModelVersion], Predictor],
        report: Report,
    ):
        self.name = name
        self._keep = keep
        self._open_version = open_version
        self._report = report
        self._slots: list[_Slot] = []
        self._lock = threading.Lock()

    @contextmanager
    def lease(self, number: int | None = None) -> Iterator[Predictor]:
        """Lends a version out, the highest if no number is given.

        Raises:
            UnknownModel: It is not loaded.
        """
        with self._lock:
            lendable = self._available_slot(number).predictor
            predictor = lendable.borrow()
        try:
            yield predictor
        finally:
            lendable.give_back()

    def available(self) -> tuple[ModelVersion, ...]:
        """Returns the versions that can be asked, the highest first."""
        with self._lock:
            return tuple(slot.version for slot in self._available())

    def statuses(self, number: int | None = None) -> list[VersionStatus]:
        """Returns how the versions are, the highest first, or how one is.

        Raises:
            UnknownModel: There is no such version.
        """
        with self._lock:
            # Two files of one number: what can be asked counts, else the latest.
            by_number = {
                slot.version.number: VersionStatus(slot.version.number, slot.state, slot.error)
                for slot in sorted(self._slots, key=lambda slot: slot.is_available)
            }
            if number is not None and number not in by_number:
                raise self._unknown(number)
        return [by_number[one] for one in sorted(by_number, reverse=True) if number in (None, one)]

    def update(self, versions: Sequence[ModelVersion]) -> None:
        """Loads what is new and lets go of what is gone or old.

        Args:
            versions: Those that are there, the highest first.
        """
        self._forget_failed(versions)
        kept = []
        for version in versions:
            slot = self._loaded(version) or self._load(version)
            if slot is not None:
                kept.append(slot)
            if len(kept) == self._keep:
                break
        if versions and not kept:
            return  # An old version is better than none.
        with self._lock:
            retired = [slot for slot in self._available() if slot not in kept]
            for slot in retired:
                slot.state = UNLOADING
        for slot in retired:
            slot.predictor.retire()

    def _loaded(self, version: ModelVersion) -> _Slot | None:
        with self._lock:
            return next((slot for slot in self._available() if slot.version == version), None)

    def _load(self, version: ModelVersion) -> _Slot | None:
        with self._lock:
            failed = next(
                (one for one in self._slots if one.version == version and one.error), None
            )
            if failed is not None and monotonic() < failed.retry_at:
                return None
            self._slots = [
                slot
                for slot in self._slots
                if slot.state != END or slot.version.number != version.number
            ]
            slot = _Slot(version)
            self._slots.append(slot)
        started = perf_counter()
        try:
            if version.file is None:
                raise no_file(version)
            predictor = self._open_version(version)
        except Exception as error:  # whatever a damaged file makes an interpreter raise
            self._note_failure(slot, error, before=failed)
            return None
        slot.predictor = Lendable(predictor, on_gone=lambda: self._note_gone(slot))
        with self._lock:
            slot.state = AVAILABLE
        self._tell("model_loaded", version, seconds=round(perf_counter() - started, 3))
        return slot

    def _note_failure(self, slot: _Slot, error: Exception, *, before: _Slot | None) -> None:
        is_ours = isinstance(error, EmoError)
        text = str(error) if is_ours else f"{slot.version.file}: {type(error).__name__}: {error}"
        # Clients are told, who need not know where ROOT lies.
        text = text.replace(f"{slot.version.folder.parent.parent}{os.sep}", "")
        with self._lock:
            if not slot.version.folder.is_dir():  # removed while it was opened
                self._slots.remove(slot)
                return
            slot.state, slot.error, slot.retry_at = END, text, monotonic() + RETRY_S
        if before is None or before.error != text:
            self._tell("model_failed", slot.version, error=text)

    def _note_gone(self, slot: _Slot) -> None:
        with self._lock:
            slot.state, slot.predictor = END, None
            ended = [one for one in self._slots if one.state == END and not one.has_failed]
            for old in ended[:-_REMEMBERED]:
                self._slots.remove(old)
        self._tell("model_unloaded", slot.version)

    def _forget_failed(self, versions: Sequence[ModelVersion]) -> None:
        with self._lock:
            self._slots = [
                slot for slot in self._slots if not slot.has_failed or slot.version in versions
            ]

    def _available(self) -> list[_Slot]:
        """Returns the slots that can be asked, the highest first, of two alike the latest."""
        available = [slot for slot in reversed(self._slots) if slot.is_available]
        return sorted(available, key=lambda slot: -slot.version.number)

    def _available_slot(self, number: int | None) -> _Slot:
        for slot in self._available():
            if number in (None, slot.version.number):
                return slot
        raise self._unknown(number)

    def _unknown(self, number: int | None) -> UnknownModel:
        numbers = [slot.version.number for slot in self._available()]
        if not numbers:
            failed = next((slot.error for slot in self._slots if slot.error), "none")
            return UnknownModel(
                f"model {self.name}: expected a version that is loaded. Received: {failed}"
            )
        return UnknownModel(
            f"model {self.name}: expected version {' or '.join(map(str, numbers))}. "
            f"Received: {number}"
        )

    def _tell(self, event: str, version: ModelVersion, **more: object) -> None:
        self._report(event, {"model": self.name, "version": version.number, **more})


def unknown_model(name: str, known: Sequence[str]) -> UnknownModel:
    """Returns the error for a name that is no served model's, with its close matches.

    Args:
        name: The name.
        known: Those of served models.
    """
    return UnknownModel(str(unknown_name("model", name, known)))
