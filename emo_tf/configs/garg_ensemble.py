"""The four networks for faces of Garg 2019, whose probabilities are averaged.

"Group emotion recognition using machine learning" (samanyougarg/Group-Emotion-Recognition): VGG-16
with ImageNet's weights, the same network with VGGFace's, and two plain ones, each on single faces
of 64 x 64 pixels, every face with the label of its picture. Classes weigh alike, faces are zoomed
by a tenth, and a network stops after five epochs without a better validation.
Otherwise than published: pictures, not faces, are divided into training and validation, so that no
picture is on both sides; faces are those that MTCNN finds, cut out by their boxes; the second
network starts from nothing, since VGGFace's weights cannot be fetched; and the validation that
counts is the accuracy on pictures.
Published: 64.3 % of the 4,346 validation pictures, with faces divided by face. Not measured yet.

    emo-tf train garg_ensemble --manual-dir DIR_WITH_GROUP_AFFECT
"""

from dataclasses import replace

from emo_tf.data.group_augment import GroupAugmentation
from emo_tf.data.picture_augment import PictureAugmentation
from emo_tf.training.config import Optimizer
from emo_tf.training.group_ensemble import GroupEnsembleExperiment
from emo_tf.training.smoke import shrunk_group

ADAM = Optimizer(name="adam", learning_rate=1e-3)


def get_config(*, smoke: bool = False) -> GroupEnsembleExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = GroupEnsembleExperiment(
        name="garg_ensemble",
        dataset="group_affect/faces",
        model_arguments={"alignment": "box", "face_size": (64, 64), "faces": 15},
        members={
            "garg_vgg16": Optimizer(name="adagrad", learning_rate=1e-4),
            "garg_vggface": ADAM,
            "garg_plain": ADAM,
            "garg_wide": ADAM,
        },
        published_weights={"garg_vgg16": "imagenet"},
        unit="faces",
        epochs=100,
        patience=5,
        batch_size=128,
        balanced=True,
        augmentation=GroupAugmentation(
            faces=PictureAugmentation(flip=False, zoom=0.1),
        ),
    )
    if not smoke:
        return experiment
    small = replace(
        experiment,
        model_arguments={**experiment.model_arguments, "face_size": (32, 32)},
        members={"tiny_resnet": experiment.members["garg_vgg16"], "garg_plain": ADAM},
        published_weights={},
    )
    return shrunk_group(small)
