"""What Python 2 and torch before 0.4 wrote."""

import io
import pickletools
import struct

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from tests.checkpoints.expected import numbers
from tests.checkpoints.pickle_writer import (
    Built,
    Call,
    Name,
    New,
    Opcodes,
    Persistent,
    module,
    pickled,
)
from tests.checkpoints.writers import legacy_around, rebuilt, storage, write_torch_legacy

WEIGHT = numbers("fc.weight", (3, 4))
HOOKS = Call(Name("collections", "OrderedDict"), ())
DOUBLE = Built(Call(Name("numpy", "dtype"), ("f8", 0, 1)), (3, "<", None, None, None, -1, -1, 0))


def byte_string(raw: bytes) -> Opcodes:
    """Returns a string of Python 2."""
    short = len(raw) < 256
    return Opcodes(
        (struct.pack("<cB", b"U", len(raw)) if short else struct.pack("<ci", b"T", len(raw))) + raw
    )


def as_python_2(contents: bytes) -> bytes:
    """Returns a file of the old format in which all text is byte strings."""
    stream, written = io.BytesIO(contents), b""
    for opcode, argument, place, end in steps(stream):
        is_text = opcode == "BINUNICODE"
        written += byte_string(argument.encode()).raw if is_text else contents[place:end]
    return written + stream.read()


def steps(stream: io.BytesIO) -> list[tuple[str, object, int, int]]:
    """Returns opcode, argument, beginning and end of each step of the five pickles."""
    found = []
    for _ in range(5):
        parts = list(pickletools.genops(stream))
        ends = [place for _, _, place in parts[1:]] + [stream.tell()]
        found += [
            (opcode.name, argument, place, end)
            for (opcode, argument, place), end in zip(parts, ends, strict=True)
        ]
    return found


@pytest.mark.parametrize(
    "name",
    ["training_legacy.pth.tar", "resnet_legacy.pth", "emotic_legacy.pth", "types_legacy.pth"],
)
def test_byte_strings_of_python_2_are_read_as_text(files, tmp_path, name):
    path = tmp_path / name
    contents = as_python_2((files / name).read_bytes())
    path.write_bytes(contents)
    opcodes = {opcode for opcode, _, _, _ in steps(io.BytesIO(contents))}
    assert "SHORT_BINSTRING" in opcodes
    assert "BINUNICODE" not in opcodes
    expected, found = read_checkpoint(files / name), read_checkpoint(path)
    assert list(found.tensors) == list(expected.tensors)
    for tensor, values in expected.tensors.items():
        np.testing.assert_array_equal(found.tensors[tensor], values, strict=True)
    assert found.modules == expected.modules
    if name.startswith("training"):
        assert found.values["arch"] == "resnet18"


def test_a_checkpoint_of_python_2_has_pairs_and_scalars_of_bytes(tmp_path):
    def wrap(state: dict) -> dict:
        pairs = [[byte_string(name.encode()), value] for name, value in state.items()]
        scalar = Call(
            Name("numpy.core.multiarray", "scalar"), (DOUBLE, byte_string(struct.pack("<d", 54.3)))
        )
        return {
            byte_string(b"state_dict"): Call(Name("collections", "OrderedDict"), (pairs,)),
            byte_string(b"best_prec1"): scalar,
            byte_string(b"note"): byte_string(b"caf\xe9"),
        }

    path = write_torch_legacy(tmp_path / "model.pth", {"module.fc.weight": WEIGHT}, wrap=wrap)
    checkpoint = read_checkpoint(path)
    np.testing.assert_array_equal(checkpoint.tensors["fc.weight"], WEIGHT, strict=True)
    assert checkpoint.values == {"best_prec1": 54.3, "note": "café"}


