"""What the model card of a model of clips says, in either form."""

from pathlib import Path

from emo_tf.export.exportable import APPARENT, CardText
from emo_tf.export.run_files import RunFiles
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.tsm_settings import TsmSettings

DATA = {
    "FER2013": (
        "FER2013 (Goodfellow et al. 2013): still faces from a picture search by 184 words for "
        "emotions, grey, 48 x 48 pixels, sorted by people, with noisy labels. For a model of "
        "several frames they were set moving: shifted, turned and zoomed a little from frame to "
        "frame, in changing light, some of them fading into another face of another label. How a "
        "real face moves is not in them."
    ),
    "Friends of the Video Turing Test": (
        "Friends of the Video Turing Test: the frames round key frames of a series, the faces in "
        "them labelled by annotators. Where `emo-tf data miniature` wrote that data set, they are "
        "drawn faces, and nobody's."
    ),
    "AffectNet": (
        "AffectNet (Mollahosseini et al. 2017): photographs from a picture search, each labelled "
        "by one annotator."
    ),
    "RAF-DB": "RAF-DB (Li et al. 2017): photographs from the web, each labelled by many people.",
    "labelled photographs": (
        "Labelled photographs (github.com/muxspace/facial_expressions, Apache-2.0), mostly of "
        "public figures and actors."
    ),
}
"""A paragraph on each data set that models of clips learn from, by its name in provenance."""

STILLS = [name for name in DATA if not name.startswith("Friends")]

RATE = "frames_per_second"
"""Where a model's provenance has the rate of its clips."""

_RECENT = (
    "It is called with one frame of one face after the other. {states} are what the network keeps "
    "of the frame before: zeros before the first frame, then what the call before returned under "
    "the same names; each face that is followed has its own. An answer rests on {frames} frames, "
    "the newest among them; nothing of earlier ones is left, so that no error can grow with the "
    "length of a video."
)
_ALONE = "It is called with one frame of one face after the other, each for itself."
_CLIP = (
    "It is called with {frames} frames of one face, and its decision is the mean of {decided}. "
    "Frames see the one before and the one after them, so that there is no form that takes one "
    "frame at a time."
)
_FILES = "A frame is a face that was cut out, so that no signature takes picture files."


def video_card(run: RunFiles, *, settings: TsmSettings, metadata: ModelMetadata) -> CardText:
    """Returns the texts of a model's card.

    Args:
        run: What training wrote.
        settings: How the model was built.
        metadata: What its files say about themselves.
    """
    return CardText(
        title="Expression over time",
        about=" ".join([APPARENT, _called(settings, metadata), _rate(metadata), _FILES]),
        data=_data(run),
        recipe=run.recipe,
        works_best=(
            "on frontal faces of 40 pixels and more that are followed from frame to frame, cut out "
            "as the files say"
        ),
        limits=(
            "fear, disgust, sadness and anger are often confused, with each other and with "
            "neutral; speech moves the mouth as expressions do; a face that is lost, or another "
            "that takes its place, needs states of zeros again; at other frame rates than that of "
            "its clips the frames before lie nearer or farther in time than it learnt; accuracy by "
            "age, gender or skin has not been measured, as the data carry no such labels"
        ),
    )


def _called(settings: TsmSettings, metadata: ModelMetadata) -> str:
    if settings.two_way:
        decided = settings.decision_frames
        last = "all frames" if decided is None else f"the last {decided} of them"
        return _CLIP.format(frames=settings.frames, decided=last)
    names = [f"`{name}`" for name in metadata.states]
    if not names:
        return _ALONE
    states = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    return _RECENT.format(states=states, frames=len(names) + 1)


def _rate(metadata: ModelMetadata) -> str:
    rate = metadata.provenance.get(RATE)
    datasets = metadata.provenance.get("datasets", ())
    if rate is None and datasets and set(datasets) <= set(STILLS):
        return "It learnt from stills, which have no frame rate."
    if rate is None:
        return "At how many frames a second its clips were taken is not stated."
    return f"Its clips were taken at {rate} frames a second."


def _data(run: RunFiles) -> str:
    names = run.metadata.provenance.get("datasets", ())
    paragraphs = [DATA.get(name, f"{name}.") for name in names]
    if run.metrics.get("started_from"):
        files = ", ".join(f"`{Path(path).name}`" for path in run.metrics["started_from"])
        paragraphs.append(f"Its weights started from those of {files}, whose data count here too.")
    return "\n\n".join(paragraphs) or "Not stated."
