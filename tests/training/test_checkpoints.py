import errno
from pathlib import Path

import keras
import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.training import checkpoints
from emo_tf.training.checkpoints import Checkpoints
from tests.full_disk import largest_file
from tests.training.small_steps import batch, make_step, small_net


def numbers(*values: float) -> list[keras.Variable]:
    return [keras.Variable(np.full((2, 3), value, np.float32)) for value in values]


def filled(folder: Path, *steps: int) -> tuple[Checkpoints, list[keras.Variable]]:
    """Returns checkpoints of steps, each of which holds its own number."""
    variables = numbers(0)
    kept = Checkpoints(folder, {"model": variables})
    for step in steps:
        variables[0].assign(np.full((2, 3), step))
        kept.save(step, {"step": step})
    return kept, variables


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_variables_come_back_to_the_bit(tmp_path):
    parts = []
    for _ in range(2):
        model, average = (small_net(dtype="mixed_bfloat16") for _ in range(2))
        take_step = make_step(model, average, name="adam", ema_decay=0.5)
        others = [
            keras.Variable(np.arange(6).reshape(2, 3).T, dtype="bfloat16"),
            keras.Variable(2**40 + 1, dtype="int64"),
            keras.Variable(np.float32(np.pi)),
        ]
        optimizer = take_step._optimizers.variables
        parts.append({"model": model.weights, "optimizer": optimizer, "others": others})
    take_step(batch())  # of the second
    (fresh, trained), state = parts, {"epoch": 3, "best": -0.1, "sums": {"loss": 0.1 + 0.2}}
    for variable in fresh["others"]:
        variable.assign(0 * variable)
    path = Checkpoints(tmp_path / "new", trained).save(12, state)
    assert path == tmp_path / "new" / "step_00000012.safetensors"
    assert Checkpoints(tmp_path / "new", fresh).restore() == state
    for part, variables in trained.items():
        for variable, expected in zip(fresh[part], variables, strict=True):
            value = variable.numpy()
            assert (value.dtype, value.shape) == (expected.numpy().dtype, expected.shape)
            assert value.tobytes() == expected.numpy().tobytes(), expected.path
    assert len(trained["optimizer"]) > 16


def test_nothing_is_restored_where_nothing_was_saved(tmp_path):
    kept, (variable,) = filled(tmp_path / "none")
    assert kept.restore() is None
    assert kept.files == []
    assert not variable.numpy().any()
    assert not (tmp_path / "none").exists()


def test_the_last_three_are_kept_and_the_latest_counts(tmp_path):
    kept, (variable,) = filled(tmp_path, 5, 8, 10, 20, 21)
    assert names(tmp_path) == [f"step_000000{step}.safetensors" for step in (10, 20, 21)]
    variable.assign(0 * variable)
    assert kept.restore() == {"step": 21}
    np.testing.assert_array_equal(variable.numpy(), np.full((2, 3), 21))


def test_steps_are_in_the_order_of_numbers(tmp_path):
    steps = (9_999, 10_000, 99_999_999, 100_000_000)
    kept, _ = filled(tmp_path, *steps)
    assert [int(path.stem.split("_")[1]) for path in kept.files] == list(steps[1:])
    assert kept.restore() == {"step": 100_000_000}


def test_other_files_are_no_checkpoints(tmp_path):
    strangers = (
        "best.weights.h5",
        "step_00000009.safetensors.bak",
        "step_9.safetensors",
        "step_last.safetensors",
        "my_step_00000009.safetensors",
    )
    for name in strangers:
        (tmp_path / name).write_text("something else")
    kept, _ = filled(tmp_path, 1, 2, 3, 4)
    assert kept.restore() == {"step": 4}
    written = [f"step_0000000{step}.safetensors" for step in (2, 3, 4)]
    assert names(tmp_path) == sorted([*strangers, *written])


def test_what_a_killed_process_was_writing_is_neither_read_nor_kept(tmp_path):
    kept, _ = filled(tmp_path, 1)
    (tmp_path / ".4321.step_00000002.safetensors").write_bytes(b"half")
    assert kept.restore() == {"step": 1}
    kept.save(2, {"step": 2})
    assert names(tmp_path) == [f"step_0000000{step}.safetensors" for step in (1, 2)]


