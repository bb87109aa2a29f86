"""The format that `torch.save` wrote from 0.1.10 to 1.5, and still does if asked.

Five pickles in a row: a magic number, the version, facts of the machine, the object, the keys of
the storages. Then each storage in the order of the keys: the count of its numbers in 8 bytes and
the numbers, all in little endian.
"""

import mmap
import struct
from pathlib import Path

from emo_tf.checkpoints.allowed_globals import find_global
from emo_tf.checkpoints.damage import cut_short, refusal
from emo_tf.checkpoints.pickle_machine import PickleMachine
from emo_tf.checkpoints.stand_ins import ClassStub
from emo_tf.checkpoints.tensor_reader import TensorReader
from emo_tf.checkpoints.tensors import Storage, storage_from, whole_number
from emo_tf.errors import EmoError

FORMAT = "torch legacy"
MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001
_COUNT = struct.Struct("<q")


def read_legacy(path: Path, mapped: mmap.mmap) -> tuple[object, TensorReader]:
    """Returns the pickled object, and what reads its tensors.

    Args:
        path: The file.
        mapped: Its bytes.

    Raises:
        EmoError: The file is cut short, or asks for what is refused.
    """
    storages = _Storages(memoryview(mapped))
    machine = PickleMachine(find_global, storages.find)
    head = [_load(machine, mapped) for _ in range(3)]
    if head[:2] != [MAGIC_NUMBER, _PROTOCOL_VERSION]:
        raise refusal("an unknown version of the format")
    root = _load(machine, mapped)
    keys = _load(machine, mapped)
    storages.locate(keys, mapped.tell())
    return root, TensorReader(storages.read, byte_order="<", file_size=len(mapped))


def _load(machine: PickleMachine, mapped: mmap.mmap) -> object:
    try:
        return machine.load(mapped)
    except EmoError:
        raise
    except ValueError as error:
        if mapped.tell() < len(mapped):
            raise
        raise cut_short(FORMAT) from error


class _Storages:
    """The storages that the pickle names, and where their numbers lie."""

    def __init__(self, contents: memoryview) -> None:
        self._contents = contents
        self._named: dict[str, Storage] = {}
        self._located: dict[str, memoryview] = {}

    def find(self, identity: object) -> Storage | ClassStub:
        """Returns what an identity in the pickle stands for.

        A class of modules comes with the file and the text of its source, which are let go. A
        view of a storage, which old files have, comes with its own key, first number and count.
        """
        if isinstance(identity, tuple) and len(identity) == 4 and identity[0] == "module":
            if not isinstance(identity[1], ClassStub):
                raise refusal("a module of no class")
            return identity[1]
        storage, view = storage_from(identity, 6)
        root = self._named.setdefault(storage.key, storage)
        if (root.count, root.data_type.size) != (storage.count, storage.data_type.size):
            raise refusal(f"the storage {storage.key!r:.100} in two sizes")
        if view is None:
            return storage
        if not isinstance(view, tuple) or len(view) != 3:
            raise refusal("a view of a storage that is no triple")
        first, count = (whole_number(number, "a view of a storage") for number in view[1:])
        if first + count > storage.count:
            raise refusal(f"a view that ends behind its storage {storage.key!r:.100}")
        return Storage(storage.key, storage.data_type, count, first)

    def locate(self, keys: object, place: int) -> None:
        """Finds the numbers of all storages, which begin at `place`."""
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise refusal("keys of storages that are no list of strings")
        for key in keys:
            if key not in self._named or key in self._located:
                raise refusal(f"the numbers of the unknown storage {key!r:.100}")
            storage = self._named[key]
            count_end = place + _COUNT.size
            end = count_end + storage.count * storage.data_type.size
            if end > len(self._contents):
                raise cut_short(FORMAT)
            (count,) = _COUNT.unpack(self._contents[place:count_end])
            if count != storage.count:
                raise refusal(f"{count} numbers for a storage of {storage.count}")
            self._located[key] = self._contents[count_end:end]
            place = end

    def read(self, key: str) -> memoryview:
        if key not in self._located:
            raise refusal(f"a storage {key!r:.100} without numbers")
        return self._located[key]
