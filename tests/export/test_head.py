import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import Builder

from emo_tf.export.head import HEAVY, head_tensors

MAP, FEATURES = (1, 8, 8, 3), (1, 3)


def tflite(
    *graphs: tuple[dict[str, tuple | None], list[tuple[str, str]]], constants: tuple[str, ...] = ()
) -> bytes:
    """Returns a model of subgraphs: shapes of tensors by name, and operations "a b" to "c"."""
    buffers = [schema.BufferT(), schema.BufferT(data=np.zeros(4, np.uint8))]
    subgraphs = []
    for shapes, operations in graphs:
        places = {name: place for place, name in enumerate(shapes)}
        subgraphs.append(
            schema.SubGraphT(
                tensors=[
                    schema.TensorT(
                        name=name,
                        shape=shape if shape is None else list(shape),
                        buffer=int(name in constants),
                    )
                    for name, shape in shapes.items()
                ],
                operators=[
                    schema.OperatorT(
                        inputs=[places[name] for name in taken.split()],
                        outputs=[places[name] for name in given.split()],
                    )
                    for taken, given in operations
                ],
            )
        )
    builder = Builder(1024)
    builder.Finish(
        schema.ModelT(version=3, subgraphs=subgraphs, buffers=buffers).Pack(builder), b"TFL3"
    )
    return bytes(builder.Output())


PICTURES = {"picture": MAP, "map": MAP}
POOLED = {"pooled": FEATURES, "logits": FEATURES, "score": FEATURES}


def test_the_head_begins_with_the_last_pooling():
    operations = [("picture", "map"), ("map", "pooled"), ("pooled", "logits"), ("logits", "score")]
    assert sorted(head_tensors(tflite((PICTURES | POOLED, operations)))) == sorted(POOLED)


def test_gates_that_go_back_into_the_feature_map_are_no_head():
    shapes = PICTURES | {"squeezed": FEATURES, "gate": FEATURES, "gated": MAP, "pooled": FEATURES}
    operations = [("picture", "map"), ("map", "squeezed"), ("squeezed", "gate")]
    operations += [("map gate", "gated"), ("gated", "pooled")]
    assert head_tensors(tflite((shapes, operations))) == ["pooled"]


def test_what_also_goes_back_into_a_map_is_no_head_but_its_other_reader_is():
    shapes = PICTURES | {"pooled": FEATURES, "score": FEATURES, "spread": MAP}
    operations = [("picture", "map"), ("map", "pooled"), ("pooled", "score"), ("pooled", "spread")]
    assert head_tensors(tflite((shapes, operations))) == ["score"]


def test_two_branches_join_in_one_head():
    shapes = {"scene": MAP, "body": MAP, "s": FEATURES, "b": FEATURES, "joined": (1, 6)}
    operations = [("scene", "s"), ("body", "b"), ("s b", "joined")]
    assert sorted(head_tensors(tflite((shapes, operations)))) == ["b", "joined", "s"]


def test_all_outputs_of_an_operation_count():
    shapes = {"picture": MAP, "boxes": FEATURES, "kept": MAP, "one": FEATURES, "other": FEATURES}
    operations = [("picture", "boxes kept"), ("boxes", "one other")]
    assert sorted(head_tensors(tflite((shapes, operations)))) == ["one", "other"]


def test_every_signature_has_a_head():
    graphs = [
        ({f"picture{n}": MAP, f"pooled{n}": FEATURES}, [(f"picture{n}", f"pooled{n}")])
        for n in (1, 2)
    ]
    assert head_tensors(tflite(*graphs)) == ["pooled1", "pooled2"]


@pytest.mark.parametrize(
    ("weights", "head"),
    [(HEAVY - 1, ["flat", "features", "score"]), (HEAVY, ["score"])],
    ids=["light", "heavy"],
)
def test_what_is_heavy_is_no_head_nor_is_what_leads_to_it(weights, head):
    shapes = {"map": MAP, "flat": (1, 192), "weights": (1, weights)}
    shapes |= {"features": FEATURES, "score": FEATURES}
    operations = [("map", "flat"), ("flat weights", "features"), ("features", "score")]
    content = tflite((shapes, operations), constants=("weights",))
    assert sorted(head_tensors(content)) == sorted(head)


def test_large_features_that_are_computed_make_nothing_heavy():
    shapes = {"map": MAP, "features": (2, HEAVY), "score": FEATURES}
    content = tflite((shapes, [("map", "features"), ("features", "score")]))
    assert sorted(head_tensors(content)) == ["features", "score"]


def test_faces_of_a_picture_are_no_head():
    shapes = {"faces": (1, 15, 8, 8, 3), "rows": (15, 8, 8, 3), "by_face": (1, 15, 4)}
    operations = [("faces", "rows"), ("rows", "by_face")]
    assert head_tensors(tflite((shapes, operations))) == ["by_face"]


@pytest.mark.parametrize("shape", [(), None], ids=["no side", "no shape"])
def test_a_single_number_is_no_picture(shape):
    assert head_tensors(tflite(({"picture": MAP, "mean": shape}, [("picture", "mean")]))) == [
        "mean"
    ]


def test_a_model_of_feature_maps_alone_has_no_head():
    assert head_tensors(tflite((PICTURES, [("picture", "map")]))) == []
