"""The one file of a form."""

import contextlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emo_tf.errors import EmoError
from emo_tf.serve.form import image_of_form
from emo_tf.web.refusal import Refusal

KIND = "multipart/form-data; boundary=b"
HEAD = b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'


@given(
    content=st.binary(max_size=2000) | st.text(alphabet="\r\n-b", max_size=40).map(str.encode),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1),
)
def test_what_a_client_writes_is_read_back(content, name):
    request = httpx.Request("POST", "http://x", files={"image": (name, content)})
    body = request.read()
    # The boundary is drawn, and as good as never in the content.
    _, got = image_of_form(request.headers["content-type"], body)
    assert got == content


NAMES = {
    "plain": (b'filename="a.png"', "a.png"),
    "accents": ('filename="ä.png"'.encode(), "ä.png"),
    "semicolon": (b'filename="a;b.png"', "a;b.png"),
    "quote": (rb'filename="a\"b.png"', 'a"b.png'),
    "not UTF-8": (b'filename="\xff.png"', "\ufffd.png"),
    "none": (b"", ""),
    "empty": (b'filename=""', ""),
}


@pytest.mark.parametrize(("written", "name"), NAMES.values(), ids=NAMES.keys())
def test_the_name_of_the_file_is_read(written, name):
    head = b'content-disposition: form-data; name="image"; ' + written
    body = b"--b\r\nContent-Type: image/png\r\n" + head + b"\r\n\r\nx\r\n--b--"
    assert image_of_form(KIND, body) == (name, b"x")


GOOD = {
    "lines before": b"preamble\r\n--b\r\n" + HEAD + b"x\r\n--b--\r\n",
    "lines after": b"--b\r\n" + HEAD + b"x\r\n--b--\r\nepilogue",
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
def test_what_stands_around_the_file_does_not_matter(body):
    kind = 'Multipart/Form-Data; charset=utf-8; boundary="b"'
    assert image_of_form(kind, body) == ("a.png", b"x")


BAD = {
    "nothing": b"",
    "no boundary": b"x",
    "no part": b"--b--\r\n",
    "no end": b"--b\r\n" + HEAD + b"x",
    "no head": b"--b\r\n\r\nx\r\n--b--",
    "head without an end": b"--b\r\nA: b\r\n--b--",
    "endless head": b"--b\r\nA: " + b"b" * 10_000 + b"\r\n\r\nx\r\n--b--",
    "another field": b"--b\r\n" + HEAD.replace(b"image", b"photo") + b"x\r\n--b--",
    "two files": 2 * (b"--b\r\n" + HEAD + b"x\r\n") + b"--b--",
    "a hundred fields": 100 * (b"--b\r\n" + HEAD + b"x\r\n") + b"--b--",
    "another boundary": b"--bb\r\n" + HEAD + b"x\r\n--bb--",
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_is_no_form_with_one_file_is_refused(body):
    with pytest.raises(EmoError, match=r"^form: expected"):
        image_of_form(KIND, body)


@given(st.binary(max_size=300) | st.text(alphabet="\r\n-b:;x", max_size=60).map(str.encode))
def test_no_body_breaks_it(body):
    for content in (body, b"--b\r\n" + HEAD + body):
        with contextlib.suppress(EmoError):
            image_of_form(KIND, content)


@given(st.text(st.characters(codec="latin-1"), max_size=100))
def test_no_content_type_breaks_it(kind):
    for text in (kind, f"multipart/form-data; {kind}", f"multipart/form-data; boundary={kind}"):
        with contextlib.suppress(EmoError, Refusal):
            image_of_form(text, b"--b\r\n" + HEAD + b"x\r\n--b--")


@pytest.mark.parametrize("boundary", ["", "b" * 71], ids=["empty", "long"])
def test_a_boundary_of_another_length_is_refused(boundary):
    with pytest.raises(EmoError, match="boundary of 1 to 70"):
        image_of_form(f"multipart/form-data; boundary={boundary}", b"")


def test_a_form_of_16_mib_of_dashes_takes_no_time():
    body = b"--b\r\n" + HEAD + b"\r\n--" * 2**22 + b"\r\n--b--"
    _, content = image_of_form(KIND, body)
    assert len(content) == 2**24
