"""Ours for videos: the expression net with a one-way shift in every block, on stills that move.

Faces of FER2013 drift, turn and jitter as tracked ones do, under changing light; in half of the
clips the face changes into one of another expression, and each frame has the label of what it shows
more of. The last frame so learns to say what is there now, from the frames before where these help.
It starts from the shipped model of still faces or from a run of `expression_fer2013`, and is
exported as one that takes a frame at a time. `--set 'shares={"fer2013": 0.7,
"vtt_friends/clips8": 0.3}' --set balanced=true` mixes in real clips.
Expected: 59 % of single frames on the moving held-out tenth, after 720 steps; 12 minutes on two
cores, and two hours as it stands.

    emo-tf train video_tsm --manual-dir DIR_WITH_FER2013 --init expression_float16.tflite
"""

from emo_tf.data.clip_augment import MOVING
from emo_tf.data.photographs import FER2013_CROP
from emo_tf.training.config import Optimizer, Schedule
from emo_tf.training.smoke import shrunk_video
from emo_tf.training.video_config import HELD_OUT, VideoExperiment, VideoLoss


def get_config(*, smoke: bool = False) -> VideoExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = VideoExperiment(
        name="video_tsm",
        dataset="fer2013",
        model="tsm",
        model_arguments={"backbone": "expression_net", "frames": 8, "shift": "residual"},
        validation_split=HELD_OUT,
        reported={"fer2013": "public_test"},
        epochs=8,
        batch_size=32,
        mixed_precision=True,
        keep="frame_accuracy",
        crop=FER2013_CROP,
        optimizer=Optimizer(
            name="sgd",
            learning_rate=0.02,
            momentum=0.9,
            nesterov=True,
            weight_decay=5e-3,
            ema_decay=0.99,
        ),
        schedule=Schedule(name="cosine", warmup_epochs=0.3),
        augmentation=MOVING,
        loss=VideoLoss(name="cross_entropy", label_smoothing=0.1),
    )
    return shrunk_video(experiment) if smoke else experiment
