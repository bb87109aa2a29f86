"""Files that claim more than they hold, or would fill the memory, the stack or the time."""

import struct
import zipfile

import numpy as np
import pytest

from emo_tf.checkpoints import pickle_machine
from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.pickle_writer import (
    Built,
    Call,
    Name,
    New,
    Opcodes,
    Persistent,
    module,
    opcodes,
    pickled,
)
from tests.checkpoints.writers import legacy_around, rebuilt, storage, write_torch_zip, zip_around

NET = Name("emotic", "Net")
REBUILD = Name("torch._utils", "_rebuild_tensor_v2")
VALUES = np.arange(6, dtype=np.float32)


def tensor_on(kept: object, offset: object, size: object, stride: object) -> Call:
    return Call(REBUILD, (kept, offset, size, stride, False, {}))


def tensor(offset: object, size: object, stride: object) -> Call:
    return tensor_on(storage(VALUES, "0"), offset, size, stride)


@pytest.fixture
def read(tmp_path):
    """Reads a file around a value, with the six numbers from 0 to 5 as its storage."""

    def read(value: object, *more: object):
        raw = pickled(value) if not isinstance(value, bytes) else value
        return read_checkpoint(zip_around(tmp_path / "model.pth", raw, {"0": VALUES.tobytes()}))

    return read


def test_a_view_that_just_fits_is_read(read):
    found = read({"view": tensor(1, (2, 2), (3, 1))}).tensors["view"]
    np.testing.assert_array_equal(found, [[1, 2], [4, 5]])


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        pytest.param(0, (7,), (1,), id="too long"),
        pytest.param(1, (6,), (1,), id="offset too far"),
        pytest.param(2, (2, 2), (3, 1), id="one past the end"),
        pytest.param(0, (2,), (6,), id="stride too long"),
        pytest.param(2**62, (1,), (1,), id="huge offset"),
        pytest.param(0, (2**40, 2**40), (2**40, 1), id="huge size"),
        pytest.param(0, (1,) * 33, (1,) * 33, id="too many dimensions"),
        pytest.param(-1, (2,), (1,), id="negative offset"),
        pytest.param(0, (-2, -3), (3, 1), id="negative size"),
        pytest.param(5, (2,), (-1,), id="negative stride"),
        pytest.param(0, (2, 3), (1,), id="one stride for two dimensions"),
        pytest.param(0, (True,), (1,), id="truth value as a size"),
        pytest.param(0, (2.0,), (1,), id="float as a size"),
        pytest.param(None, (2,), (1,), id="no offset"),
        pytest.param(0, "22", (1, 1), id="text as a size"),
        pytest.param(0, 6, 1, id="number as a size"),
        pytest.param(0, (2**40,), (0,), id="expanded without end"),
        pytest.param(0, (2**14, 2**14), (0, 0), id="expanded over the limit"),
    ],
)
def test_a_tensor_of_more_than_its_storage_is_refused(read, offset, size, stride):
    with pytest.raises(EmoError, match=r"model\.pth: .*expected tensors"):
        read({"weight": tensor(offset, size, stride)})


def test_many_expanded_tensors_are_refused_together(read):
    one = {"weight": tensor(0, (2**22,), (0,))}
    assert read(one).tensors["weight"].shape == (2**22,)
    many = {f"weight{index}": tensor(0, (2**22 - index,), (0,)) for index in range(6)}
    with pytest.raises(EmoError, match=r"weight4: .* claim many times the size of the file"):
        read(many)


