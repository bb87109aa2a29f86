"""How fast a video goes: against a loop over every frame, and online against clips recomputed.

python -m benchmarks.video_speed --shared ../shared --json video_speed.json
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.common import main, or_absent, ratio_row, row
from benchmarks.fer_net import FerNet
from benchmarks.mtcnn_package import mtcnn_package
from emo_tf.model_metadata import ModelMetadata
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.litert import SIGNATURE, open_interpreter, plan
from emo_tf.runtime.video_analyzer import VideoAnalyzer
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.weights import weight_path

ROUNDS = 3
FRAMES = 100
TIMES_BAR = 5
SHIPPED = "expression_tsm_float16"
CLIP_FRAMES = 8
THREADS = 1, 2
SAME_BAR = 1e-4
ONLINE_BAR = 6


def measure(shared: Path) -> list[dict]:
    """Times the analysis of one face in 596 x 336 pixels, and the network alone.

    Args:
        shared: Folder with `videos`.

    Returns:
        Rows of what was measured, its value, the bar, whether it is met, and the details.
    """
    video = shared / "videos" / "woman.mp4"
    what = "from the file to expressions against `mtcnn` and the Keras network of `fer`"
    return [*or_absent(what, lambda: [end_to_end(video)]), *online_against_clips(video)]


def end_to_end(video: Path) -> dict:
    """Times both from the file to expressions, in turns, each warmed up before."""
    loop, analyzer = PackageLoop(), VideoAnalyzer(detect_every=5)

    def ours() -> int:
        with VideoReader(video) as reader:
            results = analyzer.analyze(islice(reader, FRAMES), source=video.name)
            return sum(len(result.tracks) for result, _ in results)

    rates, faces = {}, {}
    for turn in range(ROUNDS + 1):
        for name, run in (("emo_tf", ours), ("mtcnn and Keras", lambda: loop.run(video))):
            start = time.perf_counter()
            faces[name] = run()
            if turn:
                rates.setdefault(name, []).append(FRAMES / (time.perf_counter() - start))
    return ratio_row(
        f"{video.name}, one face in 596 x 336 pixels, from the file to expressions: frames a "
        "second / those of a loop with `mtcnn` and the Keras network of `fer` on every frame",
        rates["emo_tf"],
        rates["mtcnn and Keras"],
        peer="`mtcnn` and Keras",
        unit="frames a second",
        at_least=TIMES_BAR,
        details={"frames": FRAMES, "faces found": faces},
    )


class PackageLoop:
    """What people write: the package `mtcnn` and a Keras network on every frame."""

    def __init__(self):
        self._network = FerNet()
        self._detector = mtcnn_package()

    def run(self, video: Path) -> int:
        """Returns how many faces were found in the first frames."""
        found = 0
        for image in _pictures(video):
            boxes = [face["box"] for face in self._detector.detect_faces(image)]
            crops = [_grey(image, box) for box in boxes]
            self._network.predict(np.array([cv2.resize(crop, (48, 48)) for crop in crops]))
            found += len(boxes)
        return found


def online_against_clips(video: Path) -> list[dict]:
    """Holds the shipped network's stream against its clip form run anew at every frame."""
    path = weight_path(SHIPPED)
    crops = _crops(video, ModelMetadata.read(path))
    with tempfile.TemporaryDirectory() as folder:
        clip_file = write_clip_form(path, Path(folder))
        timed = {threads: run_both(path, clip_file, crops, threads=threads) for threads in THREADS}
    difference = max(found.difference for found in timed.values())
    return [
        row(
            f"shipped network on the face of {video.name}: online against clips of {CLIP_FRAMES} "
            "recomputed at every frame, largest difference of a probability",
            float(f"{difference:.2g}"),
            bar=f"≤ {SAME_BAR:g}",
            met=difference <= SAME_BAR,
        ),
        *(
            ratio_row(
                f"the same, {threads} thread{'s' * (threads > 1)}: frames a second online / with a "
                f"clip of {CLIP_FRAMES} recomputed at every frame",
                *([1 / one for one in found.seconds[name]] for name in ("online", "clips")),
                peer=f"clips of {CLIP_FRAMES}",
                unit="frames a second",
                at_least=ONLINE_BAR,
            )
            for threads, found in timed.items()
        ),
    ]


