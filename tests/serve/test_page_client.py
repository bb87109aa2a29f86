"""The client and the curl lines of `docs/serving.md`, run as they are written."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from emo_tf.labels import EXPRESSIONS
from tests.pages import code_blocks

PAGE = "docs/serving.md"
URL = "http://127.0.0.1:8501"
HAPPY = EXPRESSIONS.index("happy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut) -> Path:
    """Holds the pictures that the page names."""
    folder = tmp_path_factory.mktemp("pictures")
    shutil.copy(astronaut, folder / "astronaut.png")
    with Image.open(astronaut) as picture:
        picture.crop((180, 64, 265, 172)).save(folder / "face.png")
    return folder


def output(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_is_ten_lines_and_asks_the_server(server, folder):
    (client,) = code_blocks(PAGE, "python")
    assert len([line for line in client.splitlines() if line]) <= 10
    assert URL in client
    written = output([sys.executable, "-c", client.replace(URL, server.url)], folder)
    faces, answer = map(ast.literal_eval, written.splitlines())
    ((box, label),) = faces
    assert len(box) == 4
    assert label == "happy"
    (probabilities,) = answer["predictions"]
    assert max(probabilities) == probabilities[HAPPY]


def test_the_curl_lines_ask_the_server(server, folder):
    missing = [tool for tool in ("curl", "bash", "base64", "tr") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    (lines,) = [block for block in code_blocks(PAGE, "sh") if "curl" in block]
    assert lines.count(URL) == 2
    quiet = lines.replace("curl ", "curl -sS ").replace(URL, server.url)
    written = output(["bash", "-c", quiet], folder)
    result, end = json.JSONDecoder().raw_decode(written)
    assert result["faces"][0]["expression"]["label"] == "happy"
    (probabilities,) = json.loads(written[end:])["predictions"]
    assert max(probabilities) == probabilities[HAPPY]
