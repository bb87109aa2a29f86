"""Writes small copies of the annotated episodes for the tests, with whatever oddity is wanted."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import av
import numpy as np
from PIL import Image

from emo_tf.corpora.testing import encoded, pixels

from .annotations import CHARACTERS
from .source import EPISODES

FRAMES = 20
NONE = {"min_x": "none", "min_y": "none", "max_x": "none", "max_y": "none"}
RECTANGLE = {"min_x": 20, "min_y": 10, "max_x": 36, "max_y": 34}


def person(emotion: str = "Happiness", **changes: object) -> dict:
    """Returns what a record says of a character who is there."""
    return {
        "behavior": "none",
        "emotion": emotion,
        "face_rect": RECTANGLE,
        "full_rect": NONE,
        "related_objects": [],
    } | changes


def record(
    key_frame: int = 8, *, people: Mapping[str, dict] | None = None, **changes: object
) -> dict:
    """Returns a record of all six characters; those not among `people` are absent.

    Args:
        key_frame: Number of its frame.
        people: What is said of the others by name; by default Ross alone, who is happy.
        changes: Keys to put in place of the usual ones.
    """
    people = {"Ross": person()} if people is None else people
    everybody = {name.title(): person("none", face_rect=NONE) for name in CHARACTERS} | people
    return {
        "period_num": "7",
        "start_time": "00:00:10;12",
        "end_time": "00:01:02;06",
        "image": f"Frame_{key_frame:06d}.jpg",
        "person": [{name: [said] for name, said in everybody.items()}],
        "object": [],
    } | changes


def annotations_path(folder: Path, episode: int) -> Path:
    """Returns where the annotations of an episode lie."""
    return folder / f"s01_ep{episode:02d}_tag2_visual_Final_180809.json"


def write_annotations(path: Path, *records: dict) -> Path:
    """Writes the annotations of an episode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"visual_results": records}), encoding="utf-8")
    return path


def frame(number: int, *, episode: int = 1) -> np.ndarray:
    """Returns a frame unlike any other, uint8 RGB of shape (48, 64, 3)."""
    return pixels() // 2 + np.array([5 * number, 0, 8 * episode], np.uint8)


def write_frames(folder: Path, frames: Sequence[np.ndarray]) -> Path:
    """Writes a folder of frames; they are called JPEG as usual, but nothing of them is lost."""
    folder.mkdir(parents=True)
    for number, picture in enumerate(frames):
        path = folder / f"{number:05d}.jpg"
        path.write_bytes(encoded(Image.fromarray(picture), "PNG"))
    return folder


def write_video(
    path: Path,
    frames: Sequence[np.ndarray],
    *,
    codec: str = "ffv1",
    pixel_format: str = "bgr0",
) -> Path:
    """Writes a video; unless told otherwise its frames decode to exactly these."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.height, stream.width, _ = frames[0].shape
        stream.pix_fmt = pixel_format
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_friends(folder: Path, episodes: Mapping[int, Sequence[dict]] | None = None) -> Path:
    """Writes all ten episodes as folders of frames.

    Args:
        folder: Where to.
        episodes: Records by episode; those not given have one with one face.

    Returns:
        `folder`.
    """
    for episode in EPISODES:
        records = (episodes or {}).get(episode, [record()])
        write_annotations(annotations_path(folder, episode), *records)
        frames = [frame(number, episode=episode) for number in range(FRAMES)]
        write_frames(folder / f"ep{episode:02d}", frames)
    return folder
