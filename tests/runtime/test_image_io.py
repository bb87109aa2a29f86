import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from emo_tf.errors import EmoError
from emo_tf.runtime.image_io import read_image, to_grey, write_image

# How upright pixels are stored, by EXIF orientation: what its row 0 and column 0 show.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: upright.transpose(1, 0, 2)[::-1],
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: upright[::-1].transpose(1, 0, 2),
}


def exif_with(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", STORED, ids=lambda number: f"orientation-{number}")
@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_exif_orientation_is_undone(photo, make_picture, format_name, orientation):
    stored = np.ascontiguousarray(STORED[orientation](photo))
    data = make_picture(stored, format_name, exif=exif_with(orientation))
    np.testing.assert_array_equal(read_image(data), photo)


@pytest.mark.parametrize("orientation", STORED, ids=lambda number: f"orientation-{number}")
def test_a_turned_jpeg_has_the_pixels_of_its_upright_twin(photo, make_jpeg, orientation):
    stored = np.ascontiguousarray(STORED[orientation](photo))
    as_it_lies = read_image(make_jpeg(stored))
    upright = read_image(make_jpeg(stored, orientation=orientation))
    np.testing.assert_array_equal(STORED[orientation](upright), as_it_lies)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_an_orientation_that_does_not_exist_is_ignored(photo, make_picture, orientation):
    data = make_picture(photo, "PNG", exif=exif_with(orientation))
    np.testing.assert_array_equal(read_image(data), photo)


@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x07\x01\x12"],
)
def test_broken_exif_leaves_the_picture_as_it_lies(photo, make_picture, exif):
    data = make_picture(photo, "JPEG", exif=exif)
    np.testing.assert_array_equal(read_image(data), read_image(make_picture(photo, "JPEG")))


@pytest.mark.parametrize("subsampling", [0, 1, 2], ids=["444", "422", "420"])
@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_jpeg_has_pillows_exact_pixels(photo, make_picture, subsampling, progressive):
    data = make_picture(photo, "JPEG", subsampling=subsampling, progressive=progressive)
    np.testing.assert_array_equal(read_image(data), np.asarray(Image.open(BytesIO(data))))


def test_real_photographs_have_pillows_exact_pixels(shared):
    for path in sorted((shared / "photos").glob("*.jpg")):
        expected = np.asarray(Image.open(path).convert("RGB"))
        np.testing.assert_array_equal(read_image(path), expected, err_msg=path.name)


@pytest.mark.parametrize(
    ("mode", "format_name", "tolerance"),
    [
        ("L", "PNG", 0),
        ("L", "JPEG", 4),
        ("1", "PNG", 0),
        ("P", "PNG", 0),
        ("P", "GIF", 0),
        ("CMYK", "TIFF", 0),
        ("CMYK", "JPEG", 6),
        ("YCbCr", "JPEG", 6),
        ("RGB", "BMP", 0),
        ("RGB", "PPM", 0),
        ("RGB", "TIFF", 0),
    ],
    ids=lambda value: str(value),
)
def test_every_mode_becomes_rgb(photo, make_picture, mode, format_name, tolerance):
    expected = np.asarray(Image.fromarray(photo).convert(mode).convert("RGB")).astype(int)
    options = {"quality": 98, "subsampling": 0} if format_name == "JPEG" else {}
    found = read_image(make_picture(photo, format_name, mode=mode, **options))
    assert found.dtype == np.uint8
    assert found.flags.writeable
    assert np.abs(found - expected).max() <= tolerance


@pytest.mark.parametrize(
    ("ink", "colour"),
    [((255, 0, 0, 0), (0, 255, 255)), ((0, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 255), (0, 0, 0))],
    ids=["cyan", "no-ink", "black"],
)
def test_an_adobe_cmyk_jpeg_is_not_inverted(make_picture, ink, colour):
    stream = BytesIO()
    Image.new("CMYK", (16, 16), ink).save(stream, "JPEG", quality=100)
    assert b"Adobe" in stream.getvalue()
    assert np.abs(read_image(stream.getvalue()).astype(int) - colour).max() <= 2


def test_sixteen_bit_grey_is_scaled_not_clipped(make_picture):
    values = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    found = read_image(make_picture(values, "PNG"))
    np.testing.assert_array_equal(found, [[[v] * 3 for v in (0, 0, 1, 128, 255)]])


def test_sixteen_bit_colour_is_scaled_like_grey():
    values = np.array([[[0, 256, 65535], [32768, 255, 513]]], np.uint16)
    encoded, data = cv2.imencode(".png", values[..., ::-1])
    assert encoded
    np.testing.assert_array_equal(read_image(data.tobytes()), values >> 8)


def test_transparent_pixels_lie_on_white(make_picture):
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    expected = [[[200, 0, 0], [255, 255, 255], [204, 204, 204]]]
    np.testing.assert_array_equal(read_image(make_picture(pixels, "PNG")), expected)
    np.testing.assert_array_equal(read_image(pixels), expected)


