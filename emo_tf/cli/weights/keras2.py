"""What `emo-tf weights import` makes of files of Keras 2."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emo_tf.cli.weights.backbone_import import TURNED_COLOURS
from emo_tf.cli.weights.opening import origin
from emo_tf.cli.wording import counted
from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS

if TYPE_CHECKING:
    import keras

    from emo_tf.checkpoints.keras2_file import Keras2File
    from emo_tf.model_metadata import ModelMetadata

ARCHITECTURE_SUFFIX = ".json"


def bring_in_keras2(
    files: list[Path], *, name: str, labels: tuple[str, ...], bgr: bool, licence: str
) -> tuple["keras.Model", "ModelMetadata"]:
    """Returns a model of Keras 2 and what it says about itself.

    A network from pictures of one size to three probabilities is one of faces: it becomes a model
    of groups, which averages over the faces of a picture.

    Args:
        files: An `.h5` of a whole model, or one of weights and a `.json`, in any order.
        name: What the model is called.
        labels: The group's emotions in the order of the network's outputs; none for that of
            `GROUP_EMOTIONS`.
        bgr: Whether it was trained on blue, green, red.
        licence: Licence of the weights.

    Raises:
        EmoError: A file cannot be read, the weights do not fit, or the labels are not these.
    """
    from emo_tf.checkpoints.keras2_file import read_keras2_file
    from emo_tf.models.group_metadata import group_metadata
    from emo_tf.models.keras2_weights import keras2_model
    from emo_tf.models.torch_weights import reverse_colours

    described = [path for path in files if path.suffix.lower() == ARCHITECTURE_SUFFIX]
    weights = [path for path in files if path not in described]
    if len(weights) != 1 or len(described) > 1:
        raise EmoError(
            "FILE: expected a .json and an .h5, or an .h5 of a whole model. "
            f"Received: {', '.join(map(str, files))}"
        )
    file = read_keras2_file(weights[0])
    architecture = _architecture(file, described)
    arrays = [array for layer in file.layers.values() for array in layer.values()]
    version = f"Keras {file.version}" if file.version else "Keras 2"
    print(
        f"{file.path}: {version}, {counted(len(arrays), 'tensor')}, "
        f"{sum(array.size for array in arrays):,} numbers"
    )
    network = keras2_model(architecture, file.layers, source=str(file.path))
    provenance: dict[str, object] = {
        "files": [origin("network", path, format=version) for path in (*described, *weights)]
    }
    if bgr:
        reverse_colours(network)
        provenance["colours"] = TURNED_COLOURS
    if _is_of_faces(network):
        group = _of_groups(network, labels=labels)
        return group, group_metadata(group, name=name, licence=licence, provenance=provenance)
    if labels:
        raise EmoError(
            "--labels: expected only with a network from pictures of one size to "
            f"{len(GROUP_EMOTIONS)} probabilities. Received: one from {network.input_shape} to "
            f"{network.output_shape}"
        )
    metadata = _part_metadata(network, name=name, licence=licence, provenance=provenance)
    return network, metadata


def _architecture(file: "Keras2File", described: Sequence[Path]) -> dict:
    from emo_tf.checkpoints.keras2_file import read_architecture

    if described:
        return read_architecture(described[0])
    if file.architecture is None:
        raise EmoError(
            f"{file.path}: expected a whole model, or the .json of its architecture beside it. "
            "Received: weights alone"
        )
    return file.architecture


def _is_of_faces(network: "keras.Model") -> bool:
    """Returns whether a network goes from pictures of one size to three probabilities."""
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        return False
    shape, output = network.inputs[0].shape, network.outputs[0]
    takes_pictures = len(shape) == 4 and None not in shape[1:3] and shape[3] == 3
    names_classes = output.shape[1:] == (len(GROUP_EMOTIONS),)
    return takes_pictures and names_classes and _is_probability(output)


def _is_probability(tensor: "keras.KerasTensor") -> bool:
    """Returns whether a tensor comes out of a softmax, or out of several and their mean."""
    import keras

    layer, call, _ = tensor._keras_history
    if isinstance(layer, keras.Model):
        return all(map(_is_probability, layer.outputs))
    if isinstance(layer, keras.layers.Average):
        return all(map(_is_probability, layer._inbound_nodes[call].input_tensors))
    is_softmax = getattr(layer, "activation", None) is keras.activations.softmax
    return is_softmax or isinstance(layer, keras.layers.Softmax)


def _of_groups(network: "keras.Model", *, labels: tuple[str, ...]) -> "keras.Model":
    from emo_tf.models.face_ensemble import group_of_network

    labels = labels or GROUP_EMOTIONS
    if sorted(labels) != sorted(GROUP_EMOTIONS):
        raise EmoError(
            f"--labels: expected {', '.join(GROUP_EMOTIONS)} in any order. "
            f"Received: {', '.join(labels)}"
        )
    return group_of_network(network, labels=labels)


def _part_metadata(
    network: "keras.Model", *, name: str, licence: str, provenance: dict[str, object]
) -> "ModelMetadata":
    from emo_tf.model_metadata import ModelMetadata

    outputs = {
        output_name: f"an array of shape {tuple(tensor.shape)[1:]}"
        for output_name, tensor in zip(network.output_names, network.outputs, strict=True)
    }
    return ModelMetadata(
        name=name,
        task="backbone",
        description=f"{network.name}, a network of Keras 2: to {' and '.join(outputs.values())}.",
        version="1",
        inputs={},
        outputs=outputs,
        score_kind="raw",
        licence=licence,
        provenance=provenance,
    )
