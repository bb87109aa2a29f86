"""How fast a video goes: against a loop over every frame, and online against clips recomputed.

python -m benchmarks.video_speed --shared ../shared --json video_speed.json
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.common import main, row, spread
from benchmarks.fer_net import FerNet
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.litert import SIGNATURE, LiteRTModel, open_interpreter, plan
from emo_tf.runtime.video_analyzer import VideoAnalyzer
from emo_tf.runtime.video_reader import VideoReader
from emo_tf.weights import weight_path

ROUNDS = 3
FRAMES = 100
TIMES_BAR = 5
CLIP_FRAMES = 8
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
    return [end_to_end(video), *online_against_clips(video)]


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
    times = statistics.median(rates["emo_tf"]) / statistics.median(rates["mtcnn and Keras"])
    return row(
        f"{video.name}, one face in 596 x 336 pixels, from the file to expressions: frames a "
        "second / those of a loop with `mtcnn` and the Keras network of `fer` on every frame",
        round(times, 1),
        bar=f"≥ {TIMES_BAR}",
        met=times >= TIMES_BAR,
        details={
            "rounds": ROUNDS,
            "frames": FRAMES,
            "faces found": faces,
            **{f"{name}, frames a second": spread(values) for name, values in rates.items()},
        },
    )


class PackageLoop:
    """What people write: the package `mtcnn` and a Keras network on every frame."""

    def __init__(self):
        self._network = FerNet()
        from mtcnn import MTCNN

        self._detector = MTCNN()

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
    stream = LiteRTModel(weight_path("expression_tsm_float16"))
    clip = clip_form(stream)
    crops = _crops(video, stream)
    states = {n: np.zeros((1, *a.shape), np.float32) for n, a in stream.metadata.states.items()}
    window = [crops[0]] * CLIP_FRAMES
    seconds, differences = {"online": [], "clips": []}, []
    for number, crop in enumerate(crops):
        start = time.perf_counter()
        outputs = stream(frame=crop[None], **states)
        middle = time.perf_counter()
        window = [*window[1:], crop]
        recomputed = clip(np.stack(window)[None])
        seconds["online"].append(middle - start)
        seconds["clips"].append(time.perf_counter() - middle)
        states = {name: outputs[name] for name in states}
        if number >= CLIP_FRAMES:
            differences.append(np.abs(outputs["probabilities"] - recomputed).max())
    settled = {name: values[CLIP_FRAMES:] for name, values in seconds.items()}
    times = statistics.median(settled["clips"]) / statistics.median(settled["online"])
    return [
        row(
            f"shipped network on the face of {video.name}: online against clips of {CLIP_FRAMES} "
            "recomputed at every frame, largest difference of a probability",
            float(f"{max(differences):.2g}"),
            bar=f"≤ {SAME_BAR:g}",
            met=max(differences) <= SAME_BAR,
        ),
        row(
            f"the same: time of a clip of {CLIP_FRAMES} / of one frame online",
            round(times, 1),
            bar=f"≥ {ONLINE_BAR}",
            met=times >= ONLINE_BAR,
            details={
                f"{name}, ms": spread([1000 * one for one in values])
                for name, values in settled.items()
            },
        ),
    ]


def clip_form(stream: LiteRTModel) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the network of a stream as one of clips, with the same weights and as such a file.

    Args:
        stream: The online form.

    Returns:
        From clips (1, T, H, W, channels), uint8, to the probabilities of their last frames (1, 7).
    """
    from keras import ops

    from emo_tf import models
    from emo_tf.export.saved_model import export_saved_model
    from emo_tf.export.tflite import convert_tflite
    from emo_tf.models.tflite_weights import fill_from_tflite

    said = stream.metadata
    model = models.create("tsm", **said.provenance["model_arguments"] | {"frames": CLIP_FRAMES})
    fill_from_tflite(model, stream.path)

    def last(made: dict) -> dict:
        return {"probabilities": ops.softmax(made["frame_logits"][:, -1] / said.temperature)}

    with tempfile.TemporaryDirectory() as folder:
        clip = replace(said.inputs["frame"], frames=CLIP_FRAMES)
        saved = export_saved_model(
            model, Path(folder) / "clip", inputs={"clip": clip}, outputs=last
        )
        file = Path(folder) / "clip.tflite"
        file.write_bytes(convert_tflite(saved, quantisation="float16"))
        interpreter = open_interpreter(file)
        plan(interpreter)
        run = interpreter.get_signature_runner(SIGNATURE)
        run(clip=np.zeros((1, *clip.shape), np.uint8))
    return lambda clips: run(clip=clips)["probabilities"]


def _crops(video: Path, stream: LiteRTModel) -> list[np.ndarray]:
    image = stream.metadata.inputs["frame"]
    size, detector, crops = (image.height, image.width), FaceDetector(), []
    for picture in _pictures(video):
        for face in detector.detect(picture)[:1]:
            crops.append(
                crop_face(picture, face, stream.metadata.crop, size=size, colour=image.colour)
            )
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
