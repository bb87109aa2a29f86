"""Memory of a process that runs."""

from pathlib import Path


def memory_mib(process: int, *, peak: bool = False) -> float:
    """Returns the resident memory of a process, or the most that it has had; 0 once it has ended.

    Of the process itself: `getrusage` would begin with the peak of its parent.

    Args:
        process: Its number.
        peak: Whether to return the most.
    """
    field = "VmHWM:" if peak else "VmRSS:"
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    found = [line for line in status.splitlines() if line.startswith(field)]
    return int(found[0].split()[1]) / 1024 if found else 0.0
