"""`emo-tf serve`: what is wrong is said in one line before anything is served."""

import socket
import subprocess
import sys

import pytest


def fails_with(done: subprocess.CompletedProcess) -> str:
    """Returns the last line of stderr; what comes before it is the log."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    *log, line = done.stderr.splitlines()
    assert all(entry.startswith("{") for entry in log)
    return line


def test_a_port_that_is_taken_is_named(run_cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = fails_with(run_cli("serve", "--port", port))
    assert f"--port {port}: expected an address to listen at" in line


def test_a_root_that_is_no_folder_is_named(run_cli, tmp_path):
    line = fails_with(run_cli("serve", "--port", 0, "--models", tmp_path / "nothing"))
    assert f"{tmp_path / 'nothing'}: expected a folder" in line


def test_a_model_for_photos_that_is_unknown_is_named(run_cli):
    line = fails_with(run_cli("serve", "--port", 0, "--analyze", "expresion"))
    assert "did you mean expression?" in line


def test_an_empty_token_file_is_named(run_cli, tmp_path):
    file = tmp_path / "token.txt"
    file.write_text("\n")
    line = fails_with(run_cli("serve", "--port", 0, "--token-file", file))
    assert f"{file}: expected a token" in line


def test_a_setting_out_of_range_is_named(run_cli):
    assert "port: expected 0 to 65535" in fails_with(run_cli("serve", "--port", "70000"))


WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "fastapi":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from emo_tf.cli import main
main(sys.argv[1:])
"""


def run_without_the_extra(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("arguments", [("serve",), ("annotate", ".", "--out", "a")], ids=" ".join)
def test_without_the_extra_one_line_says_how_to_get_it(arguments):
    line = fails_with(run_without_the_extra(*arguments))
    assert line.startswith(f"emo-tf: error: {arguments[0]}: expected the extra")
    assert "pip install 'emo_tf[serve]'" in line


@pytest.mark.parametrize("verb", ["serve", "annotate"])
def test_help_needs_no_extra(verb):
    done = run_without_the_extra(verb, "--help")
    assert done.returncode == 0, done.stderr
    assert "--token-file" in done.stdout


@pytest.mark.parametrize("module", ["emo_tf.serve.server", "emo_tf.annotation.server"])
def test_the_server_imports_nothing_of_the_workshop(module):
    code = (
        f"import sys, {module}; "
        "print({name.partition('.')[0] for name in sys.modules}"
        " & {'tensorflow', 'keras', 'scipy', 'matplotlib'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "set()"
