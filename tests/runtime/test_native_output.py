import os

import pytest

from emo_tf.runtime.native_output import without_lines


def test_lines_with_the_beginning_are_dropped_and_the_others_passed_on(capfd):
    with without_lines(b"INFO: made"):
        os.write(2, b"kept one\nINFO: made a thing\nkept INFO: made too\n")
    assert capfd.readouterr().err == "kept one\nkept INFO: made too\n"


def test_the_beginning_is_a_regular_expression(capfd):
    with without_lines(rb"I\d+ |E\d+ .* known"):
        os.write(2, b"I0000 notice\nE0000 is known\nE0000 is new\n")
    assert capfd.readouterr().err == "E0000 is new\n"


def test_stderr_comes_back_after_an_error(capfd):
    def fail():
        os.write(2, b"before\n")
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"), without_lines(b"INFO"):
        fail()
    os.write(2, b"INFO after\n")
    assert capfd.readouterr().err == "before\nINFO after\n"


def test_a_process_without_stderr_is_left_alone(monkeypatch, capfd):
    monkeypatch.setattr("sys.stderr", None)
    with without_lines(b"INFO"):
        os.write(2, b"INFO stays\n")
    assert capfd.readouterr().err == "INFO stays\n"
