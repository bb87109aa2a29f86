"""Files of safetensors: written by torch, by the package, and by hand."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.expected import TYPES, numbers

KINDS = {kind: read for kind, read in TYPES.items() if kind not in ("uint16", "complex64")}
"""Those that torch wrote into `types.safetensors`."""


def write(path: Path, header: object, numbers: bytes) -> Path:
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + numbers)
    return path


def entry(kind: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def test_every_type_that_torch_writes_is_read(files):
    checkpoint = read_checkpoint(files / "types.safetensors")
    assert checkpoint.format == "safetensors"
    assert checkpoint.values == {"format": "pt"}
    assert checkpoint.modules == ()
    assert set(checkpoint.tensors) == set(KINDS)
    for name, kind in KINDS.items():
        found = checkpoint.tensors[name]
        np.testing.assert_array_equal(found, numbers(name, (2, 3), kind), strict=True)
        assert found.flags.c_contiguous
        assert found.flags.aligned


def test_names_are_made_those_of_a_plain_model(tmp_path):
    path = tmp_path / "model.safetensors"
    ones = np.ones(3, np.float32)
    names = ["module.bn.weight", "module.bn.num_batches_tracked"]
    save_file(dict.fromkeys(names, ones), path)
    checkpoint = read_checkpoint(path)
    assert list(checkpoint.tensors) == ["bn.weight"]
    assert checkpoint.values == {}


def test_tensors_come_in_the_order_of_the_file(tmp_path):
    header = {
        "a": entry("F32", [], 8, 12),
        "z": entry("BF16", [2, 2], 0, 8),
        "b": entry("F16", [0, 5], 12, 12),
    }
    halves = np.array([[1, -2], [0.5, 3]], np.float32)
    raw = halves.view(np.uint16)[:, 1::2].tobytes() + struct.pack("<f", 7)
    found = read_checkpoint(write(tmp_path / "model.safetensors", header, raw)).tensors
    assert list(found) == ["z", "a", "b"]
    np.testing.assert_array_equal(found["z"], halves, strict=True)
    np.testing.assert_array_equal(found["a"], np.array(7, np.float32), strict=True)
    assert (found["b"].shape, found["b"].dtype) == ((0, 5), np.float32)


@pytest.mark.parametrize("kind", ["F8_E4M3", "F8_E5M2"])
def test_floats_of_eight_bits_are_refused(tmp_path, kind):
    path = write(tmp_path / "model.safetensors", {"weight": entry(kind, [4], 0, 4)}, bytes(4))
    with pytest.raises(EmoError, match=rf"model\.safetensors: .* 'weight' of type {kind}, which"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"weight": entry("F32", [3], 0, 8)}, id="shape of more"),
        pytest.param({"weight": entry("F32", [1], 0, 8)}, id="shape of less"),
        pytest.param({"weight": entry("F32", [2**62, 8], 0, 8)}, id="huge shape"),
        pytest.param({"weight": entry("F32", [-2], 0, 8)}, id="negative shape"),
        pytest.param({"weight": entry("F32", [1], 4, 8)}, id="gap"),
        pytest.param({"weight": entry("F32", [2], 8, 0)}, id="backwards"),
        pytest.param({"weight": entry("XX", [2], 0, 8)}, id="unknown type"),
        pytest.param({"weight": {"dtype": "F32"}}, id="no offsets"),
        pytest.param({"weight": [1]}, id="no entry"),
        pytest.param({"__metadata__": {"a": 1}, "weight": entry("F32", [2], 0, 8)}, id="metadata"),
        pytest.param({}, id="numbers of nobody"),
    ],
)
def test_a_header_that_makes_no_sense_is_an_error(tmp_path, header):
    path = write(tmp_path / "model.safetensors", header, bytes(8))
    with pytest.raises(EmoError, match=r"model\.safetensors: expected a safetensors file that can"):
        read_checkpoint(path)


def test_a_header_longer_than_the_file_means_cut_short(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", 5000) + b'{"weight": ')
    with pytest.raises(EmoError, match="expected a whole safetensors file"):
        read_checkpoint(path)
