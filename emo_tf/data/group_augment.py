"""Random changes of the pictures and faces of groups, a pure function of the batch and of draws."""

from dataclasses import dataclass, field

import tensorflow as tf

from emo_tf.data.picture_augment import DRAWS, PictureAugmentation, augment_pictures


@dataclass(frozen=True)
class GroupAugmentation:
    """Random changes of pictures of groups; each face is changed by itself.

    Gupta et al. 2018 name no changes; by default pictures and faces are mirrored alone.

    Attributes:
        picture: Of the whole picture.
        faces: Of each cut-out face.
    """

    picture: PictureAugmentation = field(default_factory=PictureAugmentation)
    faces: PictureAugmentation = field(default_factory=PictureAugmentation)


def draw_group(seed: tf.Tensor, pictures: int, *, faces: int) -> tf.Tensor:
    """Draws the numbers that decide what happens to each picture of a global batch.

    Args:
        seed: Two int64.
        pictures: Rows of the global batch.
        faces: Most faces of a picture.

    Returns:
        float32 (pictures, 1 + faces, DRAWS), from 0 to below 1, those of the whole picture first.
    """
    return tf.random.stateless_uniform((pictures, 1 + faces, DRAWS), seed, alg="philox")


def augment_alone(
    pictures: tf.Tensor, draws: tf.Tensor, settings: PictureAugmentation
) -> tf.Tensor:
    """Returns `augment_pictures` of one picture an example, (B, height, width, 3).

    Args:
        pictures: uint8 or float, shape (B, height, width, 3).
        draws: Numbers of 0 to 1, a row a picture, as for `augment_pictures`.
        settings: What to change.
    """
    return augment_pictures({"picture": pictures}, draws, settings)["picture"]
