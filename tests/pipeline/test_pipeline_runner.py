import dataclasses
import sys
from functools import partial
from pathlib import Path

import pytest

import emo_tf
from emo_tf.errors import EmoError
from emo_tf.pipeline.digests import Digests
from emo_tf.pipeline.records import FILE, only_one
from emo_tf.pipeline.runner import DONE, FAILED, NOT_RUN, SKIPPED, preview, run_steps
from emo_tf.pipeline.step import SAME, Step

# Writes what it reads, in capitals, to OUT, and its name to a list of calls.
PROGRAM = """
import sys
from pathlib import Path
name, out, *sources = sys.argv[1:]
with open("calls", "a") as calls:
    calls.write(name + "\\n")
if Path("fail_" + name).exists():
    sys.exit(3)
if out != "nothing":
    Path(out).write_text("".join(Path(s).read_text() for s in sources if s[0] != "-").upper())
"""


class Work:
    """Three steps, raw -> a -> b -> c, in a folder of their own."""

    def __init__(self, folder: Path):
        self.folder, self.said = folder, []
        self.run_dir = folder / "run"
        (folder / "program.py").write_text(PROGRAM)
        (folder / "raw").write_text("words")
        self.steps = [self.step("first", "raw", "a"), self.step("second", "a", "b")]
        self.steps += [self.step("third", "b", "c")]

    def digests(self, *names: str) -> dict:
        return {name: partial(Digests().contents, self.folder / name) for name in names}

    def step(self, name: str, source: str, out: str) -> Step:
        return Step(
            name=name,
            arguments=(name, out, source),
            inputs=self.digests(source),
            outputs=self.digests(out),
        )

    def change(self, index: int, **changes) -> None:
        self.steps[index] = dataclasses.replace(self.steps[index], **changes)

    def run(self, **options) -> list:
        self.said.clear()
        return run_steps(
            self.steps,
            run_dir=self.run_dir,
            folder=self.folder,
            say=self.said.append,
            program=(sys.executable, str(self.folder / "program.py")),
            **options,
        )

    def calls(self, **options) -> list[str]:
        """Runs the steps and returns the names of those whose command ran."""
        (self.folder / "calls").write_text("")
        self.run(**options)
        return (self.folder / "calls").read_text().split()


@pytest.fixture
def work(tmp_path) -> Work:
    return Work(tmp_path)


def test_all_steps_run_once_and_the_second_time_none(work):
    outcomes = work.run()
    assert [(one.step, one.result) for one in outcomes] == [
        *(("first", DONE), ("second", DONE), ("third", DONE))
    ]
    assert (work.folder / "c").read_text() == "WORDS"
    before = (work.run_dir / FILE).read_bytes()
    assert work.calls() == []
    assert {one.result for one in work.run()} == {SKIPPED}
    assert work.said == []
    assert (work.run_dir / FILE).read_bytes() == before


def test_the_command_and_why_it_runs_are_said_before(work):
    work.run()
    work.change(1, arguments=("second", "b", "a", "-two words"))
    work.run()
    assert work.said == ["second: its command changed", "$ emo-tf second b a '-two words'"]


def test_a_changed_input_runs_the_step_and_those_behind_it(work):
    work.run()
    (work.folder / "raw").write_text("others")
    assert work.calls() == ["first", "second", "third"]
    assert (work.folder / "c").read_text() == "OTHERS"


def test_steps_behind_one_that_left_the_same_do_not_run(work):
    work.run()
    (work.folder / "raw").write_text("Words")
    assert work.calls() == ["first"]


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda path: path.write_text("x")], ids=["gone", "changed"]
)
def test_an_output_that_is_no_longer_what_it_was_is_made_again(work, damage):
    work.run()
    damage(work.folder / "b")
    assert work.calls() == ["second"]
    assert work.calls() == []


def test_another_version_of_the_package_runs_everything(work, monkeypatch):
    work.run()
    version = emo_tf.__version__
    monkeypatch.setattr(emo_tf, "__version__", "99.0")
    assert work.calls() == ["first", "second", "third"]
    assert work.said[0] == f"first: emo_tf is 99.0, was {version}"


def test_a_forced_step_runs_with_all_behind_it(work):
    work.run()
    assert work.calls(first_forced="second") == ["second", "third"]
    assert work.calls() == []


def test_a_step_that_fails_is_the_last_and_the_next_call_goes_on_with_it(work):
    (work.folder / "fail_second").touch()
    outcomes = work.run()
    assert [(one.result, one.code) for one in outcomes] == [(DONE, 0), (FAILED, 3), (NOT_RUN, 0)]
    assert not (work.folder / "c").exists()
    (work.folder / "fail_second").unlink()
    assert work.calls() == ["second", "third"]


