import pytest
from apache_beam.options.pipeline_options import DirectOptions

from emo_tf.beam.options import is_local, pipeline_options
from emo_tf.errors import EmoError


@pytest.mark.parametrize("name", ["DirectRunner", "directrunner", "direct"])
def test_the_direct_runner_stays_in_this_process_and_quiet(name):
    options = pipeline_options(name, ["direct_num_workers=2", "--direct_runner_bundle_repeat=1"])
    assert is_local(options)
    assert options.view_as(DirectOptions).direct_num_workers == 2
    given = options.get_all_options(drop_default=True)
    assert given["allow_unsafe_triggers"]
    assert given["default_sdk_harness_log_level"] == "ERROR"
    assert given["direct_runner_bundle_repeat"] == 1


def test_what_is_given_counts_before_what_is_set_here():
    options = pipeline_options("direct", ["default_sdk_harness_log_level=INFO"])
    given = options.get_all_options(drop_default=True)
    assert given["default_sdk_harness_log_level"] == "INFO"


def test_runners_elsewhere_get_their_options_as_they_are():
    options = pipeline_options("Flink", ["flink_master=host:8081", "parallelism=4"])
    given = options.get_all_options(drop_default=True)
    assert given == {"runner": "FlinkRunner", "flink_master": "host:8081", "parallelism": 4}
    assert not is_local(options)


def test_a_runner_may_be_named_by_its_class():
    assert not is_local(pipeline_options("some.module.Runner"))


@pytest.mark.parametrize(
    ("runner", "words", "message"),
    [
        (
            "DirectRuner",
            [],
            r"^Unknown runner: did you mean DirectRunner.* Received: 'DirectRuner'$",
        ),
        ("cloud", [], r"^Unknown runner: expected one of .*DataflowRunner, DirectRunner, FlinkRun"),
        ("direct", ["direct_numworkers=2"], r"^Unknown option of Beam: did you mean direct_num_w"),
        (
            "direct",
            ["direct_num_workers=two"],
            r"^--beam: .*invalid int value: 'two'\. Received: d",
        ),
        ("direct", ["direct_running_mode=fast"], r"^--beam: .*invalid choice: 'fast'"),
        ("flink", ["runner=Direct"], r"^--beam: expected KEY=VALUE .* Received: 'runner=Direct'$"),
        ("flink", ["=3"], r"^--beam: expected KEY=VALUE of Beam's options\. Received: '=3'$"),
        ("flink", ["a b"], r"^--beam: expected KEY=VALUE of Beam's options\. Received: 'a b'$"),
    ],
    ids=["typo", "unknown", "unknown option", "number", "choice", "twice", "no key", "blank"],
)
def test_what_beam_cannot_use_is_refused_in_one_line(runner, words, message, capfd):
    with pytest.raises(EmoError, match=message) as error:
        pipeline_options(runner, words)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")
