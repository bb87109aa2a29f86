import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from emo_tf.errors import EmoError
from emo_tf.export.operations import check_built_in, operations
from emo_tf.runtime.litert import FILE_IDENTIFIER
from emo_tf.weights import weight_path


@pytest.fixture
def write_model(tmp_path):
    """Writes a model whose subgraphs are lists of operations: built-in codes or custom names."""

    def write(*subgraphs, old: bool = False):
        kinds = list(dict.fromkeys(kind for graph in subgraphs for kind in graph))
        codes = []
        for kind in kinds:
            code = schema.BuiltinOperator.CUSTOM if isinstance(kind, str) else kind
            codes.append(
                schema.OperatorCodeT(
                    deprecatedBuiltinCode=min(code, 127),
                    builtinCode=0 if old else code,
                    customCode=kind if isinstance(kind, str) else None,
                )
            )
        model = schema.ModelT(
            version=3,
            operatorCodes=codes,
            subgraphs=[
                schema.SubGraphT(
                    operators=[schema.OperatorT(opcodeIndex=kinds.index(kind)) for kind in graph]
                )
                for graph in subgraphs
            ],
        )
        builder = Builder(1024)
        builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
        path = tmp_path / "model.tflite"
        path.write_bytes(builder.Output())
        return path

    return write


def test_operations_are_counted_over_all_subgraphs_in_the_order_of_their_names(write_model):
    kind = schema.BuiltinOperator
    path = write_model(
        [kind.MUL, kind.ADD, "Mine"], [kind.ADD, kind.CONV_2D, kind.BROADCAST_ARGS, "Mine"]
    )
    found = operations(path)
    assert found == {"ADD": 2, "BROADCAST_ARGS": 1, "CONV_2D": 1, "CUSTOM:Mine": 2, "MUL": 1}
    assert list(found) == sorted(found)


def test_operations_of_old_files_are_named_by_the_old_field(write_model):
    path = write_model([schema.BuiltinOperator.CONV_2D, "Mine"], old=True)
    assert operations(path) == {"CONV_2D": 1, "CUSTOM:Mine": 1}


def test_the_shipped_models_are_built_in_throughout():
    for name in ("expression_float16", "expression_int8", "mtcnn_onet"):
        check_built_in(weight_path(name))
        assert operations(weight_path(name))["CONV_2D"] >= 4


def test_custom_operations_are_refused_by_name(write_model):
    path = write_model([schema.BuiltinOperator.ADD, "Mine", "FlexErf"])
    with pytest.raises(EmoError, match=r"model\.tflite: expected built-in.*: FlexErf, Mine$"):
        check_built_in(path)


def test_a_flex_operation_of_the_converter_is_refused(tmp_path):
    module = tf.Module()
    module.invert = tf.function(tf.linalg.inv, input_signature=[tf.TensorSpec((3, 3), tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "saved_model"), signatures=module.invert)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved_model"))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.SELECT_TF_OPS]
    path = tmp_path / "flex.tflite"
    path.write_bytes(converter.convert())
    with pytest.raises(EmoError, match=r"Received: .*FlexMatrixInverse"):
        check_built_in(path)


@pytest.mark.parametrize("length", [8, 40, 600, 2000, 100_000])
def test_a_file_that_was_cut_short_is_refused(length, tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(weight_path("expression_int8").read_bytes()[:length])
    with pytest.raises(EmoError, match=r"cut\.tflite: expected a whole TFLite model\. Received: "):
        operations(path)


def test_damaged_bytes_raise_nothing_else(write_model):
    path = write_model([schema.BuiltinOperator.ADD, "Mine"])
    content = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = content.copy()
        damaged[rng.integers(8, len(content), 4)] = rng.integers(0, 256, 4)
        path.write_bytes(damaged.tobytes())
        try:
            operations(path)
        except EmoError:
            refused += 1
    assert refused > 50


def test_a_code_that_no_operation_has_is_refused(write_model):
    with pytest.raises(EmoError, match="expected a whole TFLite model"):
        operations(write_model([9999]))


def test_a_model_without_operations_and_other_files_are_refused(write_model, tmp_path):
    with pytest.raises(EmoError, match="Received: no operations"):
        operations(write_model([]))
    with pytest.raises(EmoError, match="no such model file"):
        operations(tmp_path / "missing.tflite")
    (tmp_path / "text.tflite").write_text("no model at all")
    with pytest.raises(EmoError, match="a file of another kind"):
        operations(tmp_path / "text.tflite")