@pytest.mark.parametrize("earlier", [(), (3, 4)], ids=["the first", "a later one"])
def test_a_write_that_fails_half_way_leaves_the_earlier_ones(tmp_path, monkeypatch, earlier):
    kept, (variable,) = filled(tmp_path, *earlier)
    before = names(tmp_path)
    write = checkpoints.save_file

    def fill_up(tensors, path, **options):
        write(tensors, path, **options)
        path.write_bytes(path.read_bytes()[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", fill_up)
    variable.assign(0 * variable)
    with pytest.raises(EmoError) as caught:
        kept.save(5, {"step": 5})
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'step_00000005.safetensors'}: the checkpoint cannot be")
    assert "No space left on device" in message
    assert message.endswith("; step_00000004.safetensors is still there") == bool(earlier)
    assert names(tmp_path) == before
    assert kept.restore() == ({"step": 4} if earlier else None)
    np.testing.assert_array_equal(variable.numpy(), np.full((2, 3), 4 if earlier else 0))


def test_a_file_that_the_disk_does_not_take_leaves_the_earlier_one(tmp_path):
    filled(tmp_path, 1)
    large = Checkpoints(tmp_path, {"model": [keras.Variable(np.ones((1000, 1000), np.float32))]})
    with largest_file(2**20), pytest.raises(EmoError) as caught:
        large.save(2, {"step": 2})
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'step_00000002.safetensors'}: the checkpoint cannot be")
    assert message.endswith("; step_00000001.safetensors is still there")
    assert names(tmp_path) == ["step_00000001.safetensors"]
    assert filled(tmp_path)[0].restore() == {"step": 1}


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmoError, match=r"step_00000001\.safetensors: the checkpoint cannot be"):
        filled(tmp_path / "file", 1)


@pytest.mark.parametrize("left", [0, 4, 60, -1], ids=["empty", "length", "header", "values"])
def test_a_file_cut_short_is_an_error_that_says_what_to_do(tmp_path, left):
    kept, (variable,) = filled(tmp_path, 1, 2)
    path = kept.files[-1]
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(EmoError) as caught:
        kept.restore()
    assert str(caught.value).startswith(f"{path}: expected a checkpoint of this run. Received: a")
    assert str(caught.value).endswith("remove it to go on from the one before")
    np.testing.assert_array_equal(variable.numpy(), np.full((2, 3), 2))
    path.unlink()
    assert kept.restore() == {"step": 1}


def test_a_file_of_another_kind_is_an_error(tmp_path):
    kept, _ = filled(tmp_path, 1)
    checkpoints.save_file({"model/0000": np.zeros((2, 3))}, kept.files[0])
    with pytest.raises(EmoError, match=r"expected a checkpoint of this run\. Received: a file"):
        kept.restore()


@pytest.mark.parametrize(
    ("others", "message"),
    [
        pytest.param(
            {"model": numbers(0, 0)},
            r"expected the variables of this run\. Received: others, .* model/0001 \(1 in all\)$",
            id="one more",
        ),
        pytest.param(
            {"average": numbers(0)},
            r"Received: others, among them average/0000 \(2 in all\)$",
            id="another part",
        ),
        pytest.param(
            {"model": [keras.Variable(np.zeros((3, 2)), name="kernel")]},
            r"expected model/0000, kernel, of shape \(3, 2\)\. Received: \(2, 3\)$",
            id="another shape",
        ),
    ],
)
def test_a_checkpoint_of_other_variables_is_an_error(tmp_path, others, message):
    path = filled(tmp_path, 1)[0].files[0]
    with pytest.raises(EmoError, match=message) as caught:
        Checkpoints(tmp_path, others).restore()
    assert str(caught.value).startswith(f"{path}: ")
    for variables in others.values():
        assert not any(variable.numpy().any() for variable in variables)


def test_no_variable_is_filled_if_one_does_not_fit(tmp_path):
    Checkpoints(tmp_path, {"model": numbers(1, 2)}).save(1, {})
    first, second = keras.Variable(np.zeros((2, 3))), keras.Variable(np.zeros(6))
    with pytest.raises(EmoError, match="expected model/0001"):
        Checkpoints(tmp_path, {"model": [first, second]}).restore()
    assert not first.numpy().any()
