"""What turns the features of a picture and of its faces into a verdict on the group."""

import keras
from keras import layers

from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.layers.face_attention import FaceAttention
from emo_tf.layers.large_margin_softmax import LargeMarginSoftmax
from emo_tf.models.torch_layers import BATCH_NORM

HEAD = "head"
MASK = "face_mask"


def plain_head(features: int, *, dropout: float = 0.0, margin: int | None = None) -> keras.Model:
    """Builds a classifier of single pictures or single faces.

    Args:
        features: Number of features D.
        dropout: Rate before the classifier.
        margin: That of a large-margin softmax; None or 1 for a plain one.

    Returns:
        A functional model from features (B, D) to logits (B, 3); with a margin from a dict of
        `features` and `labels` (B,), to which only training looks.

    Raises:
        EmoError: There is no such margin.
    """
    x = inputs = keras.Input((features,), name="features")
    x = layers.Dropout(dropout, name="dropout")(x)
    if margin in (None, 1):
        return keras.Model(inputs, _classifier()(x), name=HEAD)
    labels = keras.Input((), dtype="int32", name="labels")
    classifier = LargeMarginSoftmax(len(GROUP_EMOTIONS), margin=margin, name="classifier")
    logits = classifier(x, labels=labels)
    return keras.Model({"features": inputs, "labels": labels}, logits, name=HEAD)


def average_head(
    image_features: int, face_features: int, *, faces: int | None, dropout: float = 0.5
) -> keras.Model:
    """Builds a classifier of a picture's features and the mean of its faces'.

    Args:
        image_features: Number of features D of the picture.
        face_features: Number of features E of a face.
        faces: How many faces F a picture has at most; None for any number.
        dropout: Rate before the classifier.

    Returns:
        A functional model from a dict of `image` (B, D), `faces` (B, F, E) and `face_mask` (B, F)
        to a dict of `logits` (B, 3) and `face_weights` (B, F).

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition".
    """
    inputs = _inputs(image_features, face_features, faces)
    attention = FaceAttention("average", name="attention")
    attended, weights = attention(
        [inputs["image"], inputs["faces"]], mask=inputs[MASK], return_weights=True
    )
    x = _joined(attended, inputs["image"])
    x = layers.Dropout(dropout, name="dropout")(x)
    return _head(inputs, x, weights)


def attention_head(
    image_features: int,
    face_features: int,
    *,
    faces: int | None,
    scores: str,
    units: int = 256,
    attention_units: int = 64,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds a classifier of a picture's features and those of its faces, some above others.

    Args:
        image_features: Number of features D of the picture.
        face_features: Number of features E of a face.
        faces: How many faces F a picture has at most; None for any number.
        scores: As in `FaceAttention`.
        units: To how many features those of the picture are brought, and those of a face too,
            where the scores are not B.
        attention_units: Units of `FaceAttention`; with B the features of a face are as many.
        dropout: Rate after each linear layer but the last.

    Returns:
        As `average_head`.

    Raises:
        EmoError: There are no such scores.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.3.
    """
    # Made first, so that wrong scores are refused before all else.
    attention = FaceAttention(scores, units=attention_units, dropout=dropout, name="attention")
    inputs = _inputs(image_features, face_features, faces)
    image = layers.Dense(units, name="global_fc_main")(inputs["image"])
    image = layers.Dropout(dropout, name="image_dropout")(image)  # (B, units)
    face_units = attention_units if scores == "B" else units
    embeddings = layers.Dense(face_units, name="fc6")(inputs["faces"])
    embeddings = layers.Dropout(dropout, name="face_dropout")(embeddings)  # (B, F, face_units)
    attended, weights = attention([image, embeddings], mask=inputs[MASK], return_weights=True)
    return _head(inputs, _joined(attended, image), weights)


def _inputs(
    image_features: int, face_features: int, faces: int | None
) -> dict[str, keras.KerasTensor]:
    return {
        "image": keras.Input((image_features,), name="image"),
        "faces": keras.Input((faces, face_features), name="faces"),
        MASK: keras.Input((faces,), name=MASK),
    }


def _joined(attended, image):
    """Returns the features of faces and picture one behind the other, each of one scale."""
    parts = {"bn_face": attended, "bn_global": image}
    scaled = [
        layers.BatchNormalization(**BATCH_NORM, center=False, scale=False, name=name)(x)
        for name, x in parts.items()
    ]
    return layers.Concatenate(name="joined")(scaled)


def _head(inputs, x, weights) -> keras.Model:
    return keras.Model(inputs, {"logits": _classifier()(x), "face_weights": weights}, name=HEAD)


def _classifier() -> layers.Dense:
    return layers.Dense(len(GROUP_EMOTIONS), dtype="float32", name="classifier")
