"""Files that cost far more than their pixels, and sound ones that look a little like them."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import read_image

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)


@pytest.fixture(scope="module")
def jpeg(noise, make_picture) -> bytes:
    return make_picture(noise, "JPEG", progressive=True)


def after_start(jpeg: bytes, segment: bytes, *, size: int = MEGABYTE) -> bytes:
    return jpeg[:2] + segment * (size // len(segment)) + jpeg[2:]


def with_scans(jpeg: bytes, count: int) -> bytes:
    """Repeats the head of a progressive JPEG's last scan, which stands for no data."""
    start = jpeg.rindex(b"\xff\xda")
    head = jpeg[start : start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big")]
    return jpeg[:-2] + head * count + jpeg[-2:]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(png: bytes, chunk: bytes, *, size: int = MEGABYTE) -> bytes:
    after_head = 8 + 25
    return png[:after_head] + chunk * (size // len(chunk)) + png[after_head:]


def with_blocks(gif: bytes, block: bytes, *, size: int = MEGABYTE) -> bytes:
    start = gif.index(b"\x2c", 13 + 3 * 2 ** ((gif[10] & 7) + 1))
    return gif[:start] + block * (size // len(block)) + gif[start:]


def tiff_of_one_blob(*, tags: int, size: int) -> bytes:
    """Returns a TIFF file with many tags whose values are the same bytes."""
    start = 8 + 2 + 12 * (tags + 3) + 4
    entries = [struct.pack("<HHIHH", tag, 3, 1, 8, 0) for tag in (256, 257, 258)]
    entries += [struct.pack("<HHII", 40_000 + i, 1, size, start) for i in range(tags)]
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + b"".join(entries) + bytes(4) + bytes(size)


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        (b"\xff\xe1\x00\x09Exif\0\0x", "thousands of tiny parts"),
        (b"\xff\xfe\x00\x03x", "thousands of tiny parts"),
        (b"\xff", "thousands of tiny parts"),
    ],
    ids=["EXIF", "comments", "filling"],
)
def test_a_jpeg_of_tiny_parts_is_refused(jpeg, segment, message):
    with pytest.raises(EmoError, match=message):
        read_image(after_start(jpeg, segment))


def test_a_jpeg_of_scans_is_refused(jpeg, noise):
    assert read_image(with_scans(jpeg, 100)).shape == (*noise.shape, 3)
    with pytest.raises(EmoError, match=r"expected at most 200 scans .*Received: more"):
        read_image(with_scans(jpeg, 5000))


def test_what_follows_the_end_of_a_jpeg_does_not_count(jpeg, noise):
    film = b"\xff\xda" * 10_000  # as phones put one after a photo
    assert np.array_equal(read_image(jpeg + film), read_image(jpeg))


def test_a_jpeg_with_a_large_profile_is_read(jpeg, noise, make_picture):
    profile = bytes(range(256)) * 8_000
    picture = make_picture(noise, "JPEG", icc_profile=profile)
    assert len(picture) > len(profile)
    assert read_image(picture).shape == (*noise.shape, 3)


@pytest.mark.parametrize(
    "part",
    [
        chunk(b"tEXt", b"a\0b"),
        chunk(b"xxXx", b""),
        chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(MEGABYTE // 16))),
    ],
    ids=["text", "unknown", "profiles"],
)
def test_a_png_of_tiny_parts_is_refused(noise, make_picture, part):
    with pytest.raises(EmoError, match="thousands of tiny parts"):
        read_image(with_chunks(make_picture(noise, "PNG"), part))


def test_a_png_whose_pixels_come_in_small_chunks_is_read(noise, make_picture):
    picture = make_picture(noise, "PNG")
    start = picture.index(b"IDAT") - 4
    length = int.from_bytes(picture[start : start + 4], "big")
    pixels = picture[start + 8 : start + 8 + length]
    small = b"".join(chunk(b"IDAT", pixels[i : i + 512]) for i in range(0, length, 512))
    found = read_image(picture[:start] + small + picture[start + 12 + length :])
    assert np.array_equal(found[..., 0], noise)


@pytest.mark.parametrize(
    "block",
    [b"\x21\xfe\x01x\0", b"\x21\xf9\x04\0\0\0\0\0"],
    ids=["comments", "controls"],
)
def test_a_gif_of_tiny_parts_is_refused(noise, make_picture, block):
    with pytest.raises(EmoError, match="thousands of tiny parts"):
        read_image(with_blocks(make_picture(noise, "GIF"), block))


def test_tags_that_stand_for_the_same_bytes_are_not_all_read():
    with pytest.raises(EmoError, match="the same bytes again and again"):
        read_image(tiff_of_one_blob(tags=500, size=MEGABYTE))


def test_a_plain_pixmap_of_comments_is_refused():
    with pytest.raises(EmoError, match=r"expected at most 1,000 comments\. Received: more"):
        read_image(b"P3 1 1 255\n" + b"#\n" * MEGABYTE + b"1 2 3\n")
    assert read_image(b"P3 1 1 255\n# a colour\n1 2 3\n").tolist() == [[[1, 2, 3]]]


def test_a_pixmap_of_16_bits_is_read(noise):
    values = np.repeat(noise[..., None], 3, axis=2)
    head = f"P6 {noise.shape[1]} {noise.shape[0]} 65535\n".encode()
    found = read_image(head + (values.astype(">u2") * 257).tobytes())
    assert np.array_equal(found, values)


def test_a_bitmap_of_short_runs_is_read(noise):
    """Each run is one pixel long, as in photographs."""
    height, width = noise.shape
    rows = (b"".join(bytes([1, value]) for value in row) + b"\0\0" for row in noise[::-1].tolist())
    runs = b"".join(rows) + b"\0\1"
    greys = b"".join(bytes([i, i, i, 0]) for i in range(256))
    start = 14 + 40 + len(greys)
    head = struct.pack("<2sIHHI", b"BM", start + len(runs), 0, 0, start)
    head += struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    assert np.array_equal(read_image(head + greys + runs)[..., 0], noise)


def test_threads_that_read_at_once_leave_pillows_settings_as_they_were(noise, make_picture):
    pictures = [make_picture(noise, name) for name in ("PNG", "TIFF", "WEBP", "GIF")] * 8
    limit = Image.MAX_IMAGE_PIXELS
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(read_image, pictures))
    assert {image.shape for image in found} == {(*noise.shape, 3)}
    assert limit == Image.MAX_IMAGE_PIXELS
