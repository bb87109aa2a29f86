"""The list of names that a checkpoint may ask for, and what each becomes.

Nothing is ever imported, and nothing of the file's is ever run. In this order:

1. Names that stand here in full have stand-ins of their own: torch's tensors, parameters, storages
   and types, the dicts of `collections`, `argparse.Namespace`, numbers and arrays of numpy, and
   what pickle itself needs (`copyreg._reconstructor`, `_codecs.encode` to Latin-1, sets).
2. Names in `torch.nn`, `torch.optim`, `torch._C._nn` and `torchvision`, classes and functions
   alike, become stubs: they can be named, and be called without arguments or made by NEWOBJ into
   inert instances, whose attributes are data.
3. Names of the standard library of Python 2 and 3, the rest of `torch` and the rest of `numpy` are
   refused, and so are dotted names and names in double underscores.
4. All other names are classes of users, e.g. `emotic.Emotic` or `__main__.Net`: stubs as well.
"""

import sys

from emo_tf.checkpoints.damage import refusal
from emo_tf.checkpoints.numpy_values import NDARRAY, empty_array, numpy_scalar, numpy_type
from emo_tf.checkpoints.stand_ins import (
    ClassStub,
    Function,
    Instance,
    PlainType,
    StandIn,
    dict_of,
    set_of,
)
from emo_tf.checkpoints.tensors import (
    DATA_TYPES,
    parameter,
    rebuild_tensor,
    rebuild_tensor_v3,
    storage_types,
    tensor_with_attributes,
)

_STUBBED = ("torch.nn.", "torch.optim.", "torch._C._nn.", "torchvision.")

_OLD_NAMES = {"__builtin__": "builtins", "copy_reg": "copyreg", "numpy._core": "numpy.core"}
"""Modules that Python 2 and numpy 2 call otherwise; submodules go along."""

_PYTHON_2_MODULES = """
    ConfigParser Cookie HTMLParser Queue SocketServer StringIO UserDict __builtin__ cPickle
    cStringIO commands copy_reg exceptions httplib ihooks imputil md5 new os2 popen2 posixfile
    rexec sets sha thread urllib2 urlparse xmlrpclib
"""
_MODULES_UNTIL_PYTHON_3_12 = """
    asynchat asyncore cgi cgitb crypt distutils imp imghdr lib2to3 mailcap nis nntplib
    ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib
"""
_REFUSED_PACKAGES = sys.stdlib_module_names.union(
    _PYTHON_2_MODULES.split(), _MODULES_UNTIL_PYTHON_3_12.split(), ("torch", "numpy")
)

_LONGEST_NAME = 500

_REASONS = {
    "torch._utils._rebuild_qtensor": "a quantised tensor, which cannot be read",
    "torch._utils._rebuild_sparse_tensor": "a sparse tensor, which cannot be read",
    "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without values",
}


def find_global(module: str, name: str) -> StandIn:
    """Returns what a name in a checkpoint stands for.

    Args:
        module: Full name of the module.
        name: Name in the module.

    Raises:
        EmoError: The name is refused.
    """
    full = f"{_present_name(module)}.{name}"
    if full in _LISTED:
        return _LISTED[full]
    if full in _REASONS:
        raise refusal(_REASONS[full])
    asked = f"{module}.{name}"
    is_class = name.isidentifier() and not _is_special(name) and _is_module(module)
    if not is_class or len(asked) > _LONGEST_NAME:
        raise refusal(f"the name {asked!r:.200}, which no class has")
    if not full.startswith(_STUBBED) and full.split(".")[0] in _REFUSED_PACKAGES:
        raise refusal(f"the name {asked!r:.200}, which is not on the list of what it may ask for")
    return ClassStub(full)


def _present_name(module: str) -> str:
    for old, present in _OLD_NAMES.items():
        if module == old or module.startswith(f"{old}."):
            return present + module.removeprefix(old)
    return module


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_module(module: str) -> bool:
    first, *others = module.split(".")
    return (
        all(part.isidentifier() for part in (first, *others))
        and (first == "__main__" or not _is_special(first))
        and not any(_is_special(part) for part in others)
    )


def _encode(text: object, codec: object) -> bytes:
    """Stands for `_codecs.encode`, by which protocol 2 writes bytes."""
    if not isinstance(text, str) or codec not in ("latin1", "latin-1"):
        raise refusal("text in a codec other than Latin-1")
    return text.encode("latin-1")


def _empty_bytes() -> bytes:
    """Stands for `bytes()`, by which protocol 2 writes no bytes."""
    return b""


def _dict(pairs: object = ()) -> dict:
    """Stands for `OrderedDict` and `Counter`; Python 2 hands over the pairs as lists."""
    return dict_of(pairs.items() if isinstance(pairs, dict) else pairs)


def _default_dict(factory: object = None) -> dict:
    """Stands for `defaultdict`, whose default nobody asks for."""
    return {}


def _reconstructor(stub: object, base: object, state: object) -> Instance:
    """Stands for `copyreg._reconstructor`, by which protocols 0 and 1 make instances."""
    if not isinstance(stub, ClassStub) or base != PlainType("builtins.object"):
        raise refusal("an instance of a built-in type")
    return Instance(stub)


def _device(*parts: object) -> str:
    """Stands for `torch.device`: returns e.g. `"cuda:0"`."""
    return ":".join(str(part) for part in parts if isinstance(part, (str, int)))


def _size(sizes: object = ()) -> tuple:
    """Stands for `torch.Size`."""
    if not isinstance(sizes, (tuple, list)):
        raise refusal("a size that is no tuple")
    return tuple(sizes)


def _listed() -> dict[str, StandIn]:
    functions = {
        "_codecs.encode": _encode,
        "builtins.bytes": _empty_bytes,
        "builtins.frozenset": set_of,
        "builtins.set": set_of,
        "collections.Counter": _dict,
        "collections.OrderedDict": _dict,
        "collections.defaultdict": _default_dict,
        "copyreg._reconstructor": _reconstructor,
        "numpy.core.multiarray._reconstruct": empty_array,
        "numpy.core.multiarray.scalar": numpy_scalar,
        "numpy.dtype": numpy_type,
        "torch.Size": _size,
        "torch._tensor._rebuild_from_type_v2": tensor_with_attributes,
        "torch._utils._rebuild_parameter": parameter,
        "torch._utils._rebuild_parameter_with_state": parameter,
        "torch._utils._rebuild_tensor": rebuild_tensor,
        "torch._utils._rebuild_tensor_v2": rebuild_tensor,
        "torch._utils._rebuild_tensor_v3": rebuild_tensor_v3,
        "torch.autograd.variable.Variable": parameter,
        "torch.device": _device,
        "torch.nn.parameter.Parameter": parameter,
    }
    plain = ("bool", "dict", "float", "int", "list", "object", "str", "tuple")
    return {
        **{name: Function(name, function) for name, function in functions.items()},
        **{f"builtins.{name}": PlainType(f"builtins.{name}") for name in plain},
        **{f"torch.{name}": data_type for name, data_type in DATA_TYPES.items()},
        **storage_types(),
        "argparse.Namespace": ClassStub("argparse.Namespace"),
        "numpy.ndarray": NDARRAY,
        "torch.Tensor": PlainType("torch.Tensor"),
    }


_LISTED = _listed()