def test_the_message_names_the_tensor(read):
    with pytest.raises(EmoError, match=r"fc\.weight: .*size \(7,\).* on a storage of 6 numbers"):
        read({"fc.weight": tensor(0, (7,), (1,))})


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(("FloatStorage", "0", 7), id="one more than is there"),
        pytest.param(("FloatStorage", "0", 2**62), id="huge"),
        pytest.param(("DoubleStorage", "0", 6), id="of a larger type"),
        pytest.param(("FloatStorage", "0", -6), id="negative"),
        pytest.param(("FloatStorage", "0", None), id="no count"),
        pytest.param(("FloatStorage", "1", 6), id="of another key"),
        pytest.param(("FloatStorage", "../data.pkl", 6), id="of another member"),
    ],
)
def test_a_storage_of_more_than_the_file_has_is_refused(read, kept):
    kind, key, count = kept
    identity = ("storage", Name("torch", kind), key, "cpu", count)
    with pytest.raises(EmoError, match=r"model\.pth: .*expected tensors"):
        read({"weight": tensor_on(Persistent(identity), 0, (6,), (1,))})


@pytest.mark.parametrize(
    "view", [("v", 4, 3), ("v", -1, 3), ("v", 0, 7), ("v", 0), 3, ("v", 0, None)]
)
def test_a_view_of_more_than_its_storage_is_refused(tmp_path, view):
    kept = storage(VALUES, "0", view)
    path = tmp_path / "model.pth"
    legacy_around(path, pickled({"weight": tensor_on(kept, 0, (3,), (1,))}), {"0": VALUES})
    with pytest.raises(EmoError, match=r"model\.pth: expected tensors"):
        read_checkpoint(path)


@pytest.mark.parametrize("count", [5, 7, 2**62, -6])
def test_a_count_in_the_old_format_must_be_that_of_the_pickle(tmp_path, count):
    path = tmp_path / "model.pth"
    kept = storage(VALUES, "0", None)
    legacy_around(path, pickled({"weight": rebuilt(VALUES, kept)}), {"0": VALUES})
    contents = path.read_bytes()
    end = len(contents) - VALUES.nbytes
    path.write_bytes(contents[: end - 8] + struct.pack("<q", count) + contents[end:])
    with pytest.raises(EmoError, match=rf"{count} numbers for a storage of 6"):
        read_checkpoint(path)


def test_a_compressed_archive_is_refused(tmp_path):
    path = tmp_path / "model.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled({"weight": tensor(0, (6,), (1,))}))
        archive.writestr("archive/data/0", bytes(2**20))
    with pytest.raises(EmoError, match="compressed or encrypted member"):
        read_checkpoint(path)


@pytest.mark.parametrize("size", [2**31, 10_000])
def test_a_directory_that_lies_about_a_size_is_refused(tmp_path, size):
    path = write_torch_zip(tmp_path / "model.pth", {"weight": VALUES})
    contents = bytearray(path.read_bytes())
    place = contents.rindex(b"PK\x01\x02")  # the last entry of the directory, that of the storage
    contents[place + 20 : place + 28] = struct.pack("<II", size, size)
    path.write_bytes(contents)
    with pytest.raises(EmoError, match="not where the archive says"):
        read_checkpoint(path)


def test_big_endian_numbers_are_read_right(tmp_path):
    raw = {"0": VALUES.astype(">f4").tobytes()}
    path = zip_around(
        tmp_path / "model.pth",
        pickled({"weight": tensor(0, (2, 3), (3, 1))}),
        raw,
        byteorder=b"big",
    )
    found = read_checkpoint(path).tensors["weight"]
    np.testing.assert_array_equal(found, VALUES.reshape(2, 3), strict=True)
    zip_around(path, pickled({"weight": tensor(0, (6,), (1,))}), raw, byteorder=b"middle")
    with pytest.raises(EmoError, match="unknown byte order"):
        read_checkpoint(path)


def test_a_module_in_itself_is_refused(read):
    itself = Opcodes(opcodes(New(NET)) + b"q\x00")
    modules = {"again": Opcodes(b"h\x00")}
    with pytest.raises(EmoError, match="nested more than 100 deep"):
        read(Built(itself, {"_parameters": {}, "_buffers": {}, "_modules": modules}))


