"""Finds the annotations and the frames of every episode.

Needs neither TensorFlow nor TFDS.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError

from .annotations import Record, read_annotations
from .frames import FrameFolder, VideoFile

EPISODES = tuple(range(1, 11))
"""Episodes of the first season that are annotated."""

_VIDEO_SUFFIXES = (
    *(".mkv", ".mp4", ".m4v", ".avi", ".mov", ".webm"),
    *(".mpg", ".mpeg", ".m2ts", ".ts", ".vob", ".wmv", ".flv", ".ogm"),
)
# `1x01 - The One ....mkv`, `Friends.S01E01.mkv`, `ep01.mp4`.
_EPISODE = re.compile(
    r"(?:(?<![0-9])0?1x|s01e|(?<![a-z])ep)(?P<number>[0-9]{2})(?![0-9])", re.IGNORECASE
)


@dataclass(frozen=True)
class EpisodePart:
    """Records whose frames are read together: one of a folder, all of a video.

    Attributes:
        episode: One of `EPISODES`.
        records: Sorted by key frame.
        frames: Where the frames are.
    """

    episode: int
    records: tuple[Record, ...]
    frames: FrameFolder | VideoFile


def required_paths(manual_dir: Path) -> tuple[tuple[Path, ...], ...]:
    """Returns what has to be there: one entry a requirement, its alternatives best first.

    Two entries an episode: the annotations; the folder of frames, or the videos that are found,
    or the plainest name that one could have.

    Args:
        manual_dir: The folder that should hold the episodes.
    """
    videos = _videos(manual_dir)
    required = []
    for episode in EPISODES:
        folder = _frames_folder(manual_dir, episode)
        found = videos.get(episode) or [folder.with_suffix(".mkv")]
        required += [(_annotations(manual_dir, episode),), (folder, *found)]
    return tuple(required)


def check_pairs(manual_dir: Path) -> None:
    """Looks whether each episode that is there in part is there as a whole.

    Raises:
        EmoError: An episode has frames or a video without annotations, or the reverse; it has two
            videos and no folder of frames; or the folder holds no frame.
    """
    required = required_paths(manual_dir)
    for episode, annotations, frames in zip(EPISODES, required[::2], required[1::2], strict=True):
        found, others = (
            [path for path in paths if path.exists()] for paths in (annotations, frames)
        )
        if bool(found) != bool(others):
            expected, there = (frames, found) if found else (annotations, others)
            raise EmoError(
                f"episode {episode}: expected {' or '.join(map(str, expected))} beside {there[0]}. "
                "Received: no such file"
            )
        if found:
            _find_frames(manual_dir, episode)


def parts_of(manual_dir: Path, episode: int) -> list[EpisodePart]:
    """Returns what an episode is made of, sorted by key frame; its frames are not read yet.

    Args:
        manual_dir: The folder that holds the episodes, as `required_paths` says.
        episode: One of `EPISODES`.

    Raises:
        EmoError: The annotations cannot be used, or `check_pairs` fails.
    """
    records = read_annotations(_annotations(manual_dir, episode))
    records = sorted(records, key=lambda record: (record.key_frame, record.index))
    frames = _find_frames(manual_dir, episode)
    together = [records] if isinstance(frames, VideoFile) else [[record] for record in records]
    return [EpisodePart(episode, tuple(some), frames) for some in together]


def _find_frames(manual_dir: Path, episode: int) -> FrameFolder | VideoFile:
    folder = FrameFolder(_frames_folder(manual_dir, episode))
    if folder.path.is_dir():
        if folder.is_empty:
            raise EmoError(f"{folder.path}: expected frames 00000.jpg and so on. Received: none")
        return folder
    videos = _videos(manual_dir)[episode]
    if len(videos) > 1:
        names = " and ".join(map(str, videos))
        raise EmoError(f"episode {episode}: expected one video. Received: {names}")
    return VideoFile(videos[0])


def _videos(manual_dir: Path) -> dict[int, list[Path]]:
    """Returns the videos by episode, sorted by name."""
    found = {}
    for path in sorted(manual_dir.iterdir()) if manual_dir.is_dir() else ():
        match = _EPISODE.search(path.name)
        # Finder leaves `._<name>` beside the files of some disks.
        is_video = path.suffix.lower() in _VIDEO_SUFFIXES and not path.name.startswith(".")
        if match and is_video and path.is_file():
            found.setdefault(int(match["number"]), []).append(path)
    return found


def _annotations(manual_dir: Path, episode: int) -> Path:
    return manual_dir / f"s01_ep{episode:02d}_tag2_visual_Final_180809.json"


def _frames_folder(manual_dir: Path, episode: int) -> Path:
    return manual_dir / f"ep{episode:02d}"
