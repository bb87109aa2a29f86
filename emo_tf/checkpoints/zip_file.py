"""The format that `torch.save` writes since version 1.6: a zip archive of plain members.

In one folder of any name lie `data.pkl`, the pickle, `data/<key>`, the bytes of each storage, and
perhaps `byteorder`.
"""

import io
import mmap
import struct
import zipfile
from pathlib import Path

from emo_tf.checkpoints.allowed_globals import find_global
from emo_tf.checkpoints.damage import cut_short, refusal
from emo_tf.checkpoints.pickle_machine import PickleMachine
from emo_tf.checkpoints.tensor_reader import TensorReader
from emo_tf.checkpoints.tensors import Storage, storage_from
from emo_tf.errors import EmoError

FORMAT = "torch zip"

_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and the extra field
_LOCAL_SIGNATURE = b"PK\x03\x04"
_END_SIGNATURE = b"PK\x05\x06"
_END_SIZE = 22
_LONGEST_COMMENT = 2**16 - 1
_BYTE_ORDERS = {b"little": "<", b"big": ">"}
_ENCRYPTED = 1


def read_zip(path: Path, mapped: mmap.mmap) -> tuple[object, TensorReader]:
    """Returns the pickled object, and what reads its tensors.

    Args:
        path: The file.
        mapped: Its bytes.

    Raises:
        EmoError: The archive is no torch file, or is cut short, or asks for what is refused.
    """
    archive = _Archive(path, memoryview(mapped))
    order = archive.member("byteorder") if archive.has("byteorder") else b"little"
    if bytes(order) not in _BYTE_ORDERS:
        raise refusal("an unknown byte order")
    machine = PickleMachine(find_global, _find_storage)
    root = machine.load(io.BytesIO(archive.member("data.pkl")))
    reader = TensorReader(
        lambda key: archive.member(f"data/{key}"),
        byte_order=_BYTE_ORDERS[bytes(order)],
        file_size=len(mapped),
    )
    return root, reader


def _find_storage(identity: object) -> Storage:
    (storage,) = storage_from(identity, 5)
    return storage


class _Archive:
    """The members of the folder in which the pickle lies, without a copy of their bytes."""

    def __init__(self, path: Path, contents: memoryview) -> None:
        self._contents = contents
        try:
            with zipfile.ZipFile(path) as archive:
                self._members = {member.filename: member for member in archive.infolist()}
        except zipfile.BadZipFile as error:
            tail = bytes(contents[-_END_SIZE - _LONGEST_COMMENT :])
            end = tail.rfind(_END_SIGNATURE)
            if end < 0 or len(tail) - end < _END_SIZE:
                raise cut_short(FORMAT) from error
            raise
        self._folder = self._find_folder()

    def _find_folder(self) -> str:
        pickles = [name for name in self._members if name.split("/")[-1] == "data.pkl"]
        folders = [name.removesuffix("data.pkl") for name in pickles]
        if len(folders) == 1 and f"{folders[0]}constants.pkl" not in self._members:
            return folders[0]
        raise EmoError(f"expected a file of torch.save. Received: {self._other_kind()}")

    def _other_kind(self) -> str:
        names = set(self._members)
        parts = {part for name in names for part in name.split("/")}
        if "constants.pkl" in parts or "code" in parts:
            return "a TorchScript archive, of torch.jit.save"
        if "model.weights.h5" in names:
            return "a Keras model"
        if names and all(name.endswith(".npy") for name in names):
            return "an .npz archive of numpy"
        return "a zip archive without the data.pkl of torch"

    def has(self, name: str) -> bool:
        return self._folder + name in self._members

    def member(self, name: str) -> memoryview:
        """Returns the bytes of a member; torch stores them as they are."""
        if not self.has(name):
            raise refusal(f"an archive without {name!r:.100}")
        member = self._members[self._folder + name]
        plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & _ENCRYPTED
        if not plain or member.file_size != member.compress_size:
            raise refusal(f"the compressed or encrypted member {name!r:.100}")
        header = self._contents[member.header_offset :][: _LOCAL_HEADER.size]
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        begin = member.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        end = begin + member.file_size
        if signature != _LOCAL_SIGNATURE or end > len(self._contents):
            raise refusal(f"the member {name!r:.100}, which is not where the archive says")
        return self._contents[begin:end]
