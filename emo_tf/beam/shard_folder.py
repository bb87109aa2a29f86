"""The folder that a pipeline writes: shards, each whole or not at all."""

import json
import re
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from apache_beam.io.filesystems import FileSystems

from emo_tf.beam.addresses import (
    READ_ERRORS,
    address_of,
    is_remote,
    read_bytes,
    remove,
    write_bytes,
)
from emo_tf.beam.shard_count import MOST_SHARDS, SHARDS
from emo_tf.beam.shard_work import ShardResults, ShardWork
from emo_tf.errors import EmoError

NEW, OTHER_PICTURES, CHANGED = "new", "for other pictures", "for changed files"
"""Why a shard has to be done, where it is not for other settings."""

_STATE = ".shards"
_BEGUN = "begun.json"
_SUMMARY = "last_run.json"
_OURS = re.compile(
    rf"(results|failed)-\d{{5}}-of-(\d{{5}})\.jsonl|{re.escape(_STATE)}/[^/]+", re.ASCII
)
_PART = "part-"
_LISTED = 1000


@dataclass(frozen=True)
class ShardMarker:
    """Says of a shard that it is finished, and with what.

    Attributes:
        pictures_sha256: Digest of its pictures.
        settings: The fingerprint of the settings.
        counts: How many `pictures`, `faces`, `people` and `failed` there are.
        sizes: Lengths in bytes of the files, results first.
    """

    pictures_sha256: str
    settings: dict[str, object]
    counts: dict[str, int]
    sizes: list[int]


