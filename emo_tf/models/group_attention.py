"""The verdict on a group from the picture and its faces, some of which count more than others."""

import keras

from emo_tf.models.group_branches import IMAGE_SIZE, face_branch, image_branch
from emo_tf.models.group_head import MASK, attention_head
from emo_tf.models.registry import register


@register("group_attention")
def group_attention(
    *,
    scores: str = "C",
    image_backbone: str = "densenet161",
    image_size: tuple[int, int] = IMAGE_SIZE,
    image_weights: str | None = None,
    face_backbone: str = "sphere20a",
    alignment: str = "sphereface",
    face_size: tuple[int, int] | None = None,
    faces: int = 15,
    units: int = 256,
    attention_units: int = 64,
    dropout: float = 0.5,
    packed: bool = False,
) -> keras.Model:
    """Builds an Attention model: `image_backbone`, `face_backbone` and `head` inside.

    The packed form learns and has the same weights: no face that is not there is looked at, nor
    seen by batch normalisation.

    Args:
        scores: How much a face counts: see `FaceAttention`.
        image_backbone: Name of a backbone.
        image_size: Height and width of the picture in pixels.
        image_weights: `"imagenet"` for Keras' own weights, where it has them; None for random ones.
        face_backbone: Name of a backbone.
        alignment: How faces are cut out, one of `FACE_PRESETS`.
        face_size: Height and width of a face in pixels, where the alignment leaves them open.
        faces: How many faces F a picture has at most.
        units: To how many features those of the picture and the faces are brought.
        attention_units: Units of the attention; with B, features of a face.
        dropout: Rate after each linear layer but the last.
        packed: Whether the faces of all pictures come one after another; then F is any.

    Returns:
        A functional model from a dict of `image` (B, H, W, 3) and `faces` (B, F, h, w, 3) or,
        packed, (N, h, w, 3), RGB pixels of 0 to 255, and `face_mask` (B, F), ones first, to a dict
        of `logits` (B, 3) in the order of `labels.GROUP_EMOTIONS` and `face_weights` (B, F),
        float32. Packed faces are those of the first picture first; where there is none at all, one
        of any kind.

    Raises:
        EmoError: There are no such scores, backbones or alignment, the faces have no size or
            another than the alignment gives them, or there is to be none.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3.
    """
    image, features = image_branch(image_backbone, size=image_size, weights=image_weights)
    inputs, embeddings = face_branch(
        face_backbone, alignment=alignment, size=face_size, faces=faces, packed=packed
    )
    head = attention_head(
        features.shape[-1],
        embeddings.shape[-1],
        faces=None if packed else faces,
        scores=scores,
        units=units,
        attention_units=attention_units,
        dropout=dropout,
    )
    outputs = head({"image": features, "faces": embeddings, MASK: inputs[MASK]})
    return keras.Model({"image": image, **inputs}, outputs, name="group_attention")
