"""Beam's options, from the words of a command line."""

import contextlib
import io
from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from emo_tf.errors import EmoError, unknown_name

_LOCAL = ("DirectRunner", "SwitchingDirectRunner", "BundleBasedDirectRunner", "FnApiRunner")
# The first keeps the direct runner from fetching another runner from the web; the second quiets
# processes that it starts.
_DEFAULTS = {
    "allow_unsafe_triggers": "--allow_unsafe_triggers",
    "default_sdk_harness_log_level": "--default_sdk_harness_log_level=ERROR",
}
_OPTION = "--beam"


def pipeline_options(runner: str, words: Sequence[str] = ()) -> PipelineOptions:
    """Reads the options of a pipeline and returns them as Beam has them.

    Args:
        runner: A runner by Beam's name, in any case, with or without `Runner` at its end; or the
            full name of a class.
        words: `KEY=VALUE` for `--KEY=VALUE`, `KEY` for `--KEY`.

    Raises:
        EmoError: Beam knows no such runner, refuses an option, or a runner of this machine is
            given one that Beam does not know. Others may take options that Beam passes on.

    Example:
        >>> pipeline_options("direct", ["direct_num_workers=2"])
    """
    runner = _runner(runner)
    defaults = dict(_DEFAULTS) if runner in _LOCAL else {}
    flags = [f"--runner={runner}"]
    for word in words:
        key = word.lstrip("-").partition("=")[0]
        if not key or key == "runner" or any(sign.isspace() for sign in key):
            raise EmoError(f"{_OPTION}: expected KEY=VALUE of Beam's options. Received: {word!r}")
        if runner in _LOCAL and key.removeprefix("no_") not in (known := _known()):
            raise unknown_name("option of Beam", key, known)
        flags.append(f"--{word.lstrip('-')}")
        defaults.pop(key, None)
    return _parsed([*flags, *defaults.values()], words)


def is_local(options: PipelineOptions) -> bool:
    """Whether the runner does its work on this machine, without a service."""
    return options.view_as(StandardOptions).runner in _LOCAL


def _runner(name: str) -> str:
    known = {one.lower(): one for one in StandardOptions.KNOWN_RUNNER_NAMES}
    found = known.get(name.lower()) or known.get(f"{name.lower()}runner")
    if found is None and "." not in name:
        names = (one for one in known.values() if not one.startswith("Test"))
        raise unknown_name("runner", name, names)
    return found or name


def _known() -> set[str]:
    return set(PipelineOptions([]).get_all_options())


def _parsed(flags: Sequence[str], words: Sequence[str]) -> PipelineOptions:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            options = PipelineOptions(flags)
            options.get_all_options()
    except (SystemExit, ValueError) as error:  # argparse ends the process
        reason = said.getvalue().rpartition("error: ")[2].strip() or error
        raise EmoError(f"{_OPTION}: {reason}. Received: {' '.join(words)}") from error
    return options
