"""Requests that schemathesis makes up from a server's OpenAPI file, right ones and wrong ones."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError

CHECKS = "not_a_server_error"
PHASES = "examples,coverage,fuzzing"
_NO_FAILURE, _FAILURES = 0, 1


@dataclass(frozen=True)
class SchemaRun:
    """What came of a run of schemathesis.

    Attributes:
        requests: How many it sent, at least one a case.
        failures: What it reports, one text each.
    """

    requests: int
    failures: list[str]


def run_schemathesis(url: str, folder: Path, *, examples: int, limit_s: float) -> SchemaRun:
    """Runs schemathesis on a server.

    Args:
        url: The server's.
        folder: Where it writes its report and what it remembers.
        examples: Cases an operation.
        limit_s: When it has to be through.

    Raises:
        EmoError: It did not run to its end.
    """
    report = folder / "schemathesis.json"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"]
    command += ["--max-examples", str(examples), "--phases", PHASES, "--checks", CHECKS]
    command += ["--seed", "1", "--no-shrink", "--continue-on-failure", "--no-color"]
    command += ["--generation-database", "none", "--report-json-path", str(report.resolve())]
    done = subprocess.run(
        command, cwd=folder, timeout=limit_s, capture_output=True, text=True, check=False
    )
    if done.returncode not in (_NO_FAILURE, _FAILURES) or not report.is_file():
        said = (done.stdout + done.stderr).strip()[-500:]
        raise EmoError(f"schemathesis: expected a report. Received: {done.returncode}, {said}")
    said = json.loads(report.read_text("utf-8"))
    failures = [json.dumps(failure)[:500] for failure in said["failures"] + said["errors"]]
    return SchemaRun(said["test_cases"]["generated"], failures)
