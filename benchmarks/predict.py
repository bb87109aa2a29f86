"""Whole runs of `emo-tf predict`: how long a cold start takes, and how much memory many pictures.

python -m benchmarks.predict --shared ../shared --json predict.json
"""

import io
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.common import main, ratio_row, row, spread
from benchmarks.memory import memory_mib

PREDICT = [sys.executable, "-m", "emo_tf", "predict"]
COLD_BAR = 0.35
COLD_ROUNDS = 7
PHOTOGRAPHS = 500
SETTLED = 100
MEMORY_ROUNDS = 3
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
    return ratio_row(
        f"`emo-tf predict {photo.name}`, cold, whole process / `import tensorflow`",
        seconds["predict"],
        seconds["import tensorflow"],
        peer="`import tensorflow`",
        unit="s",
        at_most=COLD_BAR,
    )


def measure_memory(folder: Path) -> list[dict]:
    """Follows the peak memory of `predict` over the pictures in `folder`, several times."""
    rounds = [_followed(folder) for _ in range(MEMORY_ROUNDS)]
    peaks = [peaks[-1] for peaks in rounds]
    growths = [peaks[-1] - peaks[SETTLED - 1] for peaks in rounds]
    marks = {f"after {count}": round(rounds[0][count - 1], 1) for count in (1, 10, SETTLED, 250)}
    return [
        row(
            f"peak memory of `emo-tf predict` on {PHOTOGRAPHS} photographs, MB",
            spread(peaks, digits=1)["median"],
            bar=f"≤ {PEAK_BAR_MB}",
            met=max(peaks) <= PEAK_BAR_MB,
            runs=spread(peaks, digits=1),
            details=marks,
        ),
        row(
            f"what the last {PHOTOGRAPHS - SETTLED} photographs add to the peak, MB",
            spread(growths, digits=1)["median"],
            bar=f"≤ {GROWTH_BAR_MB}",
            met=max(growths) <= GROWTH_BAR_MB,
            runs=spread(growths, digits=1),
        ),
    ]


def _followed(folder: Path) -> list[float]:
    """Returns the peak memory of one `predict` after each of the pictures in `folder`."""
    peaks = list(_peaks_mb([*PREDICT, str(folder), "--json", "-"]))
    if len(peaks) != PHOTOGRAPHS:
        raise RuntimeError(f"expected {PHOTOGRAPHS} results. Received: {len(peaks)}")
    return peaks


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
            peak = memory_mib(process.pid, peak=True) or peak
            yield peak
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")


if __name__ == "__main__":
    main(measure)
