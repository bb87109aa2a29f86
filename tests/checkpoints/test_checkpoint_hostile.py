"""Files that want to run something: each is refused, and nothing has run."""

import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.pickle_writer import (
    Call,
    LateName,
    Name,
    Opcodes,
    Persistent,
    module,
    opcodes,
    pickled,
)
from tests.checkpoints.writers import (
    MAGIC_NUMBER,
    legacy_around,
    rebuilt,
    storage,
    write_torch_legacy,
    write_torch_zip,
    zip_around,
)

WEIGHT = np.ones((2, 2), np.float32)
TENSOR = rebuilt(WEIGHT, storage(WEIGHT, "0"))


def python(canary: Path) -> str:
    return f"__import__('pathlib').Path({str(canary)!r}).touch()"


def shell(canary: Path) -> str:
    return f"touch '{canary}'"


def instance_opcodes(canary: Path) -> Opcodes:
    return Opcodes(b"(" + opcodes(shell(canary)) + b"ios\nsystem\n")


def object_opcodes(canary: Path) -> Opcodes:
    return Opcodes(b"(" + opcodes(Name("os", "system")) + opcodes(shell(canary)) + b"o")


def by_getattr(canary: Path) -> Call:
    imported = Call(Name("builtins", "__import__"), ("os",))
    return Call(Call(Name("builtins", "getattr"), (imported, "system")), (shell(canary),))


def by_reduce(canary: Path) -> Opcodes:
    """What a pickler writes for an object with a `__reduce__` of its own."""

    class Innocent:
        def __reduce__(self) -> tuple:
            return subprocess.check_call, (["touch", str(canary)],)

    return Opcodes(pickle.dumps(Innocent(), 2)[2:-1])


ARMED = {
    "os.system": lambda canary: Call(Name("os", "system"), (shell(canary),)),
    "posix.system by STACK_GLOBAL": lambda canary: Call(
        LateName("posix", "system"), (shell(canary),)
    ),
    "dotted name": lambda canary: Call(LateName("shutil", "os.system"), (shell(canary),)),
    "eval": lambda canary: Call(Name("builtins", "eval"), (python(canary),)),
    "eval of Python 2": lambda canary: Call(Name("__builtin__", "eval"), (python(canary),)),
    "exec": lambda canary: Call(Name("builtins", "exec"), (python(canary),)),
    "getattr": by_getattr,
    "subprocess by __reduce__": by_reduce,
    "map": lambda canary: Call(
        Name("builtins", "list"),
        (Call(Name("builtins", "map"), (Name("os", "system"), [shell(canary)])),),
    ),
    "timeit": lambda canary: Call(
        Name("timeit", "timeit"), (python(canary), "", Name("time", "perf_counter"), 1)
    ),
    "INST": instance_opcodes,
    "OBJ": object_opcodes,
}
"""Attacks that succeed on the `pickle` of Python."""


def in_legacy_version(path: Path, value: object) -> Path:
    path.write_bytes(pickled(MAGIC_NUMBER) + pickled(value))
    return path


def in_legacy_keys(path: Path, value: object) -> Path:
    legacy_around(path, pickled({"weight": TENSOR}))
    path.write_bytes(path.read_bytes()[: -len(pickled([]))] + pickled([value]))
    return path


PLACES = {
    "alone": lambda path, value: zip_around(path, pickled(value)),
    "beside weights": lambda path, value: write_torch_zip(
        path, {"weight": WEIGHT}, wrap=lambda state: {"state_dict": state, "arch": value}
    ),
    "among weights": lambda path, value: write_torch_legacy(
        path, {"weight": WEIGHT}, wrap=lambda state: state | {"bias": value}
    ),
    "as an attribute of a module": lambda path, value: write_torch_zip(
        path,
        {"weight": WEIGHT},
        wrap=lambda state: module(Name("emotic", "Net"), parameters=state, act=value),
    ),
    "thrown away": lambda path, value: zip_around(
        path, b"\x80\x02" + opcodes(value) + b"0" + opcodes({"weight": TENSOR}) + b"."
    ),
    "in an identity": lambda path, value: zip_around(
        path, pickled({"weight": Persistent(("storage", value, "0", "cpu", 1))})
    ),
    "in the version of the old format": in_legacy_version,
    "in the keys of the old format": in_legacy_keys,
}


@pytest.fixture
def canary(tmp_path) -> Path:
    """A file that comes into being if an attack succeeds."""
    return tmp_path / "canary"


@pytest.mark.parametrize("attack", ARMED)
def test_the_attacks_succeed_on_the_pickle_of_python(attack, canary):
    # Dotted names came with protocol 4, and the names of Python 2 went with protocol 3.
    protocol = b"\x04" if attack == "dotted name" else b"\x02"
    pickle.loads(b"\x80" + protocol + opcodes(ARMED[attack](canary)) + b".")
    assert canary.exists()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", ARMED)
def test_an_attack_is_refused_wherever_it_lies(attack, place, canary, tmp_path):
    path = PLACES[place](tmp_path / "model.pth", ARMED[attack](canary))
    with pytest.raises(EmoError, match=r"model\.pth: expected .* Received: "):
        read_checkpoint(path)
    assert not canary.exists()


def test_the_message_names_the_file_and_what_it_asks_for(canary, tmp_path):
    path = PLACES["beside weights"](tmp_path / "model.pth", ARMED["os.system"](canary))
    with pytest.raises(
        EmoError, match=r"model\.pth: expected tensors.*'os\.system', which is not on"
    ):
        read_checkpoint(path)