def test_grey_with_alpha_lies_on_white():
    stream = BytesIO()
    Image.new("LA", (2, 1), (10, 0)).save(stream, "PNG")
    np.testing.assert_array_equal(read_image(stream.getvalue()), np.full((1, 2, 3), 255))


@pytest.mark.parametrize(
    ("format_name", "transparency"),
    [("GIF", 1), ("PNG", 1), ("PNG", b"\xff\x00")],
    ids=["gif", "png-one-colour", "png-alpha-a-colour"],
)
def test_a_palettes_transparent_colour_lies_on_white(format_name, transparency):
    image = Image.new("P", (2, 1))
    image.putpalette([200, 10, 20, 30, 40, 50])
    image.putpixel((1, 0), 1)
    stream = BytesIO()
    image.save(stream, format_name, transparency=transparency)
    found = read_image(stream.getvalue())
    np.testing.assert_array_equal(found, [[[200, 10, 20], [255, 255, 255]]])


@pytest.mark.parametrize("format_name", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_of_an_animation_counts(format_name):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "lime", "blue")]
    stream = BytesIO()
    options = {"lossless": True} if format_name == "WEBP" else {}
    frames[0].save(stream, format_name, save_all=True, append_images=frames[1:], **options)
    np.testing.assert_array_equal(read_image(stream.getvalue()), np.full((6, 8, 3), (255, 0, 0)))


def test_a_picture_of_one_pixel_is_read(make_picture):
    assert read_image(make_picture(np.zeros((1, 1, 3), np.uint8), "PNG")).shape == (1, 1, 3)


def test_a_picture_taller_than_a_strip_is_read_whole():
    tall = np.random.default_rng(0).integers(0, 256, (3001, 200, 3), np.uint8)
    stream = BytesIO()
    Image.fromarray(tall).save(stream, "BMP")
    np.testing.assert_array_equal(read_image(stream.getvalue()), tall)


def test_a_path_may_hold_spaces_and_unicode(photo, tmp_path):
    path = tmp_path / "été à la plage 😀.png"
    Image.fromarray(photo).save(path)
    np.testing.assert_array_equal(read_image(str(path)), photo)
    np.testing.assert_array_equal(read_image(path), photo)


def test_the_ending_of_a_name_does_not_matter(photo, make_picture, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(make_picture(photo, "PNG"))
    np.testing.assert_array_equal(read_image(path), photo)


@pytest.mark.parametrize(
    "array",
    [
        np.full((4, 5), 7, np.uint8),
        np.full((4, 5, 1), 7, np.uint8),
        np.full((4, 5, 3), 7, np.uint8),
        np.full((4, 5, 3), 7 * 256 + 1, np.uint16),
        np.full((4, 5), 7 * 256 + 255, np.uint16),
    ],
    ids=["grey", "grey-channel", "rgb", "rgb-16-bit", "grey-16-bit"],
)
def test_arrays_of_pixels_become_rgb(array):
    np.testing.assert_array_equal(read_image(array), np.full((4, 5, 3), 7, np.uint8))


def test_a_strided_array_becomes_contiguous(photo):
    found = read_image(photo[::2, ::-1])
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, photo[::2, ::-1])


def test_threads_leave_the_settings_of_pillow_and_warnings_alone(photo, make_picture):
    data = [make_picture(photo, name) for name in ("PNG", "GIF", "TIFF", "JPEG")] * 10
    before = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        shapes = {image.shape for image in pool.map(read_image, data)}
    assert shapes == {photo.shape}
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before


def test_grey_is_the_luma_of_rec_601(photo):
    luma = photo @ [0.299, 0.587, 0.114]
    grey = to_grey(photo)
    assert grey.dtype == np.uint8
    assert np.abs(grey - luma).max() < 1
    np.testing.assert_array_equal(to_grey(np.full((2, 3, 3), 77, np.uint8)), np.full((2, 3), 77))


@pytest.mark.parametrize(
    ("ending", "tolerance"), [(".png", 0), (".PNG", 0), (".jpg", 12), (".jpeg", 12)]
)
def test_a_written_picture_reads_back(photo, tmp_path, ending, tolerance):
    path = tmp_path / "new folder" / f"Grüße 😀{ending}"
    assert write_image(path, photo) == path
    assert np.abs(read_image(path).astype(int) - photo).max() <= tolerance
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_an_unknown_ending_is_refused(photo, tmp_path):
    with pytest.raises(EmoError, match=r"did you mean \.jpe?g"):
        write_image(tmp_path / "photo.jpgg", photo)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file_and_nothing_else(photo, tmp_path, monkeypatch):
    path = write_image(tmp_path / "photo.png", photo)
    before = path.read_bytes()

    def disk_full(image, stream, **options):
        stream.write(b"half a picture")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", disk_full)
    with pytest.raises(EmoError, match=r"photo\.png: .*Received: No space left on device"):
        write_image(path, photo)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_way_of_a_folder_is_named(photo, tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(EmoError, match="expected a writable place"):
        write_image(tmp_path / "taken" / "photo.png", photo)
