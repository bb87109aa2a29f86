"""Which operations a `.tflite` file is made of."""

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from emo_tf.errors import EmoError
from emo_tf.runtime.litert import check_is_tflite

CUSTOM = "CUSTOM:"
"""Before the name of an operation that is none of TFLite's own; Flex ones are among these."""

_BUILT_IN = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}

# What the generated readers raise on bytes that make no sense.
_DAMAGE = (struct.error, IndexError, KeyError, TypeError, AttributeError, ValueError, OverflowError)


def operations(path: Path) -> dict[str, int]:
    """Counts the operations of a model over all its subgraphs.

    Args:
        path: A `.tflite` file.

    Returns:
        Their number by TFLite's name, e.g. `CONV_2D`, in the order of the names; a custom one
        stands as `CUSTOM:name`.

    Raises:
        EmoError: The file is missing, unreadable, damaged or of another kind.
    """
    path = Path(path)
    check_is_tflite(path)
    try:
        found = Counter(_names(schema.Model.GetRootAs(path.read_bytes())))
    except _DAMAGE as error:
        raise EmoError(
            f"{path}: expected a whole TFLite model. Received: a damaged file ({error})"
        ) from error
    if not found:
        raise EmoError(f"{path}: expected a whole TFLite model. Received: no operations")
    return dict(sorted(found.items()))


def check_built_in(path: Path) -> None:
    """Checks that every interpreter can run a model, with no library besides.

    Args:
        path: A `.tflite` file.

    Raises:
        EmoError: An operation is a custom or a Flex one, or as `operations`.
    """
    custom = [name.removeprefix(CUSTOM) for name in operations(path) if name.startswith(CUSTOM)]
    if custom:
        raise EmoError(
            f"{path}: expected built-in TFLite operations alone. Received: {', '.join(custom)}"
        )


def _names(model: schema.Model) -> Iterator[str]:
    names = [_name(model.OperatorCodes(index)) for index in range(model.OperatorCodesLength())]
    for index in range(model.SubgraphsLength()):
        graph = model.Subgraphs(index)
        for place in range(graph.OperatorsLength()):
            yield names[graph.Operators(place).OpcodeIndex()]


def _name(operator: schema.OperatorCode) -> str:
    # Files from before TensorFlow 2.4 fill the first field alone, which ends at 127.
    code = max(operator.DeprecatedBuiltinCode(), operator.BuiltinCode())
    if code == schema.BuiltinOperator.CUSTOM:
        return CUSTOM + operator.CustomCode().decode()
    return _BUILT_IN[code]
