"""The machine and the versions that figures were measured on."""

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from benchmarks.common import REPOSITORY

PACKAGES = (
    "numpy",
    "opencv-python-headless",
    "Pillow",
    "ai-edge-litert",
    "tensorflow",
    "keras",
    "scikit-learn",
    "mtcnn",
    "torch",
    "av",
    "fastapi",
    "uvicorn",
)


def describe_machine() -> dict[str, str]:
    """Returns processor, memory, system and versions by name, as text to print."""
    return {
        "Processor": f"{_cpu_model()}, {os.cpu_count()} cores",
        "Memory": f"{_memory_gb():.1f} GB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def git_commit() -> str | None:
    """Returns the short commit, marked where files differ from it; `None` outside a checkout."""
    try:
        # No tag may stand in for the commit: a tag can move.
        done = subprocess.run(
            ["git", "describe", "--always", "--exclude=*", "--dirty= with changes"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _cpu_model() -> str:
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.is_file():
        found = re.search(r"^(?:model name|Hardware)\s*: (.+)$", cpu_info.read_text(), re.MULTILINE)
        if found:
            return found[1]
    return platform.processor() or platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
