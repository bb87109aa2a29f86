"""What the tests of the builders share."""

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow_datasets.public_api as tfds
from PIL import Image

HEIGHT, WIDTH = 48, 64

BEAM_OPTIONS = ("--runner=DirectRunner", "--allow_unsafe_triggers")
"""Beam in this process; the second option keeps it from fetching another runner from the web."""


def pixels(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Returns a picture, uint8 RGB of `height` x `width`: smooth colours, no two corners alike."""
    y, x = np.mgrid[0:height, 0:width] * 255 // max(height, width)
    return np.stack([x, y, 255 - (x + y) // 2], axis=-1).astype(np.uint8)


def encoded(
    picture: Image.Image | None = None, format_name: str = "JPEG", **options: object
) -> bytes:
    """Returns the file of a picture, by default of `pixels()`.

    Args:
        picture: The picture.
        format_name: The format as Pillow calls it.
        options: What Pillow's writer takes besides.
    """
    stream = io.BytesIO()
    (picture or Image.fromarray(pixels())).save(stream, format_name, **options)
    return stream.getvalue()


def turned_jpeg(orientation: int) -> bytes:
    """Returns a JPEG of `pixels()` with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(exif=exif)


def prepared(
    builder: tfds.core.DatasetBuilder, raw: Path, *, beam: Sequence[str] = (), **options: object
) -> tfds.core.DatasetBuilder:
    """Builds a data set from raw files and returns its builder.

    Args:
        builder: With its data_dir.
        raw: The folder with the raw files.
        beam: Flags of a Beam pipeline, such as `BEAM_OPTIONS`; without any, no Beam.
        options: Of `tfds.download.DownloadConfig`.
    """
    if beam:
        from apache_beam.options.pipeline_options import PipelineOptions

        options["beam_options"] = PipelineOptions(list(beam))
    config = tfds.download.DownloadConfig(manual_dir=raw, **options)
    builder.download_and_prepare(download_config=config)
    return builder


def counts_of(builder: tfds.core.DatasetBuilder) -> dict[str, int]:
    """Returns the number of examples of each split."""
    return {split: info.num_examples for split, info in builder.info.splits.items()}


def assert_same_data(found: tfds.core.DatasetBuilder, expected: tfds.core.DatasetBuilder) -> None:
    """Asserts that two data sets hold the same examples in one order, and say the same of them.

    Args:
        found: The data set under test.
        expected: The one that it should be like.
    """
    import tensorflow as tf

    assert counts_of(found) == counts_of(expected)
    for split in expected.info.splits:
        examples = (tfds.as_numpy(one.as_dataset(split=split)) for one in (found, expected))
        for pair in zip(*examples, strict=True):
            tf.nest.map_structure(np.testing.assert_array_equal, *pair)
    assert found.info.metadata == expected.info.metadata


def tfds_build(folder: Path, *, raw: Path, data_dir: Path, options: Sequence[str] = ()) -> None:
    """Runs `tfds build` in a builder's folder, and asserts that it ends well.

    Args:
        folder: The builder's folder.
        raw: Raw files.
        data_dir: Where the data set is to be prepared.
        options: Of `tfds build`.
    """
    command = [sys.executable, "-m", "tensorflow_datasets.scripts.cli.main", "build", *options]
    done = subprocess.run(
        [*command, f"--manual_dir={raw}", f"--data_dir={data_dir}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
