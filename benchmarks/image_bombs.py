"""Pictures that are made to hurt whoever decodes them: huge, endless, nested or broken ones.

Each costs its sender kilobytes, or a body as large as a server takes by default.
"""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

SIDE = 5000
"""Width and height of 25 million pixels, what a server decodes at most by default."""

HUGE = 50_000
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _RGBA = 0, 2, 6


def image_bombs(*, size: int = 1 << 20, full_size: bool = True) -> dict[str, bytes]:
    """Returns pictures that are expensive to read, and some that claim to be.

    Args:
        size: Bytes of those that are long because they repeat a part.
        full_size: Whether sound pictures of 25 million pixels, seconds of work, are among them.

    Returns:
        Files by what is bad about them.
    """
    return {
        **_png_bombs(size),
        **_jpeg_bombs(size),
        **_other_bombs(size),
        **(dict(_at_the_limit()) if full_size else {}),
    }


def broken_pictures(picture: bytes, *, cuts: int = 20) -> list[bytes]:
    """Returns a picture cut short in several places, and with bytes that are wrong."""
    places = [len(picture) * place // (cuts + 1) for place in range(cuts + 1)]
    turned = []
    for place in places[1:]:
        broken = bytearray(picture)
        broken[place : place + 4] = bytes(255 - value for value in broken[place : place + 4])
        turned.append(bytes(broken))
    return [picture[:place] for place in places] + turned


def _png_bombs(size: int) -> dict[str, bytes]:
    pixels = zlib.compress(bytes(10_000), 9)
    inflated = zlib.compress(bytes(64 << 20), 9)
    text = chunk(b"tEXt", b"a\0b")
    return {
        "PNG of 50,000 x 50,000": png(HUGE, HUGE, pixels),
        "PNG of 2^31 x 2^31": png(2**31 - 1, 2**31 - 1, pixels),
        "PNG of one column": png(1, SIDE * SIDE, zlib.compress(bytes(2 * SIDE * SIDE), 9)),
        "PNG of no pixels": png(0, 0, pixels),
        "PNG with more pixels than it says": png(16, 16, inflated, kind=_RGB),
        "PNG with a profile that inflates": png(
            16, 16, pixels, before=chunk(b"iCCP", b"profile\0\0" + inflated)
        ),
        "PNG with text that inflates": png(
            16, 16, pixels, before=chunk(b"zTXt", b"text\0\0" + inflated)
        ),
        "PNG of thousands of chunks": png(16, 16, pixels, before=text * (size // len(text))),
        "PNG with a chunk of 2 GB": _PNG + struct.pack(">I", 2**31 - 1) + b"IHDR" + bytes(64),
    }


def _jpeg_bombs(size: int) -> dict[str, bytes]:
    plain, progressive = (
        encode(Image.new("L", (64, 64), 128), "JPEG", progressive=flag) for flag in (False, True)
    )
    comment = b"\xff\xfe\x00\x02"
    profile = b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0\x01\x01" + bytes(65_519)
    exif = b"\xff\xe1\xff\xff" + b"Exif\0\0MM\0\x2a\0\0\0\x08\xff\xff" + bytes(65_517)
    return {
        "JPEG of 65,500 x 65,500": jpeg_of_size(plain, 65_500, 65_500),
        "JPEG of 65,535 x 1": jpeg_of_size(plain, 65_535, 1),
        "progressive JPEG of 5,000 x 5,000, thousands of scans": many_scans(SIDE, size),
        "progressive JPEG of 64 x 64, thousands of scans": many_scans(64, size),
        "progressive JPEG without scans": jpeg_of_size(progressive, SIDE, SIDE)[:200],
        "JPEG of thousands of comments": after_start(plain, comment * (size // len(comment))),
        "JPEG of many profiles": after_start(plain, profile * (size // len(profile))),
        "JPEG of many large EXIF": after_start(plain, exif * (size // len(exif))),
        "JPEG of filling bytes": after_start(plain, b"\xff" * size),
    }


def _other_bombs(size: int) -> dict[str, bytes]:
    small = Image.new("RGB", (64, 64), "teal")
    block = b"\x21\xfe\x01a\x00"
    gif = encode(small.convert("P"), "GIF")
    descriptor = gif.index(b"\x2c", 13 + 3 * 2 ** ((gif[10] & 7) + 1))
    return {
        "GIF of 65,535 x 65,535": gif[:6] + b"\xff\xff\xff\xff" + gif[10:],
        "GIF with a frame of 65,535 x 65,535": (
            gif[: descriptor + 5] + b"\xff\xff\xff\xff" + gif[descriptor + 9 :]
        ),
        "GIF of thousands of comments": (
            gif[:descriptor] + block * (size // len(block)) + gif[descriptor:]
        ),
        "GIF of thousands of frames": gif[:-1] + gif[descriptor:-1] * (size // 200) + b";",
        "WebP of 16,383 x 16,383": _webp(16_383, 16_383),
        "WebP without pixels": encode(small, "WEBP", lossless=True)[:30],
        "TIFF of 65,535 x 65,535": tiff({256: 65_535, 257: 65_535}),
        "TIFF that is its own next page": tiff({}, following=8),
        "TIFF of 30,000 tags": tiff(dict.fromkeys(range(1000, 31_000), 1)),
        "TIFF with strips of 4 GB": tiff({278: 1, 279: 2**32 - 1}),
        "BMP of 2^31 x 2^31": _bmp(2**31 - 1, 2**31 - 1),
        "BMP of minus 2^31 rows": _bmp(64, -(2**31)),
        "PPM of 10^9 x 10^9": b"P6 1000000000 1000000000 255\n" + bytes(1000),
        "PPM with a comment without end": b"P6 #" + b"a" * size,
        "PPM with a number without end": b"P6 " + b"1" * size,
        "plain PPM": b"P3 64 64 255\n" + b"1 " * (size // 2),
        "JPEG 2000 of 60,000 x 60,000": jpeg2000_of_size(small, 60_000, 60_000),
        "JPEG 2000 without tiles": encode(small, "JPEG2000")[:150],
        "AVIF without pixels": encode(small, "AVIF")[:300],
        "MPO that lies": encode(small, "MPO").replace(b"MPF\0", b"MPF\0" * 2),
    }


def _at_the_limit() -> Iterator[tuple[str, bytes]]:
    """Yields pictures that are right and as large as they may be."""
    rows = zlib.compressobj(9)
    line = bytes(8 * SIDE + 1)
    deep = b"".join([*(rows.compress(line) for _ in range(SIDE)), rows.flush()])
    yield "PNG of 25 million pixels, 16 bits of RGBA", png(SIDE, SIDE, deep, kind=_RGBA, bits=16)
    image = Image.new("RGB", (SIDE, SIDE), "teal")
    for name in ("JPEG", "WEBP", "GIF"):
        yield f"{name} of 25 million pixels", encode(image, name)
    yield "TIFF of 25 million pixels", encode(image, "TIFF", compression="tiff_lzw")
    yield "JPEG 2000 of 25 million pixels", encode(image, "JPEG2000")


def encode(image: Image.Image, name: str, **options) -> bytes:
    """Returns a picture as the bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """Returns one chunk of a PNG file."""
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def png(
    width: int,
    height: int,
    pixels: bytes,
    *,
    kind: int = _GREY,
    bits: int = 8,
    before: bytes = b"",
) -> bytes:
    """Returns a PNG file that says of itself what it is told to.

    Args:
        width: What its head says.
        height: What its head says.
        pixels: The deflated rows.
        kind: Its colour type.
        bits: Bits a channel.
        before: Chunks before the pixels.
    """
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    return _PNG + head + before + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def after_start(jpeg: bytes, segments: bytes) -> bytes:
    """Returns a JPEG file with segments put behind its first marker."""
    return jpeg[:2] + segments + jpeg[2:]


def jpeg_of_size(jpeg: bytes, width: int, height: int) -> bytes:
    """Returns a JPEG file whose frame says another size."""
    frame = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2"))
    return jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]


def many_scans(side: int, size: int) -> bytes:
    """Returns a progressive JPEG file that repeats the head of one scan up to `size` bytes.

    Each scan without data makes a decoder walk over the whole picture.
    """
    jpeg = encode(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    end = jpeg.rindex(b"\xff\xd9")
    start = jpeg.index(b"\xff\xda", jpeg.index(b"\xff\xda") + 2)
    head = jpeg[start : start + 2 + struct.unpack(">H", jpeg[start + 2 : start + 4])[0]]
    return jpeg[:end] + head * max(1, (size - end) // len(head)) + jpeg[end:]


def tiff(tags: dict[int, int], *, following: int = 0) -> bytes:
    """Returns a grey TIFF file of one page.

    Args:
        tags: What its tags say that is unlike 64 x 64 pixels, uncompressed.
        following: Where its next page is.
    """
    usual = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 64, 279: 4096}
    tags = usual | tags
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items())
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", following)


def jpeg2000_of_size(image: Image.Image, width: int, height: int) -> bytes:
    """Returns a JPEG 2000 codestream that says another size, of itself and of its one tile."""
    stream = encode(image, "JPEG2000", no_jp2=True)
    sizes = struct.pack(">IIIIIIII", width, height, 0, 0, width, height, 0, 0)
    return stream[:8] + sizes + stream[40:]


def _webp(width: int, height: int) -> bytes:
    bits = 0x2F | (width - 1) << 8 | (height - 1) << 22
    content = b"VP8L" + struct.pack("<I", 105) + bits.to_bytes(5, "little") + bytes(101)
    return b"RIFF" + struct.pack("<I", len(content) + 4) + b"WEBP" + content


def _bmp(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + info + bytes(946)
