"""The published model of videos: ResNet-18 with a shift between its stages, on clips of Friends.

JanghoonChoi/VTT_vid_emotion: clips of four frames, p-2 to p+1 round the key frame p, the first
quarter of the channels from the frame before, the loss on every frame, the mean of the last two
frames' logits for a decision; everything else as for the stills that it starts from. An epoch draws
as many clips as there are in the episodes that train. A face is cut out with k = .3 there, and with
.5 where the model is run.
Expected: no figure is published for this split into episodes, and wall time was measured on the
twin alone: half a minute with `--smoke` on two cores.

    emo-tf train video_vtt --manual-dir DIR_WITH_FRIENDS --init runs/video_static
"""

from dataclasses import replace

from emo_tf.configs import video_static
from emo_tf.training.smoke import shrunk_video
from emo_tf.training.video_config import VideoExperiment


def get_config(*, smoke: bool = False) -> VideoExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    static = video_static.get_config()
    experiment = replace(
        static,
        name="video_vtt",
        dataset="vtt_friends/clips4",
        model_arguments={
            **static.model_arguments,
            "frames": 4,
            "shift": "stage",
            "decision_frames": 2,
        },
        shares={},
        reported={},
        steps=None,
        epochs=20,
    )
    return shrunk_video(experiment) if smoke else experiment
