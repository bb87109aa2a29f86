"""Frames of a video in, everything that is recognised in them out, frame by frame."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emo_tf.results import Face, Group, Person
from emo_tf.runtime.expression import to_expression
from emo_tf.runtime.face_detector import FEATURES, MIN_FACE, FaceDetector
from emo_tf.runtime.group_smoothing import GroupSmoother
from emo_tf.runtime.picture_parts import open_picture_parts
from emo_tf.runtime.smoothing import ExponentialSmoother
from emo_tf.runtime.track_expression import open_track_expressions
from emo_tf.runtime.tracker import DETECT_EVERY, LOST_AFTER_S, FaceTrack, FaceTracker
from emo_tf.video_results import FrameResult, TrackedFace

if TYPE_CHECKING:
    from emo_tf.runtime.scene_labels import SceneLabels
    from emo_tf.runtime.scene_network import SceneNetwork
    from emo_tf.runtime.video_reader import VideoFrame

SMOOTH_S = 0.1


class VideoAnalyzer:
    """Follows the faces of a video and recognises their apparent expressions over time.

    Every frame gives its result at once, from it and the frames before it alone; memory does not
    grow with the video. With a model of people in context every frame has its `people` too, with
    `group` its verdict; see `Analyzer` for these and their files.

    Args:
        expression_model: A `.tflite` file of the task `video`, the shipped one if `None`, or one
            of the task `expression`, which looks at each frame alone.
        min_face: Length in pixels of the smallest face looked for. If `None`, the shortest that
            one of the `group_models` learnt from, else `face_detector.MIN_FACE`.
        threads: Threads for the networks; the machine's number of cores if `None`.
        group: Whether to give a verdict on each frame as a whole.
        context_model: A `.tflite` file of the task `emotic`.
        person_detector: A `.tflite` file that finds people.
        group_models: `.tflite` files of the task `group`.
        ensemble: A file that joins verdicts into one.
        scene_network: A network that joins scene labels with faces, or its file.
        scene_labels: Scene labels by picture, or their file; those of the video as a whole count.
        detect_every: Frames from one look for new faces to the next; see `FaceTracker`.
        lost_after_s: Seconds without being seen after which a face is given up.
        smooth_s: Time constant in seconds with which probabilities are smoothed; 0 for none.
        **detector_options: Other settings of `FaceDetector`.

    Attributes:
        min_face: Length in pixels of the smallest face looked for.

    Raises:
        EmoError: A setting or a file cannot be used, or they do not go together.

    Example:
        >>> with VideoReader("interview.mp4") as frames:
        ...     for result, image in VideoAnalyzer().analyze(frames, source=frames.name):
        ...         print(result.time_s, [track.expression.label for track in result.tracks])
    """

    def __init__(
        self,
        *,
        expression_model: Path | None = None,
        min_face: float | None = None,
        threads: int | None = None,
        group: bool = False,
        context_model: Path | None = None,
        person_detector: Path | None = None,
        group_models: Sequence[Path] = (),
        ensemble: Path | None = None,
        scene_network: "Path | SceneNetwork | None" = None,
        scene_labels: "Path | SceneLabels | None" = None,
        detect_every: int = DETECT_EVERY,
        lost_after_s: float = LOST_AFTER_S,
        smooth_s: float = SMOOTH_S,
        **detector_options,
    ):
        self._parts = open_picture_parts(
            group=group,
            context_model=context_model,
            person_detector=person_detector,
            group_models=group_models,
            ensemble=ensemble,
            scene_network=scene_network,
            scene_labels=scene_labels,
            threads=threads,
        )
        if min_face is None:
            min_face = self._parts.group_models.min_face or MIN_FACE
        self.min_face = min_face
        self._detector = FaceDetector(min_face=min_face, threads=threads, **detector_options)
        self._expressions = open_track_expressions(expression_model, threads=threads)
        self._tracking = {"detect_every": detect_every, "lost_after_s": lost_after_s}
        self._smooth_s = smooth_s
        # Settings out of their range are refused here, not at the first frame.
        FaceTracker(self._detector, **self._tracking)
        ExponentialSmoother(smooth_s)

    def analyze(
        self, frames: "Iterable[VideoFrame]", *, source: str
    ) -> Iterator[tuple[FrameResult, np.ndarray]]:
        """Analyses the frames of one video.

        Args:
            frames: The frames in order; tracks and states begin anew with each call.
            source: The video, as results name it.

        Yields:
            The result of each frame, and its picture.

        Raises:
            EmoError: A model cannot make anything of a frame.
        """
        tracker = FaceTracker(self._detector, **self._tracking)
        expressions = self._expressions.restart()
        smoothers: dict[int, ExponentialSmoother] = {}
        verdicts = GroupSmoother(self._smooth_s)
        for frame in frames:
            tracks = tracker.update(frame.image, frame.time_s)
            expressions.forget(all_but=tracker.ids)
            smoothers = {number: smoothers[number] for number in smoothers.keys() & tracker.ids}
            found = expressions.recognize(frame.image, {track.id: track.face for track in tracks})
            for number in found.keys() - smoothers.keys():
                smoothers[number] = ExponentialSmoother(self._smooth_s)
            smoothed = {
                number: smoothers[number].update(probabilities, frame.time_s)
                for number, probabilities in found.items()
            }
            faces = [
                replace(track.face, expression=to_expression(found[track.id])) for track in tracks
            ]
            group = self._group(frame.image, faces, tracks, source=source)
            yield (
                FrameResult(
                    source=source,
                    frame=frame.index,
                    time_s=frame.time_s,
                    tracks=tuple(
                        TrackedFace(
                            track.id,
                            track.box_xywh,
                            track.face.score,
                            to_expression(smoothed[track.id]),
                        )
                        for track in tracks
                    ),
                    people=self._people(frame.image, faces),
                    group=verdicts.update(group, frame.time_s),
                ),
                frame.image,
            )

    def _people(self, image: np.ndarray, faces: Sequence[Face]) -> tuple[Person, ...]:
        if self._parts.people is None:
            return ()
        (people,) = self._parts.people.recognize([self._parts.people.find(image, faces)])
        return people

    def _group(
        self,
        image: np.ndarray,
        faces: Sequence[Face],
        tracks: Sequence[FaceTrack],
        *,
        source: str,
    ) -> Group | None:
        """Judges one frame, its expressions not smoothed yet."""
        if self._parts.judge is None:
            return None
        features = np.array([track.features for track in tracks], np.float32).reshape(-1, FEATURES)
        views = self._parts.group_models.look(image, faces, features)
        (answers,) = self._parts.group_models.answer([views])
        return self._parts.judge.judge(source, faces, answers, unseen="no face found")[0]
