"""What `emo-tf predict` says about real videos: who is there, when, and with which expression.

python -m benchmarks.video --shared ../shared --json video.json
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.common import main, row, spread
from benchmarks.memory import memory_mib

PREDICT = [sys.executable, "-m", "emo_tf", "predict"]
CALM = range(31)
OPEN_MOUTH = (*range(57, 65), *range(104, 117))
RISE_BAR = 0.2
HAPPY = range(56, 105)
SEGMENTS_BAR = 3
FALSE_FACE_BAR = 0.05
SHORT_S, LONG_S = 60, 600
GROWTH_BAR = 1.1


def measure(shared: Path) -> list[dict]:
    """Runs the command on the shared videos at its default settings.

    Args:
        shared: Folder with `videos`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    videos = shared / "videos"
    return [
        *changing_face(videos / "carphone.mp4"),
        *smiling_face(videos / "short_face.mp4"),
        no_face(videos / "bikes_no_face.mp4"),
        flat_memory([videos / "carphone.mp4", videos / "short_face.mp4"]),
    ]


def changing_face(video: Path) -> list[dict]:
    """Follows a face from calm to a mouth wide open, twice."""
    frames = predicted(video)
    numbers = [{track["id"] for track in frame["tracks"]} for frame in frames]
    present = sum(len(here) == 1 for here in numbers)
    everyone = set().union(*numbers)
    surprised = {frame["frame"]: _fright(frame) for frame in frames if frame["tracks"]}
    calm, startled = (
        [surprised[number] for number in chosen if number in surprised]
        for chosen in (CALM, OPEN_MOUTH)
    )
    rise = sum(startled) / len(startled) - sum(calm) / len(calm)
    return [
        row(
            f"{video.name}: tracks, and frames of {len(frames)} in which there is just one face",
            f"{len(everyone)}; {present}",
            bar=f"1; {len(frames)}",
            met=len(everyone) == 1 and present == len(frames),
        ),
        row(
            f"{video.name}: mean P(surprise) + P(fear) with the mouth wide open, above that of the "
            "first second",
            round(rise, 3),
            bar=f"≥ {RISE_BAR}",
            met=rise >= RISE_BAR,
            details={
                "first second": round(sum(calm) / len(calm), 3),
                "open mouth": round(sum(startled) / len(startled), 3),
            },
        ),
    ]


def smiling_face(video: Path) -> list[dict]:
    """Follows a face that smiles from frame 56 to 104."""
    frames = predicted(video)
    leading = {
        frame["frame"]: track["expression"]["label"]
        for frame in frames
        for track in frame["tracks"]
    }
    happy = sum(leading.get(number) == "happy" for number in HAPPY)
    segments = predicted(video, output="--segments")
    told = [f"{s['start_s']:.2f} to {s['end_s']:.2f} s {s['label']}" for s in segments]
    return [
        row(
            f"{video.name}: frames of {HAPPY[0]} to {HAPPY[-1]} in which happy leads",
            happy,
            bar=str(len(HAPPY)),
            met=happy == len(HAPPY),
        ),
        row(
            f"{video.name}: segments in all",
            len(segments),
            bar=f"≤ {SEGMENTS_BAR}",
            met=len(segments) <= SEGMENTS_BAR,
            details={"segments": told},
        ),
    ]


def no_face(video: Path) -> dict:
    """Counts the frames in which a face is seen where there is none."""
    frames = predicted(video)
    share = sum(bool(frame["tracks"]) for frame in frames) / len(frames)
    return row(
        f"{video.name}: frames with a face, of {len(frames)}",
        f"{share:.1%}",
        bar=f"≤ {FALSE_FACE_BAR:.0%}",
        met=share <= FALSE_FACE_BAR,
    )


def flat_memory(videos: Sequence[Path]) -> dict:
    """Compares the peak memory of a long video with that of a short one, all outputs written."""
    peaks = {}
    with tempfile.TemporaryDirectory() as folder:
        for seconds in (SHORT_S, LONG_S):
            looped = Path(folder) / f"{seconds}.mp4"
            write_looped(looped, videos, seconds=seconds)
            out = Path(folder) / str(seconds)
            command = [*PREDICT, str(looped), "--json", f"{out}.jsonl", "--csv", f"{out}.csv"]
            command += ["--segments", f"{out}.segments", "--vtt", f"{out}.vtt"]
            command += ["--draw", f"{out}_drawn", "--plot", f"{out}_plots", "--group"]
            command += ["--every", "4"]
            peaks[seconds] = peak_mb(command)
    growth = peaks[LONG_S] / peaks[SHORT_S]
    return row(
        f"peak memory of a video of {LONG_S} s, every fourth frame and every output, / of one of "
        f"{SHORT_S} s",
        round(growth, 3),
        bar=f"≤ {GROWTH_BAR}",
        met=growth <= GROWTH_BAR,
        runs=spread([growth]),
        details={f"{seconds} s, MB": round(peak, 1) for seconds, peak in peaks.items()},
    )


def predicted(video: Path, *, output: str = "--json") -> list[dict]:
    """Returns the objects that `emo-tf predict` writes about a video."""
    command = [*PREDICT, str(video), output, "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def write_looped(path: Path, videos: Sequence[Path], *, seconds: float, rate: int = 25) -> None:
    """Writes the frames of videos, scaled to the size of the first, over and over.

    Args:
        path: The `.mp4` file.
        videos: What to show, in turns.
        seconds: Length of the whole.
        rate: Frames a second.
    """
    pictures = [frame for video in videos for frame in _decoded(video)]
    width, height = pictures[0].width, pictures[0].height
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * rate)):
            shown = pictures[number % len(pictures)].reformat(width, height, "yuv420p")
            shown.pts, shown.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(shown))
        container.mux(stream.encode())


def _decoded(video: Path) -> list[av.VideoFrame]:
    with av.open(str(video)) as container:
        return list(container.decode(video=0))


def peak_mb(command: Sequence[str]) -> float:
    """Runs a command and returns its peak resident memory.

    Raises:
        RuntimeError: It failed.
    """
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            peak = memory_mib(process.pid, peak=True) or peak
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        said = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return peak


def _fright(frame: dict) -> float:
    probabilities = frame["tracks"][0]["expression"]["probabilities"]
    return probabilities["surprise"] + probabilities["fear"]


if __name__ == "__main__":
    main(measure)
