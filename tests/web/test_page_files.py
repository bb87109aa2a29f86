"""Web pages have nothing in them that their policy forbids, and no file that nothing needs."""

import re

import pytest

from emo_tf.web.page_files import page_files


@pytest.fixture(params=["emo_tf.serve", "emo_tf.annotation"], ids=["serve", "annotate"])
def files(request) -> dict[str, str]:
    """The files of a page by name."""
    return {name: file.content.decode() for name, file in page_files(request.param).items()}


def test_pages_have_nothing_inline(files):
    html = files["index.html"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_all_that_pages_name_is_served_and_nothing_else(files):
    names = set(re.findall(r'(?:src|href)="([^"#][^"]*)"', files["index.html"]))
    for name, text in files.items():
        if name.endswith(".js"):
            names |= set(re.findall(r'from "\./([^"]+)"', text))
    assert names | {"index.html"} == files.keys()
