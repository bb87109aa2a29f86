"""Whole runs of `emo-tf predict`: how long a cold start takes, and how much memory many pictures.

python -m benchmarks.predict --shared ../shared --json predict.json
"""

import io
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.common import main, row, spread

PREDICT = [sys.executable, "-m", "emo_tf", "predict"]
COLD_BAR = 0.35
COLD_ROUNDS = 7
PHOTOGRAPHS = 500
SETTLED = 100
PEAK_BAR_MB = 400
GROWTH_BAR_MB = 20
# Every fifth photograph is one of the whole scenes, the others are portraits in these widths.
SCENE_EVERY = 5
PORTRAIT_WIDTHS = (350, 720, 240, 1280)


def measure(shared: Path) -> list[dict]:
    """Measures the command line as a user meets it, each run in a process of its own.

    Args:
        shared: Folder with `photos` and `data/expression_photos.zip`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_photographs(shared, Path(folder))
        memory = measure_memory(Path(folder))
    return [measure_cold_start(shared / "photos" / "friends_cast.jpg"), *memory]


def measure_cold_start(photo: Path) -> dict:
    """Times `predict` on one photograph and `import tensorflow` in turns."""
    commands = {
        "predict": [*PREDICT, str(photo)],
        "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    }
    seconds = {name: [] for name in commands}
    for turn in range(COLD_ROUNDS + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if turn:  # the first fills the disk's cache
                seconds[name].append(time.perf_counter() - start)
            if done.returncode:
                raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr}")
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = medians["predict"] / medians["import tensorflow"]
    in_seconds = {f"{name}, s": spread(values) for name, values in seconds.items()}
    return row(
        f"`emo-tf predict {photo.name}`, cold, whole process / `import tensorflow`",
        round(ratio, 3),
        bar=f"≤ {COLD_BAR}",
        met=ratio <= COLD_BAR,
        details={"rounds": COLD_ROUNDS, **in_seconds},
    )


def measure_memory(folder: Path) -> list[dict]:
    """Follows the peak memory of one `predict` over the pictures in `folder`."""
    peaks = list(_peaks_mb([*PREDICT, str(folder), "--json", "-"]))
    if len(peaks) != PHOTOGRAPHS:
        raise RuntimeError(f"expected {PHOTOGRAPHS} results. Received: {len(peaks)}")
    peak, growth = peaks[-1], peaks[-1] - peaks[SETTLED - 1]
    marks = {f"after {count}": round(peaks[count - 1], 1) for count in (1, 10, SETTLED, 250)}
    return [
        row(
            f"peak memory of `emo-tf predict` on {PHOTOGRAPHS} photographs, MB",
            round(peak, 1),
            bar=f"≤ {PEAK_BAR_MB}",
            met=peak <= PEAK_BAR_MB,
            details=marks,
        ),
        row(
            f"what the last {PHOTOGRAPHS - SETTLED} photographs add to the peak, MB",
            round(growth, 1),
            bar=f"≤ {GROWTH_BAR_MB}",
            met=growth <= GROWTH_BAR_MB,
        ),
    ]


def write_photographs(shared: Path, folder: Path) -> None:
    """Writes portraits of several sizes with whole scenes spread evenly among them."""
    found = (shared / "photos").rglob("*")
    scenes = sorted(path for path in found if path.suffix in (".jpg", ".png"))
    with zipfile.ZipFile(shared / "data" / "expression_photos.zip") as archive:
        portraits = sorted(name for name in archive.namelist() if not name.endswith("/"))
        for index in range(PHOTOGRAPHS):
            turn, rest = divmod(index, SCENE_EVERY)
            if rest == 0:
                scene = scenes[turn % len(scenes)]
                (folder / f"{index:03}{scene.suffix}").write_bytes(scene.read_bytes())
                continue
            portrait = Image.open(io.BytesIO(archive.read(portraits[index]))).convert("RGB")
            width = PORTRAIT_WIDTHS[index % len(PORTRAIT_WIDTHS)]
            portrait = portrait.resize((width, round(width * portrait.height / portrait.width)))
            portrait.save(folder / f"{index:03}.jpg", quality=90)


def _peaks_mb(command: list[str]) -> Iterator[float]:
    """Runs a command and yields its peak resident memory so far at each line that it prints."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        peak = 0.0
        for _ in process.stdout:
            # Of the process itself: getrusage would begin with the peak of its parent.
            status = Path(f"/proc/{process.pid}/status").read_text()
            resident = re.search(r"VmHWM:\s+(\d+) kB", status)  # absent once it has ended
            peak = int(resident[1]) / 1024 if resident else peak
            yield peak
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")


if __name__ == "__main__":
    main(measure)
