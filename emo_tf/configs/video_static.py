"""The first of the two stages of the published model of videos: ResNet-18 on stills of faces.

JanghoonChoi/VTT_vid_emotion: 80 % AffectNet and 20 % RAF-DB, neutral with probability .33 and the
other six alike, squares of k = .5 about the faces, pixels of 0 to 1, a loss that balances neutral
against the rest, Adam with AMSGrad at 1e-4 throughout, batches of 4. An epoch is 10,000 steps; the
best on AffectNet's validation pictures is kept. Weights of ImageNet to start from come with
`--init`, from `emo-tf weights import`.
Expected: no figure is published for the stills, and wall time was measured on the twins alone: half
a minute with `--smoke` on two cores.

    emo-tf data build affectnet --manual-dir DIR_WITH_AFFECTNET
    emo-tf data build raf_db/basic --manual-dir DIR_WITH_RAF_DB
    emo-tf train video_static
"""

from emo_tf.training.config import Optimizer
from emo_tf.training.smoke import shrunk_video
from emo_tf.training.video_config import VideoExperiment, VideoLoss


def get_config(*, smoke: bool = False) -> VideoExperiment:
    """Returns the experiment; with `smoke`, one of a few seconds."""
    experiment = VideoExperiment(
        name="video_static",
        dataset="affectnet",
        model="tsm",
        model_arguments={
            "backbone": "resnet18",
            "height": 224,
            "width": 224,
            "frames": 1,
            "shift": "none",
        },
        shares={"affectnet": 0.8, "raf_db/basic": 0.2},
        reported={"raf_db/basic": "test"},
        balanced=True,
        steps=10_000,
        epochs=30,
        batch_size=4,
        keep="mean_recall",
        crop={"preset": "vtt", "k": 0.5},
        optimizer=Optimizer(name="adam", learning_rate=1e-4, amsgrad=True, l2=5e-5),
        loss=VideoLoss(name="neutral_balanced", neutral_share=0.5),
    )
    return shrunk_video(experiment) if smoke else experiment
