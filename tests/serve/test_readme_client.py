"""The README's client and its curl lines, run as they are written."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from emo_tf.labels import EXPRESSIONS

README = Path(__file__).parents[2] / "README.md"
URL = "http://127.0.0.1:8501"
HAPPY = EXPRESSIONS.index("happy")


def code_blocks(language: str) -> list[str]:
    """Returns what stands in the section on the server in a language."""
    section = README.read_text("utf-8").split("\n### Serve\n")[1].split("\n### ")[0]
    return re.findall(rf"^```{language}\n(.+?)^```", section, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, astronaut) -> Path:
    """Holds the pictures that the README names."""
    folder = tmp_path_factory.mktemp("readme")
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
    (client,) = code_blocks("python")
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
    (lines,) = [block for block in code_blocks("sh") if "curl" in block]
    assert lines.count(URL) == 2
    quiet = lines.replace("curl ", "curl -sS ").replace(URL, server.url)
    written = output(["bash", "-c", quiet], folder)
    result, end = json.JSONDecoder().raw_decode(written)
    assert result["faces"][0]["expression"]["label"] == "happy"
    (probabilities,) = json.loads(written[end:])["predictions"]
    assert max(probabilities) == probabilities[HAPPY]