@dataclass(frozen=True)
class Timed:
    """What came of a stream and of clips run anew, at the frames that have a clip before them.

    Attributes:
        seconds: A number a frame, of each.
        difference: Largest difference of a probability of the two.
    """

    seconds: Mapping[str, list[float]]
    difference: float


def run_both(stream_file: Path, clip_file: Path, crops: list[np.ndarray], *, threads: int) -> Timed:
    """Runs both forms of a network over a face, in turns."""
    stream, clips = (_runner(path, threads=threads) for path in (stream_file, clip_file))
    arrays = ModelMetadata.read(stream_file).states
    states = {name: np.zeros((1, *array.shape), np.float32) for name, array in arrays.items()}
    window = [crops[0]] * CLIP_FRAMES
    seconds, difference = {"online": [], "clips": []}, 0.0
    for number, crop in enumerate(crops):
        window = [*window[1:], crop]
        frame, clip = crop[None], np.stack(window)[None]
        start = time.perf_counter()
        outputs = stream(frame=frame, **states)
        middle = time.perf_counter()
        recomputed = clips(clip=clip)["probabilities"]
        end = time.perf_counter()
        states = {name: outputs[name] for name in states}
        if number >= CLIP_FRAMES:
            seconds["online"].append(middle - start)
            seconds["clips"].append(end - middle)
            apart = np.abs(outputs["probabilities"] - recomputed).max()
            difference = max(difference, float(apart))
    return Timed(seconds, difference)


def write_clip_form(stream_file: Path, folder: Path) -> Path:
    """Writes the network of a stream as one of clips, with the same weights.

    It takes clips (1, T, H, W, channels), uint8, and returns the probabilities of their last
    frames (1, 7).
    """
    from keras import ops

    from emo_tf import models
    from emo_tf.export.saved_model import export_saved_model
    from emo_tf.export.tflite import convert_tflite
    from emo_tf.models.tflite_weights import fill_from_tflite

    said = ModelMetadata.read(stream_file)
    model = models.create("tsm", **said.provenance["model_arguments"] | {"frames": CLIP_FRAMES})
    fill_from_tflite(model, stream_file)

    def last(made: dict) -> dict:
        return {"probabilities": ops.softmax(made["frame_logits"][:, -1] / said.temperature)}

    clip = replace(said.inputs["frame"], frames=CLIP_FRAMES)
    saved = export_saved_model(model, folder / "clip", inputs={"clip": clip}, outputs=last)
    file = folder / "clip.tflite"
    file.write_bytes(convert_tflite(saved, quantisation="float16"))
    return file


def _runner(path: Path, *, threads: int) -> Callable[..., dict[str, np.ndarray]]:
    interpreter = open_interpreter(path, threads=threads)
    plan(interpreter)
    return interpreter.get_signature_runner(SIGNATURE)


def _crops(video: Path, said: ModelMetadata) -> list[np.ndarray]:
    image = said.inputs["frame"]
    size, detector, crops = (image.height, image.width), FaceDetector(), []
    for picture in _pictures(video):
        for face in detector.detect(picture)[:1]:
            crops.append(crop_face(picture, face, said.crop, size=size, colour=image.colour))
    return crops


def _pictures(video: Path) -> Iterator[np.ndarray]:
    with av.open(str(video)) as container:
        for frame in islice(container.decode(video=0), FRAMES):
            yield frame.to_ndarray(format="rgb24")


def _grey(image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    x, y, width, height = (max(0, value) for value in box)
    return cv2.cvtColor(image[y : y + height, x : x + width], cv2.COLOR_RGB2GRAY)


if __name__ == "__main__":
    main(measure)
