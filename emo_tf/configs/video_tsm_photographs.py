"""The shipped model of videos: `video_tsm` with labelled photographs and drawn clips mixed in.

The photographs, cut out by the package's own detector and alignment, are what it knows of faces as
videos have them; in the drawn clips of the twin a face really moves from one expression to another,
which no fade between two stills shows. Clips are drawn by class, as there is much neutral in any
video.
Expected: the figures in the model card of the shipped `expression_tsm` files.

    emo-tf data miniature vtt_friends --out raw --size 1500
    emo-tf data build vtt_friends/clips8 --manual-dir raw
    emo-tf train video_tsm_photographs --manual-dir DIR_WITH_FER2013 --photographs PHOTOS.zip \\
        --init expression_float16.tflite
"""

from dataclasses import replace

from emo_tf.configs import video_tsm
from emo_tf.training.video_config import VideoExperiment


def get_config(*, smoke: bool = False) -> VideoExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    return replace(
        video_tsm.get_config(smoke=smoke),
        name="video_tsm_photographs",
        shares={"fer2013": 0.85, "vtt_friends/clips8": 0.15},
        photographs=0.25,
        balanced=True,
        steps=4 if smoke else 150,
        epochs=2 if smoke else 8,
    )
