"""The one file of a form, out of a `multipart/form-data` body in memory."""

from python_multipart.multipart import parse_options_header

from emo_tf.errors import EmoError
from emo_tf.web.refusal import Refusal

IMAGE_FIELD = "image"
_FORM = b"multipart/form-data"
# Of RFC 2046.
_LONGEST_BOUNDARY = 70
_MOST_PARTS = 16
_LONGEST_HEAD = 8192
_LINE_END = b"\r\n"


def image_of_form(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Returns name and content of the file in the field `image` of a form.

    Only `bytes.find` looks at the body, so that a large one takes no time to speak of.

    Args:
        content_type: The header of that name.
        body: The body.

    Raises:
        Refusal: The body is of another type.
        EmoError: The body is no form, or holds anything but one file in that field.
    """
    kind, options = parse_options_header(content_type)
    if kind != _FORM:
        raise Refusal(
            415,
            f"Content-Type: expected multipart/form-data with a file in the field {IMAGE_FIELD}. "
            f"Received: {'another' if content_type else 'none'}",
            reason="content_type",
        )
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise EmoError(
            f"Content-Type: expected a boundary of 1 to {_LONGEST_BOUNDARY} characters. "
            f"Received: {len(boundary)}"
        )
    found = None
    for head, content in _parts(body, boundary):
        field, name = _names(head)
        if field != IMAGE_FIELD or found is not None:
            another = "another" if field == IMAGE_FIELD else "a field of another name"
            raise EmoError(
                f"form: expected one file in the field {IMAGE_FIELD}. Received: {another}"
            )
        found = name, content
    if found is None:
        raise EmoError(f"form: expected one file in the field {IMAGE_FIELD}. Received: no field")
    return found


def _parts(body: bytes, boundary: bytes) -> list[tuple[bytes, bytes]]:
    """Returns the head and the content of each part; what follows the last is passed over."""
    delimiter = _LINE_END + b"--" + boundary
    if body.startswith(delimiter[2:]):
        position = len(delimiter) - 2
    else:
        # Lines before the first part are passed over.
        position = body.find(delimiter) + len(delimiter)
        if position < len(delimiter):
            raise EmoError("form: expected its boundary at the start. Received: none")
    parts = []
    while not body.startswith(b"--", position):
        head_end = body.find(2 * _LINE_END, position, position + _LONGEST_HEAD)
        # A part without headers has its empty line at once.
        end = body.find(delimiter, max(position, head_end + 2))
        if head_end < 0 or end < 0 or not body.startswith(_LINE_END, position):
            raise EmoError(
                f"form: expected parts with a head of at most {_LONGEST_HEAD} bytes, each ended by "
                f"the boundary. Received: part {len(parts)} without"
            )
        parts.append((body[position + 2 : head_end], body[head_end + 4 : end]))
        if len(parts) > _MOST_PARTS:
            raise EmoError(f"form: expected one part. Received: more than {_MOST_PARTS}")
        position = end + len(delimiter)
    return parts


def _names(head: bytes) -> tuple[str, str]:
    """Returns the names of field and file that the head of a part gives, empty where none."""
    for line in head.split(_LINE_END):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-disposition":
            _, options = parse_options_header(value.strip())
            field, file = (options.get(key, b"") for key in (b"name", b"filename"))
            return field.decode("utf-8", "replace"), file.decode("utf-8", "replace")
    return "", ""