def test_modules_shared_over_and_over_are_refused(read):
    shared = module(NET, parameters={"weight": tensor(0, (6,), (1,))})
    for level in range(40):
        kept = Opcodes(opcodes(shared) + b"q" + bytes([level]))
        shared = module(NET, modules={"left": kept, "right": Opcodes(b"h" + bytes([level]))})
    with pytest.raises(EmoError, match="more than 100,000 modules"):
        read(shared)


def test_a_key_nested_so_deep_that_its_hash_breaks_the_stack_is_refused(read):
    deep = Opcodes(b")" + b"\x85" * 200_000)
    for value in ({deep: 1}, Call(Name("builtins", "set"), ([deep],)), Built(NET, deep)):
        with pytest.raises(EmoError, match=r"a tuple as a key|a state for"):
            read(value)


def test_deep_nesting_alone_does_no_harm(read):
    deep = Opcodes(b"]" * 100_000 + b"a" * 99_999)
    assert list(read({"weight": tensor(0, (6,), (1,)), "deep": deep}).tensors) == ["weight"]


def test_a_memo_of_any_number_takes_no_memory(read):
    many = Opcodes(b"Nr\xff\xff\xff\xff0Np99999999999999999999\n")
    assert list(read({"weight": tensor(0, (6,), (1,)), "memo": many}).tensors) == ["weight"]


def called_often(argument: object, name: Name, *more: object, times: int) -> bytes:
    """Returns a pickle of weights that first calls a name many times on one kept object."""
    kept = opcodes(argument) + b"q\x000"
    call = opcodes(Call(name, (Opcodes(b"h\x00"), *more))) + b"0"
    return b"\x80\x02" + kept + call * times + opcodes({"weight": tensor(0, (6,), (1,))}) + b"."


@pytest.mark.parametrize(
    ("large", "name", "more"),
    [
        pytest.param("x" * 100_000, Name("_codecs", "encode"), ["latin1"], id="text"),
        pytest.param((1,) * 100_000, Name("builtins", "set"), [], id="set of a tuple"),
        pytest.param([1] * 100_000, Name("torch", "Size"), [], id="size of a list"),
    ],
)
def test_calls_that_copy_something_large_over_and_over_are_refused(read, large, name, more):
    assert list(read(called_often(large, name, *more, times=2)).tensors) == ["weight"]
    with pytest.raises(EmoError, match="multiply what is in the file"):
        read(called_often(large, name, *more, times=30))


def test_something_small_may_be_copied_many_times(read):
    raw = called_often({1: 2}, Name("collections", "Counter"), times=3000)
    assert list(read(raw).tensors) == ["weight"]


def test_a_pickle_of_too_many_steps_is_refused(read, monkeypatch):
    monkeypatch.setattr(pickle_machine, "_MOST_OPCODES", 1000)
    with pytest.raises(EmoError, match="more than 1,000 steps"):
        read([None] * 1000)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x8e" + struct.pack("<Q", 2**62) + b"x", id="BINBYTES8"),
        pytest.param(b"\x8d" + struct.pack("<Q", 2**62) + b"x", id="BINUNICODE8"),
        pytest.param(b"\x96" + struct.pack("<Q", 2**40) + b"x", id="BYTEARRAY8"),
        pytest.param(b"\x8b" + struct.pack("<i", 2**31 - 1) + b"x", id="LONG4"),
        pytest.param(b"T" + struct.pack("<i", -1) + b"x", id="negative length"),
        pytest.param(b"I" + b"9" * 5000 + b"\n", id="long number"),
        pytest.param(b"t", id="tuple without a mark"),
        pytest.param(b"R", id="call of nothing"),
        pytest.param(b"h\x07", id="memo that was never put"),
        pytest.param(b"}(Nu", id="key without a value"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff", id="no opcode"),
    ],
)
def test_a_pickle_that_makes_no_sense_is_an_error(read, raw):
    with pytest.raises(EmoError, match=r"model\.pth: expected a torch zip file that can be read"):
        read(b"\x80\x04" + raw + b".")
