import os
import subprocess
import sys

from benchmarks.memory import memory_mib


def test_a_process_has_had_at_least_what_it_has():
    now, peak = memory_mib(os.getpid()), memory_mib(os.getpid(), peak=True)
    assert 0 < now <= peak


def test_one_that_has_ended_has_none():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and not yet collected
        assert memory_mib(process.pid, peak=True) == 0
