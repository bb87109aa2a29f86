"""Names and tricks that no checkpoint needs: refused one by one, even where they are harmless."""

import copyreg
import re

import numpy as np
import pytest

from emo_tf.checkpoints.checkpoint import read_checkpoint
from emo_tf.errors import EmoError
from tests.checkpoints.pickle_writer import (
    Built,
    Call,
    LateName,
    Name,
    New,
    Opcodes,
    Persistent,
    module,
    opcodes,
)
from tests.checkpoints.writers import rebuilt, storage, write_torch_zip

WEIGHT = np.ones((2, 2), np.float32)
NET = Name("emotic", "Emotic18")
REBUILD = Name("torch._utils", "_rebuild_tensor_v2")
ARRAY = Name("numpy.core.multiarray", "_reconstruct")
SCALAR = Name("numpy.core.multiarray", "scalar")
OBJECTS = Call(Name("numpy", "dtype"), ("O8", False, True))


@pytest.fixture
def read_with(tmp_path):
    """Reads a file of sound weights that has something beside them."""

    def read(value: object):
        path = tmp_path / "model.pth"
        write_torch_zip(path, {"weight": WEIGHT}, wrap=lambda state: {"net": state, "more": value})
        return read_checkpoint(path)

    return read


def refused(match: str):
    return pytest.raises(EmoError, match=rf"model\.pth: expected tensors.* Received: .*(?:{match})")


@pytest.mark.parametrize("write", [Name, LateName], ids=["GLOBAL", "STACK_GLOBAL"])
@pytest.mark.parametrize(
    "full",
    [
        "os.system",
        "os.path.join",
        "nt.system",
        "posix.execv",
        "sys.exit",
        "importlib.import_module",
        "runpy.run_path",
        "socket.socket",
        "shutil.rmtree",
        "ctypes.CDLL",
        "pickle.loads",
        "marshal.loads",
        "types.CodeType",
        "operator.attrgetter",
        "functools.partial",
        "functools.reduce",
        "pathlib.PosixPath",
        "collections.abc.Callable",
        "copyreg.add_extension",
        "copyreg.__newobj__",
        "builtins.type",
        "builtins.getattr",
        "builtins.bytearray",
        "builtins.__import__",
        "__builtin__.execfile",
        "commands.getoutput",
        "cPickle.loads",
        "imp.load_source",
        "distutils.core.run_setup",
        "numpy.load",
        "numpy.testing.runstring",
        "numpy.core.multiarray.fromfile",
        "numpy._core.multiarray.array",
        "torch.load",
        "torch.hub.load",
        "torch.utils.data.DataLoader",
        "torch.storage._load_from_bytes",
        "torch.serialization.load",
        "torch.jit.load",
        "torch._utils._import_dotted_name",
        "torch.nnx.Net",
        "emotic.__builtins__",
        "emotic.__loader__.Net",
        "torch.nn.modules.__builtins__",
    ],
)
def test_a_name_off_the_list_is_refused_even_if_nothing_calls_it(read_with, write, full):
    with refused(re.escape(f"the name {full!r}, which")):
        read_with(write(*full.rsplit(".", 1)))


@pytest.mark.parametrize(
    ("home", "name"),
    [
        ("torch.nn.modules.linear", "Linear.forward.__globals__"),
        ("emotic", "os.system"),
        ("emotic", ""),
        ("", "Net"),
        ("emotic.", "Net"),
        ("a b", "Net"),
        ("..", "Net"),
        ("emotic", "Net()"),
    ],
)
def test_what_is_no_name_of_a_class_is_refused(read_with, home, name):
    with refused("which no class has"):
        read_with(LateName(home, name))


@pytest.mark.parametrize(
    ("value", "match"),
    [
        pytest.param(
            Call(Name("torch.nn.modules.linear", "Linear"), (2, 3)),
            r"a call of torch\.nn\.modules\.linear\.Linear with arguments",
            id="a layer",
        ),
        pytest.param(Call(NET, ("weights.pth",)), "with arguments", id="a class of a user"),
        pytest.param(
            Call(Name("torch.nn.functional", "relu"), (1,)), "with arguments", id="a function"
        ),
        pytest.param(
            Call(Name("builtins", "object"), ()), "a call of builtins.object", id="object"
        ),
        pytest.param(Call(Name("torch", "float32"), ()), "a call of float32", id="a type"),
        pytest.param(Call(New(NET), ()), "a call of an instance of emotic", id="an instance"),
        pytest.param(Call("os.system", ("true",)), "a str as what is called", id="a string"),
        pytest.param(Call(NET, ["true"]), "a list as the arguments", id="a list of arguments"),
        pytest.param(New("text", ()), "a str as the class", id="an instance of a string"),
        pytest.param(
            Opcodes(opcodes(NET) + opcodes(()) + opcodes({"a": 1}) + b"\x92"),
            "named arguments",
            id="NEWOBJ_EX",
        ),
        pytest.param(
            Call(Name("copyreg", "_reconstructor"), (Name("builtins", "dict"),) * 2 + (None,)),
            "an instance of a built-in type",
            id="_reconstructor of a dict",
        ),
    ],
)
def test_a_call_that_is_not_on_the_list_is_refused(read_with, value, match):
    with refused(match):
        read_with(value)