def test_an_array_of_numpy_from_python_2_is_read(tmp_path):
    made = Call(
        Name("numpy.core.multiarray", "_reconstruct"), (Name("numpy", "ndarray"), (0,), "b")
    )
    values = np.arange(6.0).reshape(2, 3)
    array = Built(made, (1, (2, 3), DOUBLE, True, byte_string(values.tobytes("F"))))
    path = legacy_around(tmp_path / "model.pth", pickled({"mean": array}))
    np.testing.assert_array_equal(read_checkpoint(path).tensors["mean"], values, strict=True)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            lambda tensor: Built(
                Call(Name("torch.nn.parameter", "Parameter"), (tensor,)), (True, False, HOOKS)
            ),
            id="parameter by a call",
        ),
        pytest.param(
            lambda tensor: Built(
                New(Name("torch.nn.parameter", "Parameter"), (tensor,)), (True, False, HOOKS)
            ),
            id="parameter by NEWOBJ",
        ),
        pytest.param(
            lambda tensor: Built(
                Call(Name("torch.autograd.variable", "Variable"), (tensor,)), (True, False, None)
            ),
            id="variable",
        ),
        pytest.param(
            lambda tensor: Call(Name("torch._utils", "_rebuild_parameter"), (tensor, True, HOOKS)),
            id="_rebuild_parameter",
        ),
        pytest.param(
            lambda tensor: Call(
                Name("torch._utils", "_rebuild_parameter_with_state"), (tensor, True, HOOKS, {})
            ),
            id="_rebuild_parameter_with_state",
        ),
        pytest.param(
            lambda tensor: Call(Name("torch._utils", "_rebuild_tensor"), tensor.arguments[:4]),
            id="_rebuild_tensor",
        ),
        pytest.param(
            lambda tensor: Call(
                Name("torch._tensor", "_rebuild_from_type_v2"),
                (tensor.function, Name("torch", "Tensor"), tensor.arguments, {"tag": 1}),
            ),
            id="_rebuild_from_type_v2",
        ),
    ],
)
def test_parameters_and_tensors_are_alike(tmp_path, made):
    path = write_torch_legacy(
        tmp_path / "model.pth",
        {"fc.weight": WEIGHT},
        wrap=lambda state: {name: made(tensor) for name, tensor in state.items()},
    )
    np.testing.assert_array_equal(read_checkpoint(path).tensors["fc.weight"], WEIGHT, strict=True)


def test_a_module_of_old_torch_with_its_source_and_backend_is_read(tmp_path):
    def with_source(name: Name) -> Persistent:
        return Persistent(("module", name, "/home/user/net.py", "class Net: ..."))

    def wrap(state: dict) -> Built:
        linear = Name("torch.nn.modules.linear", "Linear")
        backend = Call(Name("torch.nn.backends.thnn", "_get_thnn_function_backend"), ())
        reconstructed = Call(
            Name("copy_reg", "_reconstructor"),
            (with_source(linear), Name("__builtin__", "object"), None),
        )
        attributes = {"_parameters": state, "_buffers": {}, "_modules": {}, "_backend": backend}
        layer = Built(reconstructed, attributes)
        return module(with_source(Name("net", "net")), modules={"fc": layer, "gone": None})

    path = write_torch_legacy(
        tmp_path / "model.pth", {"weight": WEIGHT, "bias": WEIGHT[0]}, wrap=wrap
    )
    checkpoint = read_checkpoint(path)
    assert checkpoint.modules == ("net.net", "torch.nn.modules.linear.Linear")
    np.testing.assert_array_equal(checkpoint.tensors["fc.weight"], WEIGHT)
    np.testing.assert_array_equal(checkpoint.tensors["fc.bias"], WEIGHT[0])


def test_views_of_storages_begin_where_they_say(tmp_path):
    whole = np.arange(12, dtype=np.float32)
    view = storage(whole, "root", ("view", 4, 6))
    state = {
        "view": rebuilt(whole[:6].reshape(2, 3), view),
        "whole": rebuilt(whole, storage(whole, "root", None)),
    }
    path = legacy_around(tmp_path / "model.pth", pickled(state), {"root": whole})
    found = read_checkpoint(path).tensors
    np.testing.assert_array_equal(found["view"], whole[4:10].reshape(2, 3), strict=True)
    np.testing.assert_array_equal(found["whole"], whole, strict=True)


@pytest.mark.parametrize("home", ["torch", "torch.cuda"])
def test_storages_of_a_gpu_are_read_alike(tmp_path, home):
    kind = Name(home, "HalfStorage")
    values = numbers("half", (2, 2), "float16")
    kept = Persistent(("storage", kind, "0", "cuda:0", 4, None))
    path = legacy_around(
        tmp_path / "model.pth", pickled({"half": rebuilt(values, kept)}), {"0": values}
    )
    found = read_checkpoint(path).tensors["half"]
    np.testing.assert_array_equal(found, values.astype(np.float32), strict=True)
