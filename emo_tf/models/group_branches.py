"""What the models of groups look with: a network for the picture and one for its faces."""

import keras
from keras import layers, ops

from emo_tf.errors import EmoError, unknown_name
from emo_tf.layers.faces_by_picture import FacesByPicture
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.face_presets import FACE_PRESETS
from emo_tf.models.normalisation import IMAGENET, Normalisation, standardised

IMAGE_SIZE = (224, 224)
"""Height and width in pixels, as Gupta et al. 2018 take them."""

IMAGE_BACKBONE, FACE_BACKBONE = "image_backbone", "face_backbone"

FACES_AS = "faces_"
"""Before the alignment: the name of the layer that normalises the faces; it tells a reader of the
file, too, which crops the model wants."""


def image_branch(
    name: str, *, size: tuple[int, int], weights: str | None
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Builds the input `image` and the model `image_backbone` behind it.

    Args:
        name: Name of a backbone.
        size: Height and width in pixels.
        weights: `"imagenet"` for Keras' own weights, where it has them; None for random ones.

    Returns:
        The input (B, H, W, 3), pixels of 0 to 255, and its features (B, D).

    Raises:
        EmoError: There is no such backbone, it has no such weights or takes no picture that small.
    """
    image = keras.Input((*size, 3), name="image")
    features = _features(
        image, name, part=IMAGE_BACKBONE, normalisation=IMAGENET, layer="picture", weights=weights
    )
    return image, features


def single_faces(
    name: str, *, alignment: str, size: tuple[int, int] | None
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Builds the input `faces` of single faces and the model `face_backbone` behind it.

    Args:
        name: Name of a backbone.
        alignment: One of `FACE_PRESETS`.
        size: Height and width in pixels, where the alignment leaves them open.

    Returns:
        The input (N, h, w, 3), pixels of 0 to 255, and its embeddings (N, E).

    Raises:
        EmoError: There is no such backbone or alignment, or the faces have no size or another than
            the alignment gives them.
    """
    faces = keras.Input((*face_size_of(alignment, size), 3), name="faces")
    return faces, _embeddings(faces, name, alignment=alignment)


def face_branch(
    name: str, *, alignment: str, size: tuple[int, int] | None, faces: int, packed: bool
) -> tuple[dict[str, keras.KerasTensor], keras.KerasTensor]:
    """Builds the inputs `faces` and `face_mask` and the model `face_backbone` behind them.

    Args:
        name: Name of a backbone.
        alignment: One of `FACE_PRESETS`.
        size: Height and width in pixels, where the alignment leaves them open.
        faces: How many faces F a picture has at most.
        packed: Whether the faces of all pictures come one after another; then F is any.

    Returns:
        The inputs by name, pixels of 0 to 255 in `faces`, (B, F, h, w, 3) or, packed, (N, h, w, 3),
        and `face_mask` (B, F); and embeddings (B, F, E).

    Raises:
        EmoError: As `single_faces`, or there is to be no face.
    """
    if packed:
        rows, embeddings = single_faces(name, alignment=alignment, size=size)
        mask = keras.Input((None,), name="face_mask")
        by_picture = FacesByPicture(name="faces_by_picture")(embeddings, mask)
        return {"faces": rows, "face_mask": mask}, by_picture
    check_count(faces)
    crop = (*face_size_of(alignment, size), 3)
    inputs = {
        "faces": keras.Input((faces, *crop), name="faces"),
        "face_mask": keras.Input((faces,), name="face_mask"),
    }
    rows = ops.reshape(inputs["faces"], (-1, *crop))  # (B F, h, w, 3)
    embeddings = _embeddings(rows, name, alignment=alignment)
    return inputs, ops.reshape(embeddings, (-1, faces, embeddings.shape[-1]))


def check_count(faces: int) -> None:
    """Checks how many faces a picture has at most.

    Raises:
        EmoError: There is to be none.
    """
    if faces < 1:
        raise EmoError(f"faces: expected 1 or more. Received: {faces}")


def face_size_of(alignment: str, size: tuple[int, int] | None = None) -> tuple[int, int]:
    """Returns height and width in pixels of the faces of an alignment.

    Args:
        alignment: One of `FACE_PRESETS`.
        size: What they are where the alignment leaves them open.

    Raises:
        EmoError: There is no such alignment, or the faces have no size or another than it gives
            them.
    """
    if alignment not in FACE_PRESETS:
        raise unknown_name("alignment", alignment, FACE_PRESETS)
    given = None if size is None else tuple(size)
    expected = FACE_PRESETS[alignment].size or given
    if expected is None or given not in (None, expected):
        wanted = "height and width in pixels" if expected is None else f"{expected} or None"
        raise EmoError(
            f"face_size: expected {wanted} where the alignment is {alignment}. Received: {size}"
        )
    return expected


def alignment_of(model: keras.Model) -> str | None:
    """Returns how the faces that a model of groups takes are cut out, one of `FACE_PRESETS`.

    Returns:
        None where the model takes no crops of faces.
    """
    by_layer = {FACES_AS + alignment: alignment for alignment in FACE_PRESETS}
    for layer in model.layers:
        inner = alignment_of(layer) if isinstance(layer, keras.Model) else None
        if layer.name in by_layer or inner is not None:
            return by_layer.get(layer.name, inner)
    return None


def _embeddings(rows, name: str, *, alignment: str):
    """Returns the embeddings (N, E) of faces (N, h, w, 3)."""
    return _features(
        rows,
        name,
        part=FACE_BACKBONE,
        normalisation=FACE_PRESETS[alignment].normalisation,
        layer=FACES_AS + alignment,
    )


def _features(
    x,
    name: str,
    *,
    part: str,
    normalisation: Normalisation,
    layer: str,
    weights: str | None = None,
):
    """Returns the features of pictures (N, H, W, 3), pixels of 0 to 255.

    Args:
        x: The pictures.
        name: Name of a backbone.
        part: Name of the model inside that it becomes.
        normalisation: That of the pictures, for a backbone that brings none of its own.
        layer: Name of the layer that normalises.
        weights: As for `image_branch`.
    """
    backbone = BACKBONES.get(name)
    if backbone.takes_pixels:
        normal = layers.Identity(dtype="float32", name=layer)(x)
    else:
        normal = standardised(x, backbone.normalisation or normalisation, name=layer)
    height, width = x.shape[1:3]
    network = backbone.build(height=height, width=width, weights=weights)
    network.name = part
    return network(normal)