def test_a_step_that_fails_is_not_done_though_its_earlier_output_is_there(work):
    work.run()
    (work.folder / "raw").write_text("others")
    (work.folder / "fail_first").touch()
    work.run()
    (work.folder / "raw").write_text("words")
    (work.folder / "fail_first").unlink()
    assert work.calls() == ["first"]
    assert work.said[0] == "first: raw changed"


def test_a_step_that_leaves_nothing_is_an_error_and_not_done(work):
    work.change(0, arguments=("first", "nothing"))
    for _ in range(2):
        with pytest.raises(EmoError, match=r"^first: expected it to write a\. Received: no"):
            work.run()


def test_what_a_changed_command_would_go_on_with_is_set_aside_together(work):
    work.change(0, leftovers=(work.folder / "left_*", work.folder / "a"), resumes=True)
    work.run()
    earlier = work.folder / "earlier"
    for number, text in enumerate(("others", "more"), start=1):
        (work.folder / f"left_{number}").write_text(text)
        (work.folder / "raw").write_text(text)
        kept = (work.folder / "a").read_text()
        work.run()
        assert f"Set aside as {earlier / str(number)}: left_{number}, a" in work.said
        assert (earlier / str(number) / "a").read_text() == kept
        assert (earlier / str(number) / f"left_{number}").read_text() == text
        assert not (work.folder / f"left_{number}").exists()


@pytest.mark.parametrize(("resumes", "kept"), [(True, True), (False, False)], ids=str)
def test_a_stopped_command_goes_on_with_its_own_only_if_it_can(work, resumes, kept):
    work.change(0, leftovers=(work.folder / "left",), resumes=resumes)
    (work.folder / "fail_first").touch()
    work.run()
    (work.folder / "left").touch()
    (work.folder / "fail_first").unlink()
    work.run()
    assert (work.folder / "left").exists() == kept


def test_a_forced_command_begins_anew(work):
    work.change(0, leftovers=(work.folder / "left",), resumes=True)
    work.run()
    (work.folder / "left").touch()
    work.run(first_forced="first")
    assert not (work.folder / "left").exists()


def test_what_is_there_before_the_first_step_ran_stays(work):
    work.change(0, leftovers=(work.folder / "left",))
    (work.folder / "left").touch()
    work.run()
    assert (work.folder / "left").exists()


def test_a_step_does_not_take_what_something_else_made_for_its_own(work):
    work.change(0, made_here=work.folder / "a")
    (work.folder / "a").touch()
    with pytest.raises(EmoError, match=r"a: expected none yet, as first is to make it"):
        work.run()
    (work.folder / "a").unlink()
    assert work.calls() == ["first", "second", "third"]
    assert work.calls() == []


def test_a_step_may_decide_for_itself_even_against_force(work):
    work.change(2, pending=lambda: None if (work.folder / "c").exists() else "no c")
    assert work.calls() == ["first", "second", "third"]
    assert "third: no c" in work.said
    assert work.calls(first_forced="second") == ["second"]


def test_an_option_is_left_out_while_nothing_is_there_and_that_is_no_change(work):
    option = {work.folder / "served": ("--baseline", "-served")}
    work.change(0, if_present=option)
    work.run()
    assert work.said[1:3] == [
        "-served holds nothing yet: --baseline is left out",
        "$ emo-tf first a raw",
    ]
    (work.folder / "served").mkdir()
    (work.folder / "served" / "1").touch()
    assert work.calls() == []
    work.run(first_forced="first")
    assert work.said[1] == "$ emo-tf first a raw --baseline -served"


def test_an_input_that_has_nothing_new_to_say_is_no_change(work):
    now = ["x"]
    work.change(0, inputs={"baseline": lambda: now[0]})
    work.run()
    now[0] = SAME
    assert work.calls() == []
    now[0] = "y"
    assert work.calls() == ["first"]


def test_a_preview_says_why_and_what_may_follow_and_writes_nothing(work):
    assert preview(work.steps, run_dir=work.run_dir) == dict.fromkeys(
        ("first", "second", "third"), "it never ran"
    )
    assert not work.run_dir.exists()
    work.run()
    assert set(preview(work.steps, run_dir=work.run_dir).values()) == {None}
    (work.folder / "a").unlink()
    assert preview(work.steps, run_dir=work.run_dir) == {
        "first": "a was removed",
        "second": "a was removed",
        "third": "b may change",
    }
    forced = preview(work.steps[1:], run_dir=work.run_dir, first_forced="third")
    assert forced["third"] == "asked for"


def test_a_second_pipeline_on_the_same_run_is_refused(work):
    with only_one(work.run_dir), pytest.raises(EmoError, match="no other pipeline at work"):
        work.run()
    assert work.calls() == ["first", "second", "third"]
