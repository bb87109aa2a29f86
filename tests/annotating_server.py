"""`emo-tf annotate` as a process of its own, and a made-up album for it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from tests.running_server import RunningServer, running_verb

ORIENTATION, GPS = 0x0112, 0x8825
ANSWER = {
    "categories": ["Happiness", "Affection"],
    "vad": [8, 5, 6],
    "gender": "Female",
    "age": "Adult",
    "none_applies": False,
}


def write_album(folder: Path) -> Path:
    """Writes four pictures: one turned by its metadata, one long, one broken, one in a folder."""
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "1_turned.jpg", exif=exif)
    Image.fromarray(np.repeat(pixels[:8], 47, axis=1)).save(folder / "2_long.png")
    (folder / "4_below").mkdir()
    Image.fromarray(pixels).save(folder / "4_below" / "day 1.png")
    (folder / "3_broken.jpg").write_bytes(b"no picture")
    return folder


@contextlib.contextmanager
def annotating(folder: Path, *arguments: object) -> Iterator[tuple[RunningServer, httpx.Client]]:
    """Starts `emo-tf annotate` on an album at a free port, and ends it with the block.

    Args:
        folder: Where the album is, or is made, and the answers go.
        *arguments: Further ones.

    Yields:
        The server, and a client of it.
    """
    album = folder / "album"
    if not album.exists():
        write_album(album)
    command = ("annotate", album, "--out", folder / "answers.sqlite", "--port", 0, *arguments)
    with running_verb(folder, *command) as server, httpx.Client(base_url=server.url) as client:
        yield server, client
