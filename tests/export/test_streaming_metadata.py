"""A file with a signature for clips and one for a frame at a time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import encode, number_types
from flatbuffers.table import Table

from emo_tf.errors import EmoError
from emo_tf.export.metadata import METADATA_NAME, embed_metadata, write_metadata
from emo_tf.model_metadata import ArrayInput, ImageInput
from emo_tf.runtime.litert import INTERPRETER_MODULES, SIGNATURE, LiteRTModel
from tests.streaming_models import (
    FIRST_STATE,
    FRAMES,
    HEIGHT,
    METADATA,
    STREAM,
    WIDTH,
    convert,
    streaming_models,
    write_streaming,
)

pytestmark = pytest.mark.slow

TOLERANCES = {"float32": 1e-5, "float16": 1e-3, "int8": 0.05}
TENSORFLOW = INTERPRETER_MODULES[2]


@pytest.fixture(scope="module")
def models():
    return streaming_models()


@pytest.fixture(scope="module")
def clips() -> np.ndarray:
    patches = np.random.default_rng(0).integers(0, 256, (8, FRAMES, 4, 5, 3), np.uint8)
    return patches.repeat(HEIGHT // 4, axis=2).repeat(WIDTH // 5, axis=3)


@pytest.fixture(scope="module")
def files(models, clips, tmp_path_factory) -> dict[str, Path]:
    """The network with its metadata by precision."""
    folder = tmp_path_factory.mktemp("streaming")
    write_streaming(folder / "saved_model", models)
    paths = {}
    for precision in TOLERANCES:
        content = convert(folder / "saved_model", models, precision=precision, clips=clips)
        paths[precision] = folder / f"model_{precision}.tflite"
        paths[precision].write_bytes(embed_metadata(content, METADATA, source=precision))
    return paths


def each_frame(model: LiteRTModel, clip: np.ndarray) -> np.ndarray:
    """Returns the probabilities of a clip, (T, C), one frame at a time."""
    state, rows = FIRST_STATE, []
    for frame in clip:
        outputs = model(frame=frame[None], state=state)
        state = outputs["state"]
        rows.append(outputs["probabilities"][0])
    return np.stack(rows)


@pytest.mark.parametrize("precision", TOLERANCES)
def test_clips_and_single_frames_give_the_answers_of_keras(files, models, clips, precision):
    expected = models[SIGNATURE].predict({"clip": clips}, verbose=0)["probabilities"]
    assert np.ptp(expected, axis=1).max() > 0.2  # frames differ
    whole = LiteRTModel(files[precision], threads=1)
    single = LiteRTModel(files[precision], threads=1, signature=STREAM)
    tolerance = TOLERANCES[precision]
    np.testing.assert_allclose(whole(clip=clips)["probabilities"], expected, atol=tolerance)
    for clip, rows in zip(clips, expected, strict=True):
        np.testing.assert_allclose(each_frame(single, clip), rows, atol=tolerance)


def test_states_of_several_streams_go_through_together(files, clips):
    model = LiteRTModel(files["float32"], threads=1, signature=STREAM)
    apart = [each_frame(model, clip) for clip in clips]
    state = np.repeat(FIRST_STATE, len(clips), axis=0)
    for number, frames in enumerate(clips.swapaxes(0, 1)):
        outputs = model(frame=frames, state=state)
        state = outputs["state"]
        expected = [rows[number] for rows in apart]
        np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


def test_both_interpreters_run_a_stream_side_by_side(files, clips):
    default, other = (
        LiteRTModel(files["float32"], threads=1, signature=STREAM, interpreter=name)
        for name in (None, TENSORFLOW)
    )
    for clip in clips[:2]:
        np.testing.assert_allclose(each_frame(default, clip), each_frame(other, clip), atol=1e-5)


def test_a_signature_takes_its_own_inputs_alone(files, clips):
    model = LiteRTModel(files["float32"], threads=1, signature=STREAM)
    with pytest.raises(EmoError, match=r"Unknown input of model_float32\.tflite: .*'clip'"):
        model(clip=clips)
    with pytest.raises(EmoError, match=r"expected state of type float32 and shape \(any, 15, 19,"):
        model(frame=clips[:, 0])


def test_an_unknown_signature_is_answered_with_those_of_the_file(files):
    message = r"signature of .*model_int8.tflite: did you mean stream\? Received: 'streams'"
    with pytest.raises(EmoError, match=message):
        LiteRTModel(files["int8"], signature="streams")
    with pytest.raises(EmoError, match="expected one of serving_default, stream"):
        LiteRTModel(files["int8"], signature="x")


def children(table: Table, slot: int) -> list[Table]:
    """Returns the tables in the vector that is a field of `table`."""
    offset = table.Offset(4 + 2 * slot)
    start = table.Vector(offset)
    places = (start + 4 * index for index in range(table.VectorLen(offset)))
    return [Table(table.Bytes, table.Indirect(place)) for place in places]


def text(table: Table, slot: int) -> str:
    return table.String(table.Offset(4 + 2 * slot) + table.Pos).decode()


def test_the_table_has_a_subgraph_a_signature(files):
    model = schema.ModelT.InitFromPackedBuf(files["float32"].read_bytes())
    (number,) = [item.buffer for item in model.metadata if item.name == METADATA_NAME.encode()]
    content = bytearray(model.buffers[number].data)
    root = Table(content, encode.Get(number_types.UOffsetTFlags.packer_type, content, 0))
    found = [
        (text(subgraph, 0), {text(tensor, 0): text(tensor, 1) for tensor in children(subgraph, 2)})
        for subgraph in children(root, 3)
    ]
    picture = "uint8 pixels 0 to 255"
    assert found == [
        (SIGNATURE, {"clip": f"rgb clip of {FRAMES} frames, {picture}"}),
        (
            STREAM,
            {"frame": f"rgb image, {picture}", "state": METADATA.arrays["state"].description},
        ),
    ]
    orders = [
        [item.name.decode() for item in sorted(signature.outputs, key=order_of(graph))]
        for signature, graph in zip(model.signatureDefs, model.subgraphs, strict=True)
    ]
    outputs = [[text(x, 0) for x in children(subgraph, 3)] for subgraph in children(root, 3)]
    assert outputs == orders
    assert sorted(outputs[1]) == ["probabilities", "state"]


def order_of(graph: schema.SubGraphT):
    return lambda item: list(graph.outputs).index(item.tensorIndex)


def test_labels_go_with_both_outputs_of_classes_and_with_no_state(files):
    content = files["float32"].read_bytes()

    def label_files(labels: tuple[str, ...]) -> int:
        embedded = embed_metadata(content, replace(METADATA, labels=labels))
        return embedded[: embedded.rindex(b"PK\3\4")].count(b"labels.txt\0")

    assert label_files(("happy", "sad", "neutral")) == 2
    assert label_files(("as many", "as a state has channels")) == 0


STATE = METADATA.arrays["state"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"arrays": {}},
            r"metadata.inputs, metadata.arrays: expected those of .*, clip, frame, state\."
            " Received: clip, frame$",
            id="no state",
        ),
        pytest.param(
            {"inputs": {"clip": METADATA.inputs["clip"]}},
            "Received: clip, state$",
            id="inputs of one signature alone",
        ),
        pytest.param(
            {"outputs": {"probabilities": ""}},
            r"metadata.outputs: expected .* probabilities, state\. Received: probabilities$",
            id="state not among the outputs",
        ),
        pytest.param(
            {"arrays": {"state": replace(STATE, shape=(15, 19, 3))}},
            r"expected state of the shape .* stream .* \(15, 19, 2\) .* Received: \(15, 19, 3\)",
            id="another state",
        ),
        pytest.param(
            {"inputs": METADATA.inputs | {"clip": ImageInput(HEIGHT, WIDTH)}},
            r"expected clip of the shape .* serving_default .*\(4, 32, 40, 3\).*: \(32, 40, 3\)",
            id="clip as a picture",
        ),
        pytest.param(
            {
                "inputs": {"clip": METADATA.inputs["clip"]},
                "arrays": {"state": STATE, "frame": ArrayInput((None, WIDTH, 3), "")},
            },
            r"expected frame of the shape .*Received: \(None, 40, 3\)",
            id="any height where the model has one",
        ),
    ],
)
def test_metadata_that_differ_from_any_signature_are_refused(files, tmp_path, change, message):
    with pytest.raises(EmoError, match=message):
        write_metadata(
            files["float32"], tmp_path / "a.tflite", metadata=replace(METADATA, **change)
        )
    assert list(tmp_path.iterdir()) == []