@dataclass(frozen=True)
class ShardFolder:
    """A folder with the results of all shards.

    It holds for each shard `results-00003-of-00016.jsonl` and `failed-00003-of-00016.jsonl`, and
    in `.shards` a marker, written last, without which the shard counts as not done.

    Args:
        location: A path, or an address that Beam's file systems know.
        shards: How many shards there are.
    """

    location: str
    shards: int

    @classmethod
    def begin(cls, location: str, shards: int | None = None) -> "ShardFolder":
        """Opens a new folder, or one that was begun before, and tidies up behind a killed run.

        Args:
            location: A path, or an address that Beam's file systems know.
            shards: How many shards there are to be; if `None` as many as before, or `SHARDS`.

        Raises:
            EmoError: There is a file or a folder of something else, it was begun with another
                number of shards, or it cannot be used.
        """
        try:
            return cls._begin(location, shards)
        except EmoError:
            raise
        except READ_ERRORS as error:
            raise EmoError(f"{location}: expected a writable folder. Received: {error}") from error

    @classmethod
    def _begin(cls, location: str, shards: int | None) -> "ShardFolder":
        expected = f"{location}: expected a new folder, or one of such results."
        found = _names(location)
        parts = [name for name in found if name.startswith(f"{_STATE}/{_PART}")]
        names = [name for name in found if name not in parts]
        strange = [name for name in names if not _OURS.fullmatch(name)]
        begun = f"{_STATE}/{_BEGUN}"
        if strange or (names and begun not in names):
            raise EmoError(f"{expected} Received: one that holds {(strange or names)[0]}")
        if names:
            before = _object(read_bytes(FileSystems.join(location, _STATE, _BEGUN))).get("shards")
            if not isinstance(before, int) or not 1 <= before <= MOST_SHARDS:
                raise EmoError(f"{expected} Received: one whose {begun} says nothing of shards")
            if shards not in (None, before):
                raise EmoError(
                    f"--shards: expected {before}, with which {location} was begun, or another "
                    f"folder. Received: {shards}"
                )
            shards = before
        for name in parts:
            remove(FileSystems.join(location, *name.split("/")))
        folder = cls(address_of(location), shards or SHARDS)
        if not names:
            folder._write_whole(folder._state(_BEGUN), _json({"shards": folder.shards}))
        return folder

    def results(self, number: int) -> str:
        """Returns where the results of a shard are."""
        return self._file("results", number, ".jsonl")

    def failed(self, number: int) -> str:
        """Returns where the failures of a shard are."""
        return self._file("failed", number, ".jsonl")

    def marker(self, number: int) -> ShardMarker | None:
        """Reads the marker of a shard, `None` where there is none that can be used."""
        try:
            marker = ShardMarker(**_object(read_bytes(self._marker(number))))
        except (*READ_ERRORS, TypeError):
            return None
        whole = isinstance(marker.settings, dict) and isinstance(marker.counts, dict)
        return marker if whole else None

    def why(self, work: ShardWork, settings: dict[str, object]) -> str | None:
        """Returns why a shard has to be done, `None` for one that is finished.

        Args:
            work: The shard.
            settings: The fingerprint of the settings.
        """
        marker = self.marker(work.number)
        if marker is None:
            return NEW
        # As JSON gives them back.
        settings = _object(_json(settings))
        names = sorted(settings.keys() | marker.settings.keys())
        others = [name for name in names if settings.get(name) != marker.settings.get(name)]
        if others:
            return f"for other {', '.join(others)}"
        if marker.pictures_sha256 != work.sha256:
            return OTHER_PICTURES
        return None if self._sizes(work.number) == marker.sizes else CHANGED

    def reopen(self, number: int) -> None:
        """Takes the marker of a shard away, before its files become others than it vouches for."""
        remove(self._marker(number))

    def write(self, found: ShardResults, settings: dict[str, object]) -> None:
        """Writes the files of a shard and then its marker.

        Args:
            found: What was found.
            settings: The fingerprint of the settings.
        """
        number = found.work.number
        self._write_whole(self.results(number), found.results)
        self._write_whole(self.failed(number), found.failed)
        marker = ShardMarker(
            found.work.sha256,
            settings,
            dict(found.counts),
            [len(found.results), len(found.failed)],
        )
        self._write_whole(self._marker(number), _json(asdict(marker)))

    def write_summary(self, summary: dict | None) -> None:
        """Writes the summary of a run, or takes that of an earlier one away."""
        address = self._state(_SUMMARY)
        if summary is None:
            remove(address)
        else:
            self._write_whole(address, _json(summary))

    def summary(self) -> dict:
        """Returns the summary of the last run, empty where there is none."""
        try:
            return _object(read_bytes(self._state(_SUMMARY)))
        except READ_ERRORS:
            return {}

    def _write_whole(self, address: str, content: bytes) -> None:
        """Writes a file under another name first, on whichever file system."""
        part = self._state(f"{_PART}{uuid.uuid4().hex}")
        write_bytes(part, content)
        if is_remote(address):
            remove(address)  # Not all of them put one file in another's place.
        FileSystems.rename([part], [address])

    def _sizes(self, number: int) -> list[int] | None:
        try:
            return [
                FileSystems.get_filesystem(address).size(address)
                for address in (self.results(number), self.failed(number))
            ]
        except READ_ERRORS:
            return None

    def _marker(self, number: int) -> str:
        return self._state(f"{number:05d}-of-{self.shards:05d}.json")

    def _state(self, name: str) -> str:
        return FileSystems.join(self.location, _STATE, name)

    def _file(self, kind: str, number: int, suffix: str) -> str:
        name = f"{kind}-{number:05d}-of-{self.shards:05d}{suffix}"
        return FileSystems.join(self.location, name)


def _names(location: str) -> list[str]:
    """Returns the names of what is in a folder and its state, of remote ones the first."""
    if is_remote(location):
        top = location.rstrip("/") + "/"
        places = [
            FileSystems.match([f"{top}{_STATE}/*"])[0],
            *FileSystems.match([f"{top}**"], [_LISTED]),
        ]
        found = {file.path.removeprefix(top) for place in places for file in place.metadata_list}
        return sorted(found)
    folder = Path(location)
    if folder.exists() and not folder.is_dir():
        raise EmoError(f"{location}: expected a folder. Received: a file")
    inside = [*folder.iterdir()] if folder.exists() else []
    inside += [file for state in inside if state.name == _STATE for file in state.iterdir()]
    return sorted(path.relative_to(folder).as_posix() for path in inside if path.name != _STATE)


def _json(values: dict) -> bytes:
    return f"{json.dumps(values, indent=1)}\n".encode()


def _object(content: bytes) -> dict:
    values = json.loads(content)
    if not isinstance(values, dict):
        raise ValueError("expected an object of JSON")
    return values
