import subprocess
import sys

from emo_tf.training.watchdog import Watchdog

# Feeds a watchdog argv[1] times, then waits.
SCRIPT = """
import sys, time
from emo_tf.training.watchdog import Watchdog

with Watchdog(1.0, "nothing came") as watchdog:
    for _ in range(int(sys.argv[1])):
        time.sleep(0.25)
        watchdog.feed()
    print("waits", flush=True)
    time.sleep(600)
"""


def test_a_process_that_is_fed_no_more_ends_with_one_line():
    command = [sys.executable, "-c", SCRIPT, "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "waits\n"
    assert done.stderr == "emo-tf: error: nothing came\n"
    assert done.returncode == 1


def test_a_watchdog_whose_context_has_ended_rests():
    with Watchdog(600, "nothing came") as watchdog:
        watchdog.feed()
    assert not watchdog._thread.is_alive()