@pytest.mark.parametrize(
    "target",
    [NET, REBUILD, Name("builtins", "object"), Name("torch", "FloatStorage"), [1], "text", 3, None],
    ids=["stub", "function", "plain type", "storage type", "list", "str", "int", "None"],
)
@pytest.mark.parametrize(
    "state",
    [{"call": 1, "__setstate__": NET}, ({}, {"function": NET, "name": "x"})],
    ids=["attributes", "slots"],
)
def test_a_state_reaches_instances_alone(read_with, files, target, state):
    with refused("state"):
        read_with(Built(target, state))
    # Nothing was left behind in what the next file is read with.
    assert (
        read_checkpoint(files / "resnet_zip.pth").modules[0] == "torchvision.models.resnet.ResNet"
    )


def test_the_state_of_an_instance_is_data_and_calls_nothing(read_with):
    trick = Built(New(NET), {"__setstate__": REBUILD, "__class__": NET, "name": "x", "fill": NET})
    checkpoint = read_with([Built(Built(trick, (None, {"stub": NET})), "state"), {"key": trick}])
    assert list(checkpoint.tensors) == ["weight"]
    assert checkpoint.values == {}


@pytest.mark.parametrize("raw", [b"\x82\xf0", b"\x83\xf0\0", b"\x84\xf0\0\0\0"])
def test_the_extension_registry_is_never_asked(read_with, raw):
    copyreg.add_extension("collections", "OrderedDict", 0xF0)
    try:
        with refused("the pickle opcode EXT"):
            read_with(Opcodes(raw))
    finally:
        copyreg.remove_extension("collections", "OrderedDict", 0xF0)


@pytest.mark.parametrize(
    "raw",
    [b"P1\n", b"\x97", opcodes(b"x") + b"\x98", b"(i__main__\nNet\n", b"(" + opcodes(NET) + b"o"],
    ids=["PERSID", "NEXT_BUFFER", "READONLY_BUFFER", "INST", "OBJ"],
)
def test_opcodes_that_torch_does_not_write_are_refused(read_with, raw):
    with refused("the pickle opcode [A-Z_]+$"):
        read_with(Opcodes(raw))


@pytest.mark.parametrize("codec", ["rot13", "hex", "zlib", "utf-8", "unicode_escape", "", 1, None])
def test_bytes_are_made_of_latin_1_alone(read_with, codec):
    with refused("a codec other than Latin-1"):
        read_with(Call(Name("_codecs", "encode"), ("text", codec)))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(OBJECTS, id="type"),
        pytest.param(Call(Name("numpy", "dtype"), ("V8", False, True)), id="raw type"),
        pytest.param(Call(Name("numpy", "dtype"), ([("a", "O")],)), id="fields"),
        pytest.param(Call(Name("numpy", "dtype"), (NET,)), id="class as a type"),
        pytest.param(Call(SCALAR, (OBJECTS, b"cos\nsystem\n.")), id="scalar of an object"),
        pytest.param(Call(SCALAR, (NET, b"")), id="scalar without a type"),
        pytest.param(
            Call(SCALAR, (Call(Name("numpy", "dtype"), ("f8",)), b"\0\0")), id="short scalar"
        ),
        pytest.param(Call(ARRAY, (NET, (0,), b"b")), id="array of another class"),
        pytest.param(
            Built(
                Call(ARRAY, (Name("numpy", "ndarray"), (0,), b"b")), (1, (1,), NET, False, [NET])
            ),
            id="array of objects",
        ),
        pytest.param(
            Built(Call(Name("numpy", "dtype"), ("f8",)), (3, ((((),),),), None)),
            id="state of a type",
        ),
    ],
)
def test_numpy_brings_plain_numbers_alone(read_with, value):
    with refused("numpy|built-in|instance"):
        read_with(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Call(REBUILD, (NET, 0, (1,), (1,), False, {})), id="class as a storage"),
        pytest.param(Call(REBUILD, (b"1234", 0, (1,), (1,), False, {})), id="bytes as a storage"),
        pytest.param(Persistent("storage"), id="string as an identity"),
        pytest.param(Persistent(("module", NET, "net.py", "code")), id="module in the new format"),
        pytest.param(Persistent(("storage", NET, "0", "cpu", 4)), id="class as a storage type"),
        pytest.param(
            Persistent(("storage", Name("torch", "FloatStorage"), ((),), "cpu", 4)), id="key"
        ),
        pytest.param(Call(Name("torch.nn.parameter", "Parameter"), (NET,)), id="parameter"),
        pytest.param(Call(Name("torch._utils", "_rebuild_qtensor"), (1,)), id="quantised tensor"),
        pytest.param(
            Call(
                Name("torch._tensor", "_rebuild_from_type_v2"),
                (Name("collections", "OrderedDict"), NET, (), {}),
            ),
            id="tensor by another function",
        ),
    ],
)
def test_a_tensor_that_is_none_is_refused(read_with, value):
    with refused("tensor on|storage|parameter|quantised|identity"):
        read_with(value)


def test_stubs_may_be_named_and_called_without_arguments(read_with):
    backend = Call(Name("torch.nn.backends.thnn", "_get_thnn_function_backend"), ())
    tensor = rebuilt(WEIGHT, storage(WEIGHT, "0"))
    inert = [
        backend,
        Name("torch.nn.functional", "relu"),
        Name("torch._C._nn", "gelu"),
        Built(New(Name("argparse", "Namespace")), {"lr": 0.1}),
        module(LateName("my_models.resnet", "net"), parameters={"weight": tensor}),
    ]
    assert list(read_with(inert).tensors) == ["weight"]
