"""The verdict on a group from the whole picture alone."""

import keras

from emo_tf.models.group_branches import IMAGE_SIZE, image_branch
from emo_tf.models.group_head import plain_head
from emo_tf.models.registry import register


@register("group_global")
def group_global(
    *,
    image_backbone: str = "densenet161",
    image_size: tuple[int, int] = IMAGE_SIZE,
    image_weights: str | None = None,
    dropout: float = 0.0,
) -> keras.Model:
    """Builds the Global model: a backbone, the model `image_backbone` inside, and a classifier.

    Args:
        image_backbone: Name of a backbone.
        image_size: Height and width of the picture in pixels.
        image_weights: `"imagenet"` for Keras' own weights, where it has them; None for random ones.
        dropout: Rate before the classifier.

    Returns:
        A functional model from a dict of `image` (B, H, W, 3), RGB pixels of 0 to 255, to a dict of
        `logits` (B, 3) in the order of `labels.GROUP_EMOTIONS`, float32.

    Raises:
        EmoError: There is no such backbone, it has no such weights or takes no picture that small.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.1.
    """
    image, features = image_branch(image_backbone, size=image_size, weights=image_weights)
    logits = plain_head(features.shape[-1], dropout=dropout)(features)
    return keras.Model({"image": image}, {"logits": logits}, name="group_global")
