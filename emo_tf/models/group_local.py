"""The verdict on a group from its faces alone, each looked at by itself."""

import keras
from keras import ops

from emo_tf.layers.mean_verdict import MeanVerdict
from emo_tf.models.group_branches import face_branch, single_faces
from emo_tf.models.group_head import MASK, plain_head
from emo_tf.models.registry import register


@register("group_local")
def group_local(
    *,
    face_backbone: str = "sphere20a",
    alignment: str = "sphereface",
    face_size: tuple[int, int] | None = None,
    faces: int = 15,
    margin: int | None = None,
    dropout: float = 0.0,
    packed: bool = False,
) -> keras.Model:
    """Builds the Local model: a backbone, the model `face_backbone` inside, and a classifier.

    It learns from single faces, each with the label of its picture: the packed form. The verdict on
    a picture is the mean of its faces' probabilities: the other form, of the same weights.

    Args:
        face_backbone: Name of a backbone.
        alignment: How faces are cut out, one of `FACE_PRESETS`.
        face_size: Height and width of a face in pixels, where the alignment leaves them open.
        faces: How many faces F a picture has at most.
        margin: That of a large-margin softmax in training; None or 1 for a plain one.
        dropout: Rate before the classifier.
        packed: Whether it takes single faces.

    Returns:
        A functional model from a dict of `faces` (B, F, h, w, 3), RGB pixels of 0 to 255, and
        `face_mask` (B, F), 1 where there is a face, to a dict of `logits` (B, 3) in the order of
        `labels.GROUP_EMOTIONS`, the logarithms of the mean probabilities, or zeros where there is
        no face, and `face_weights` (B, F), float32. Packed, from `faces` (N, h, w, 3) and, with a
        margin, `labels` (N,) to `logits` (N, 3).

    Raises:
        EmoError: There is no such backbone, alignment or margin, the faces have no size or another
            than the alignment gives them, or there is to be none.

    Reference:
        Gupta et al. 2018, "An attention model for group-level emotion recognition", section 3.2.
    """
    if packed:
        rows, embeddings = single_faces(face_backbone, alignment=alignment, size=face_size)
        inputs = {"faces": rows}
    else:
        inputs, embeddings = face_branch(
            face_backbone, alignment=alignment, size=face_size, faces=faces, packed=False
        )
    width = embeddings.shape[-1]
    head = plain_head(width, dropout=dropout, margin=margin)
    x = ops.reshape(embeddings, (-1, width))  # (N, E) or (B F, E)
    if isinstance(head.input, dict):
        labels = keras.Input((), dtype="int32", name="labels")
        inputs |= {"labels": labels} if packed else {}
        unknown = ops.zeros_like(x[:, 0], dtype="int32")
        x = {"features": x, "labels": labels if packed else unknown}
    logits = head(x)
    if packed:
        return keras.Model(inputs, {"logits": logits}, name="group_local")
    by_picture = ops.reshape(logits, (-1, faces, logits.shape[-1]))  # (B, F, 3)
    mean = MeanVerdict(dtype="float32", name="mean_verdict")
    verdict, weights = mean(by_picture, inputs[MASK])
    outputs = {"logits": verdict, "face_weights": weights}
    return keras.Model(inputs, outputs, name="group_local")
