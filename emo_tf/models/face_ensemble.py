"""The verdict on a group from its faces, each looked at by several networks."""

from collections.abc import Callable, Sequence

import keras
from keras import layers, ops

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.layers.mean_verdict import MeanVerdict
from emo_tf.models.face_presets import FACE_PRESETS
from emo_tf.models.group_branches import FACES_AS, check_count, face_size_of
from emo_tf.models.group_head import MASK
from emo_tf.models.group_local import group_local
from emo_tf.models.normalisation import standardised
from emo_tf.models.registry import register

GARG = ("garg_vgg16", "garg_vggface", "garg_plain", "garg_wide")
"""The four networks of Garg 2019."""

BOX = "box"
"""The alignment of networks that take the boxes of faces as they are."""

_SMALLEST = 1e-7
"""What a probability counts as at least: the logarithm of none is no number."""


@register("face_ensemble")
def face_ensemble(
    *,
    members: Sequence[str] = GARG,
    alignment: str = BOX,
    face_size: tuple[int, int] | None = (64, 64),
    faces: int = 15,
    packed: bool = False,
) -> keras.Model:
    """Builds an ensemble of Local models: a model under the name of each member inside.

    Args:
        members: Names of backbones of faces, one of each; each gets a classifier of its own.
        alignment: How faces are cut out, one of `FACE_PRESETS`.
        face_size: Height and width of a face in pixels, where the alignment leaves them open.
        faces: How many faces F a picture has at most.
        packed: Whether it takes single faces.

    Returns:
        As `verdict_by_picture`; packed, from a dict of `faces` (N, h, w, 3) to a dict of `logits`
        (N, 3), the logarithms of the members' mean probabilities. A member has the weights of a
        `group_local` of its backbone, in the same order.

    Raises:
        EmoError: As `group_local`, or there is no member, or one twice.

    Reference:
        Garg 2019, "Group emotion recognition using machine learning".
    """
    if not members or len(set(members)) != len(members):
        raise EmoError(f"members: expected names, each once. Received: {tuple(members)}")
    size = face_size_of(alignment, face_size)
    networks = [_member(name, alignment=alignment, size=size) for name in members]
    if packed:
        rows = keras.Input((*size, 3), name="faces")
        logits = _mean_logits(networks, rows)
        return keras.Model({"faces": rows}, {"logits": logits}, name="face_ensemble")
    return verdict_by_picture(networks, face_size=size, faces=faces, name="face_ensemble")


def _mean_logits(networks: Sequence[Callable], rows):
    """Returns the logarithms (N, 3) of the mean of what networks say of faces (N, h, w, 3)."""
    verdicts = [network(rows) for network in networks]
    mean = layers.Average(name="mean")(verdicts) if len(verdicts) > 1 else verdicts[0]
    return ops.log(ops.maximum(mean, _SMALLEST))


def _member(name: str, *, alignment: str, size: tuple[int, int]) -> Callable:
    local = group_local(face_backbone=name, alignment=alignment, face_size=size, packed=True)
    local.name = name
    return lambda rows: ops.softmax(local({"faces": rows})["logits"])


def group_of_network(
    network: keras.Model, *, labels: Sequence[str] = GROUP_EMOTIONS, faces: int = 15
) -> keras.Model:
    """Builds a model of groups out of one network for the boxes of faces.

    Args:
        network: From a face, RGB in 0 to 1 (N, h, w, 3), to probabilities (N, 3).
        labels: `GROUP_EMOTIONS` in the order of the network's outputs.
        faces: How many faces F a picture has at most.

    Returns:
        As `verdict_by_picture`; the crops are those of the alignment `box`.
    """
    order = [list(labels).index(label) for label in GROUP_EMOTIONS]

    def verdict(rows):
        normalisation = FACE_PRESETS[BOX].normalisation
        probabilities = network(standardised(rows, normalisation, name=FACES_AS + BOX))
        if order == sorted(order):
            return probabilities
        return ops.take(probabilities, order, axis=1)

    size = tuple(network.inputs[0].shape[1:3])
    return verdict_by_picture([verdict], face_size=size, faces=faces, name="face_ensemble")


def verdict_by_picture(
    networks: Sequence[Callable],
    *,
    face_size: tuple[int, int],
    faces: int,
    name: str,
) -> keras.Model:
    """Builds a model of groups out of networks for single faces.

    The probabilities of a face are the mean over the networks, those of a picture the mean over
    its faces.

    Args:
        networks: Each from RGB pixels of 0 to 255 (N, h, w, 3) to probabilities (N, 3) in the
            order of `labels.GROUP_EMOTIONS`.
        face_size: Height and width of a face in pixels.
        faces: How many faces F a picture has at most.
        name: The model's name.

    Returns:
        A functional model from a dict of `faces` (B, F, h, w, 3), RGB pixels of 0 to 255, and
        `face_mask` (B, F), 1 where there is a face, to a dict of `logits` (B, 3), the logarithms of
        the mean probabilities, or zeros where there is no face, and `face_weights` (B, F), float32.

    Raises:
        EmoError: There is to be no face.
    """
    check_count(faces)
    crop = (*face_size, 3)
    inputs = {
        "faces": keras.Input((faces, *crop), name="faces"),
        MASK: keras.Input((faces,), name=MASK),
    }
    rows = ops.reshape(inputs["faces"], (-1, *crop))  # (B F, h, w, 3)
    logits = _mean_logits(networks, rows)
    by_picture = ops.reshape(logits, (-1, faces, logits.shape[-1]))  # (B, F, 3)
    verdict, weights = MeanVerdict(name="mean_verdict")(by_picture, inputs[MASK])
    return keras.Model(inputs, {"logits": verdict, "face_weights": weights}, name=name)
