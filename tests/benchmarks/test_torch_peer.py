import numpy as np
import pytest

from benchmarks import torch_peer
from benchmarks.common import AbsentPeerError
from benchmarks.torch_peer import TorchPeer

PARTS = {"scene": {"conv1.weight": np.ones(2)}, "head": {"fc1.bias": np.zeros(1)}}
SCRIPT = """
import json, sys
import numpy as np
names = sorted(np.load(sys.argv[1]))
print(json.dumps({"names": names}), flush=True)
for line in sys.stdin:
    path, calls = line.rsplit(maxsplit=1)
    total = float(np.load(path)["scene"].sum())
    print(json.dumps({"seconds": [0.5] * int(calls), "total": total}), flush=True)
"""
SILENT = "import sys; sys.exit(3)"
ONCE = "print('{}', flush=True); input()"


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts a peer whose script stands here, run by this interpreter."""
    monkeypatch.setattr(torch_peer.importlib.util, "find_spec", lambda name: name)

    def start(source: str) -> TorchPeer:
        (tmp_path / "script.py").write_text(source)
        return TorchPeer(str(tmp_path / "script.py"), PARTS, folder=tmp_path)

    return start


def test_a_peer_has_all_weights_by_part_and_answers_line_by_line(start, tmp_path):
    np.savez(tmp_path / "with space.npz", scene=np.arange(4))
    with start(SCRIPT) as peer:
        assert peer.facts == {"names": ["head.fc1.bias", "scene.conv1.weight"]}
        for calls in (1, 3):
            answer = peer.run(tmp_path / "with space.npz", calls=calls)
            assert answer == {"seconds": [0.5] * calls, "total": 6.0}


def test_a_script_that_does_not_start_is_named_with_its_code(start):
    with pytest.raises(RuntimeError, match=r"script\.py ended with 3, without an answer"):
        start(SILENT)


def test_a_script_that_ends_in_between_is_named(start, tmp_path):
    with start(ONCE) as peer, pytest.raises(RuntimeError, match=r"script\.py ended with 0"):
        peer.run(tmp_path / "inputs.npz", calls=1)


def test_without_pytorch_the_command_that_installs_it_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(torch_peer.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AbsentPeerError, match="torch: not installed") as caught:
        TorchPeer("torch_emotic.py", PARTS, folder=tmp_path)
    assert caught.value.install == "pip install 'torch>=2.13'"
    assert list(tmp_path.iterdir()) == []
