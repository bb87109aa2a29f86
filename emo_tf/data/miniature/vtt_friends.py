"""The twin of the annotated Friends episodes: drawn clips, in the original's files.

A clip shows one face, and its label is the expression that the face moves to; see `videos`. Which
of the six characters the face is called is drawn by lot: nothing in the drawing follows it. The
clips of an episode follow each other in its frames. Every tenth clip is in the same episode, so
that episodes 9 and 10, which validate, hold two tenths of all.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image

from emo_tf.data.miniature.oracle import Oracle
from emo_tf.data.miniature.videos import (
    HEIGHT,
    WIDTH,
    FaceClip,
    draw_clip,
    plan_clip,
    score_evidence,
)
from emo_tf.data.miniature.vtt_friends_annotations import FRAMES_PER_SECOND, annotations_file
from emo_tf.data.miniature.writing import check_size
from emo_tf.errors import unknown_name

VERSION = 1
DEFAULT_SIZE = 60
UNIT = "clips"

EPISODES = tuple(range(1, 11))
VALIDATION = (9, 10)
"""The episodes whose clips the oracle is measured on."""

CLIP_FRAMES = 16
"""Frames of a clip: what the longest configuration takes, 8 before the key frame and 7 after."""

_FORMS = ("frames", "video")
_QUALITY = 88


def write_vtt_friends(
    folder: Path, *, form: str = "frames", clips: int = len(EPISODES), seed: int = 0
) -> Path:
    """Writes drawn stand-ins for the ten annotated episodes.

    The same arguments give the same pixels in either form: the videos hold, without further loss,
    what the JPEG files of the frames decode to.

    Args:
        folder: Where to put `s01_epNN_tag2_visual_Final_180809.json` with `epNN/00000.jpg` and so
            on, or with `epNN.mkv`; made where it is missing.
        form: `frames` or `video`.
        clips: Clips in all; one an episode or more.
        seed: Draws other clips.

    Returns:
        `folder`.

    Raises:
        EmoError: There is no such form, or too few clips.
    """
    if form not in _FORMS:
        raise unknown_name("form", form, _FORMS)
    planned = plan(seed=seed, size=clips)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for episode, of_episode in planned.items():
        jpegs, boxes = zip(*_frames(of_episode), strict=True)
        if form == "video":
            _write_video(folder / f"ep{episode:02d}.mkv", jpegs)
        else:
            _write_pictures(folder / f"ep{episode:02d}", jpegs)
        path = folder / f"s01_ep{episode:02d}_tag2_visual_Final_180809.json"
        path.write_bytes(annotations_file(of_episode, boxes))
    return folder


def write(folder: Path, *, seed: int, size: int = DEFAULT_SIZE) -> None:
    """Writes the twin as folders of frames.

    Args:
        folder: An empty folder.
        seed: Draws another twin.
        size: Clips in all.

    Raises:
        EmoError: `size` is too small.
    """
    write_vtt_friends(folder, clips=size, seed=seed)


def plan(*, seed: int, size: int = DEFAULT_SIZE) -> dict[int, list[FaceClip]]:
    """Returns the clips of each episode, in the order of its frames, before anything is drawn.

    Args:
        seed: Draws another twin.
        size: Clips in all.

    Raises:
        EmoError: `size` leaves an episode without a clip.
    """
    check_size(size, smallest=len(EPISODES), unit=UNIT)
    clips = [
        plan_clip(number, seed=seed, frames=CLIP_FRAMES, key_frame=CLIP_FRAMES // 2)
        for number in range(size)
    ]
    return {episode: clips[place :: len(EPISODES)] for place, episode in enumerate(EPISODES)}


def oracle(*, seed: int, size: int = DEFAULT_SIZE) -> Oracle:
    """Scores the best predictions on the validation episodes; see `videos.score_evidence`.

    Args:
        seed: As for `write`.
        size: As for `write`.
    """
    planned = plan(seed=seed, size=size)
    clips = [clip for episode in VALIDATION for clip in planned[episode]]
    return score_evidence(clips, measured_on=f"validation, {len(clips)} clips")


def _frames(clips: Sequence[FaceClip]) -> Iterator[tuple[bytes, np.ndarray]]:
    """Yields each frame of an episode as a JPEG file, and the face's box in it."""
    for clip in clips:
        for frame, face_box in draw_clip(clip):
            stream = io.BytesIO()
            Image.fromarray(frame).save(stream, "JPEG", quality=_QUALITY)
            yield stream.getvalue(), face_box


def _write_pictures(folder: Path, jpegs: Sequence[bytes]) -> None:
    folder.mkdir()
    for number, data in enumerate(jpegs):
        (folder / f"{number:05d}.jpg").write_bytes(data)


def _write_video(path: Path, jpegs: Sequence[bytes]) -> None:
    # Without the flag the file holds numbers by lot, and the same twin should be the same bytes.
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("ffv1", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for data in jpegs:
            pixels = np.asarray(Image.open(io.BytesIO(data)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
