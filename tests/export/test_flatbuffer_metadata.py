"""What is written without generated code is read back with mediapipe's generated schema."""

import json
import subprocess
import sys
import venv
from dataclasses import replace

import pytest
from ai_edge_litert import schema_py_generated as schema

from emo_tf.export.flatbuffer_metadata import Subgraph, build_flatbuffer
from emo_tf.export.metadata import embed_metadata
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime.litert import LiteRTModel
from emo_tf.weights import weight_path

READER = """
import json, pathlib, sys, sysconfig

site = pathlib.Path(sysconfig.get_paths()["purelib"])
sys.path.insert(0, str(site / "mediapipe" / "tasks" / "metadata"))
import metadata_schema_py_generated as generated

def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__"):
        return {name: plain(item) for name, item in vars(value).items() if item is not None}
    return value

content = pathlib.Path(sys.argv[1]).read_bytes()
assert generated.ModelMetadata.ModelMetadataBufferHasIdentifier(content, 0)
print(json.dumps(plain(generated.ModelMetadataT.InitFromPackedBuf(content))))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Reads a table with mediapipe's schema, in an environment of its own."""
    folder = tmp_path_factory.mktemp("mediapipe")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "mediapipe", "flatbuffers"]
    subprocess.run(install, check=True)

    def run(content: bytes) -> dict:
        table = folder / "table.bin"
        table.write_bytes(content)
        command = [python, "-c", READER, table]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    return run


def table_of(content: bytes) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(content)
    (buffer,) = [item.buffer for item in model.metadata if item.name == b"TFLITE_METADATA"]
    return bytes(model.buffers[buffer].data)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(sys.platform == "win32", reason="the environment's layout differs")
def test_the_generated_schema_reads_what_was_written(read):
    path = weight_path("mtcnn_onet")
    metadata = replace(LiteRTModel(path).metadata, labels=("left", "top", "right", "bottom"))
    found = read(table_of(embed_metadata(path.read_bytes(), metadata)))
    assert found["name"] == metadata.name
    assert found["description"] == metadata.description
    assert found["version"] == metadata.version
    assert found["license"] == "MIT"
    (graph,) = found["subgraphMetadata"]
    (image,) = graph["inputTensorMetadata"]
    assert image["name"] == "image"
    assert image["content"]["contentPropertiesType"] == 2  # ImageProperties
    properties = image["content"]["contentProperties"]
    assert properties["colorSpace"] == 1  # RGB
    assert properties["defaultSize"] == {"width": 48, "height": 48}
    (unit,) = image["processUnits"]
    assert unit == {"optionsType": 1, "options": {"mean": [0.0], "std": [1.0]}}
    assert image["stats"] == {"max": [255.0], "min": [0.0]}
    outputs = {tensor["name"]: tensor for tensor in graph["outputTensorMetadata"]}
    assert {name: tensor["description"] for name, tensor in outputs.items()} == metadata.outputs
    (labels,) = outputs["box"]["associatedFiles"]
    assert (labels["name"], labels["type"]) == ("labels.txt", 2)  # TENSOR_AXIS_LABELS
    assert "associatedFiles" not in outputs["score"]


@pytest.mark.slow
@pytest.mark.network
def test_a_picture_of_any_size_has_no_default_one(read):
    found = read(table_of(weight_path("mtcnn_pnet").read_bytes()))
    for image in found["subgraphMetadata"][0]["inputTensorMetadata"]:
        assert "defaultSize" not in image["content"]["contentProperties"]


@pytest.mark.slow
@pytest.mark.network
def test_each_signature_has_its_subgraph_and_numbers_are_features(read):
    metadata = ModelMetadata(
        name="shift",
        task="video",
        description="",
        version="1",
        inputs={"clip": ImageInput(32, 40, frames=4), "frame": ImageInput(32, 40)},
        outputs={"probabilities": "one a label", "state": "for the next frame"},
        arrays={"state": ArrayInput((15, 19, 2), "of the frame before")},
    )
    clips = Subgraph("serving_default", ["clip"], ["probabilities"])
    stream = Subgraph("stream", ["state", "frame"], ["probabilities", "state"])
    found = read(build_flatbuffer(metadata, subgraphs=[clips, stream], label_files={}))
    graphs = {graph["name"]: graph for graph in found["subgraphMetadata"]}
    assert [*graphs] == ["serving_default", "stream"]
    (clip,) = graphs["serving_default"]["inputTensorMetadata"]
    assert clip["description"] == "rgb clip of 4 frames, uint8 pixels 0 to 255"
    assert clip["content"]["contentProperties"]["defaultSize"] == {"width": 40, "height": 32}
    state, frame = graphs["stream"]["inputTensorMetadata"]
    assert (state["name"], state["description"]) == ("state", "of the frame before")
    assert state["content"]["contentPropertiesType"] == 1  # FeatureProperties
    assert "processUnits" not in state
    assert frame["content"]["contentPropertiesType"] == 2  # ImageProperties
    outputs = [tensor["name"] for tensor in graphs["stream"]["outputTensorMetadata"]]
    assert outputs == ["probabilities", "state"]


def test_crops_of_faces_are_called_so():
    metadata = ModelMetadata(
        name="local",
        task="group",
        description="",
        version="1",
        inputs={"faces": ImageInput(112, 96, faces=15)},
        outputs={"probabilities": "one a label"},
    )
    graph = Subgraph("serving_default", ["faces"], ["probabilities"])
    found = build_flatbuffer(metadata, subgraphs=[graph], label_files={})
    assert b"rgb crops of 15 faces, uint8 pixels 0 to 255" in found
