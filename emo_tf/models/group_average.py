"""The verdict on a group from the picture and the mean of what the face detector saw."""

import keras

from emo_tf.models.group_branches import IMAGE_SIZE, check_count, image_branch
from emo_tf.models.group_head import MASK, average_head
from emo_tf.models.registry import register

FEATURES = 256
"""Features of a face: those of MTCNN's O-Net."""


@register("group_average")
def group_average(
    *,
    image_backbone: str = "densenet161",
    image_size: tuple[int, int] = IMAGE_SIZE,
    image_weights: str | None = None,
    faces: int = 27,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds the Average model: the features of the picture and the mean of those of its faces.

    Args:
        image_backbone: Name of a backbone, the model `image_backbone` inside.
        image_size: Height and width of the picture in pixels.
        image_weights: `"imagenet"` for Keras' own weights, where it has them; None for random ones.
        faces: How many faces F a picture has at most.
        dropout: Rate before the classifier.

    Returns:
        A functional model from a dict of `image` (B, H, W, 3), RGB pixels of 0 to 255,
        `face_features` (B, F, 256), which O-Net has of the faces it finds, and `face_mask` (B, F),
        1 where there is a face, to a dict of `logits` (B, 3) in the order of
        `labels.GROUP_EMOTIONS` and `face_weights` (B, F), float32.

    Raises:
        EmoError: There is no such backbone, it has no such weights or takes no picture that small,
            or there is to be no face.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition".
    """
    check_count(faces)
    image, features = image_branch(image_backbone, size=image_size, weights=image_weights)
    inputs = {
        "image": image,
        "face_features": keras.Input((faces, FEATURES), name="face_features"),
        MASK: keras.Input((faces,), name=MASK),
    }
    head = average_head(features.shape[-1], FEATURES, faces=faces, dropout=dropout)
    outputs = head({"image": features, "faces": inputs["face_features"], MASK: inputs[MASK]})
    return keras.Model(inputs, outputs, name="group_average")
