"""Where in a checkpoint the weights are found, and what they are called."""

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.pickle_writer import Built, Call, Filled, Name, New, module, pickled
from tests.checkpoints.writers import write_torch_legacy, write_torch_zip, zip_around

NET = Name("emotic", "Net")
ONE, TWO = np.ones(1, np.float32), np.full((2,), 2, np.float32)


@pytest.fixture(params=[write_torch_zip, write_torch_legacy], ids=["zip", "legacy"])
def read(request, tmp_path):
    """Writes a checkpoint of some tensors, in what `wrap` puts round them, and reads it."""

    def read(tensors: dict[str, np.ndarray], wrap=dict):
        return read_checkpoint(request.param(tmp_path / "model.pth", tensors, wrap=wrap))

    return read


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(dict, id="alone"),
        *(
            pytest.param(lambda state, key=key: {"epoch": 3, key: state}, id=key)
            for key in ("state_dict", "model_state_dict", "model", "net", "state_dict_ema")
        ),
        pytest.param(lambda state: Filled(New(NET), state) and state | {"x": New(NET)}, id="stub"),
        pytest.param(
            lambda state: {
                "state_dict": Built(
                    Filled(Call(Name("collections", "OrderedDict"), ()), state), {"_metadata": {}}
                )
            },
            id="ordered dict with attributes",
        ),
        pytest.param(
            lambda state: {"model": module(NET, parameters=state)}, id="module under a key"
        ),
        pytest.param(
            lambda state: {"model": "resnet18", "net": None, "state_dict": state}, id="key of text"
        ),
        pytest.param(
            lambda state: {"model": {"depth": 18}, "net": state}, id="key of something else"
        ),
        pytest.param(
            lambda state: state | {"optimizer": {"state": {0: dict(state)}, "groups": [1]}, 7: 7},
            id="an optimizer among the weights",
        ),
        pytest.param(
            lambda state: {"state_dict": state, "optimizer": {"bias": state["fc.bias"]}},
            id="an optimizer beside the weights",
        ),
    ],
)
def test_weights_are_found_where_scripts_put_them(read, wrap):
    found = read({"fc.weight": ONE, "fc.bias": TWO}, wrap).tensors
    assert {name: values.tolist() for name, values in found.items()} == {
        "fc.weight": [1],
        "fc.bias": [2, 2],
    }


def test_the_plain_state_dict_goes_before_the_averaged(read):
    def wrap(state: dict) -> dict:
        return {"state_dict_ema": {"fc": state["ema"]}, "state_dict": {"fc": state["plain"]}}

    assert read({"ema": ONE, "plain": TWO}, wrap).tensors["fc"].tolist() == [2, 2]


def test_values_are_what_can_be_shown_on_a_line(read):
    def wrap(state: dict) -> dict:
        values = {"arch": "resnet18", "epoch": 90, "best": 54.5, "done": True, "note": None}
        others = {
            "list": [1],
            "dict": {"a": 1},
            "text": "a\nb",
            "big": 2**70,
            5: 6,
            "net": New(NET),
        }
        sizes = {"size": Call(Name("torch", "Size"), ((2, 3),)), "type": Name("torch", "float32")}
        device = {"device": Call(Name("torch", "device"), ("cuda", 0))}
        return {"state_dict": state} | values | others | sizes | device

    assert read({"fc": ONE}, wrap).values == {
        "arch": "resnet18",
        "epoch": 90,
        "best": 54.5,
        "done": True,
        "note": None,
        "device": "cuda:0",
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["module.a.w", "module.b"], ["a.w", "b"], id="data parallel"),
        pytest.param(["module.module.a"], ["a"], id="data parallel twice"),
        pytest.param(["module.a", "b"], ["module.a", "b"], id="one child named so"),
        pytest.param(
            ["module.bn.weight", "module.bn.num_batches_tracked"], ["bn.weight"], id="counters"
        ),
        pytest.param(
            ["module.features.denseblock2.denselayer12.conv.2.weight"],
            ["features.denseblock2.denselayer12.conv2.weight"],
            id="old densenet",
        ),
        pytest.param(
            ["denselayer1.norm.3.weight", "conv.1.weight", "layer.norm.1.bias"],
            ["denselayer1.norm.3.weight", "conv.1.weight", "layer.norm.1.bias"],
            id="names that look alike",
        ),
    ],
)
def test_names_become_those_of_a_plain_model(read, names, expected):
    assert list(read(dict.fromkeys(names, ONE)).tensors) == expected


def test_two_tensors_of_one_name_are_refused(read):
    names = ["denselayer1.norm.1.bias", "denselayer1.norm1.bias"]
    with pytest.raises(EmoError, match=r"two tensors named 'denselayer1\.norm1\.bias'"):
        read(dict.fromkeys(names, ONE))


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\nb", "a" * 501])
def test_a_name_that_cannot_be_shown_is_refused(read, name):
    with pytest.raises(EmoError, match=r"the name 'a.* of a tensor"):
        read({name: ONE})


@pytest.mark.parametrize(
    ("value", "received"),
    [
        pytest.param({}, r"the entries \[\]", id="nothing"),
        pytest.param({"epoch": 3, "optimizer": {}}, r"\['epoch', 'optimizer'\]", id="no weights"),
        pytest.param([1], "a list", id="list"),
        pytest.param(None, "a NoneType", id="None"),
        pytest.param(New(NET), r"an instance of emotic\.Net", id="an object without tensors"),
        pytest.param(module(NET), r"an instance of emotic\.Net without tensors", id="empty module"),
    ],
)
def test_a_file_without_weights_is_an_error(tmp_path, value, received):
    path = zip_around(tmp_path / "model.pth", pickled(value))
    with pytest.raises(EmoError, match=rf"expected a module, or tensors by name.*{received}"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("attributes", "match"),
    [
        pytest.param(
            {"_modules": {"a": New(NET)}}, "an instance of .* as the module 'a'", id="child"
        ),
        pytest.param({"_modules": [1]}, "whose _modules have no names", id="list of children"),
        pytest.param({"_parameters": {1: 2}}, "whose _parameters have no names", id="number"),
        pytest.param({"_buffers": {"a": 3}}, "a int as the tensor 'a'", id="no tensor"),
    ],
)
def test_a_module_that_is_not_made_as_torch_makes_them_is_refused(tmp_path, attributes, match):
    value = Built(New(NET), {"_parameters": {}, "_buffers": {}, "_modules": {}} | attributes)
    path = zip_around(tmp_path / "model.pth", pickled(value))
    with pytest.raises(EmoError, match=match):
        read_checkpoint(path)


def test_a_module_has_no_buffers_that_are_not_persistent(read):
    def wrap(state: dict) -> Built:
        return Built(
            New(NET),
            {
                "_parameters": {"bias": None},
                "_buffers": state | {"gone": None},
                "_modules": {},
                "_non_persistent_buffers_set": Call(Name("__builtin__", "set"), (["scratch"],)),
            },
        )

    assert list(read({"mean": ONE, "scratch": TWO}, wrap).tensors) == ["mean"]


def test_tensors_that_torch_shared_are_one_array(read):
    found = read({"a": TWO}, lambda state: state | {"b": state["a"]}).tensors
    assert found["a"] is found["b"]


def test_numbers_of_no_dimension_keep_it(read):
    found = read({"scale": np.array(2.5, np.float32), "half": np.array(2.5, np.float16)}).tensors
    for array in found.values():
        np.testing.assert_array_equal(array, np.array(2.5, np.float32), strict=True)
