import itertools

import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.runtime import video_analyzer
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.video_analyzer import VideoAnalyzer
from emo_tf.runtime.video_reader import VideoFrame
from emo_tf.weights import weight_path
from tests.group_models import verdict_on_colour, write_group_tflite
from tests.walking_faces import RATE, WalkingFaces

STILLS = weight_path("expression_float16")


@pytest.fixture(scope="module")
def walking(astronaut) -> WalkingFaces:
    return WalkingFaces(astronaut)


def frames_of(images, *, rate=RATE):
    for index, image in enumerate(images):
        yield VideoFrame(image, index, index / rate)


def results_of(analyzer, images):
    return [result for result, _ in analyzer.analyze(frames_of(images), source="a.mp4")]


@pytest.fixture(scope="module")
def two_faces(walking):
    return [walking.draw([(150 + 3 * index, 120), (480, 110)]) for index in range(12)]


def test_every_frame_has_its_result_and_its_picture(two_faces):
    analyzer = VideoAnalyzer(expression_model=STILLS, threads=1)
    found = list(analyzer.analyze(frames_of(two_faces), source="a.mp4"))
    assert [result.frame for result, _ in found] == list(range(12))
    assert all(image is given for (_, image), given in zip(found, two_faces, strict=True))
    for index, (result, _) in enumerate(found):
        assert result.source == "a.mp4"
        assert result.time_s == index / RATE
        assert [track.id for track in result.tracks] == [1, 2]
        assert (result.people, result.group) == ((), None)
        by_place = sorted(result.tracks, key=lambda track: track.box_xywh[0])
        x, _, width, _ = by_place[0].box_xywh
        assert x + width / 2 == pytest.approx(150 + 3 * index, abs=12)


def test_a_result_comes_before_the_next_frame_is_asked_for(two_faces):
    asked = []

    def frames():
        for frame in frames_of(itertools.cycle(two_faces)):
            asked.append(frame.index)
            yield frame

    results = VideoAnalyzer(expression_model=STILLS, threads=1).analyze(frames(), source="a")
    for index in range(3):
        assert next(results)[0].frame == index
        assert asked == list(range(index + 1))
    results.close()


def test_a_second_video_begins_anew(two_faces):
    analyzer = VideoAnalyzer(expression_model=STILLS, threads=1)
    first = results_of(analyzer, two_faces)
    assert results_of(analyzer, two_faces) == first
    assert list(analyzer.analyze([], source="empty")) == []


def test_expressions_are_smoothed_over_time(monkeypatch, walking):
    class Alternating:
        """Tells happy and sad by turns."""

        def __init__(self):
            self.count = 0

        def recognize(self, image, faces):
            self.count += 1
            row = np.eye(7)[3 if self.count % 2 else 4]
            return dict.fromkeys(faces, row)

        def forget(self, *, all_but):
            pass

        def restart(self):
            return Alternating()

    monkeypatch.setattr(video_analyzer, "open_track_expressions", lambda *_, **__: Alternating())
    images = [walking.draw([(300, 120)])] * 20

    def happy(smooth_s):
        found = results_of(VideoAnalyzer(smooth_s=smooth_s, threads=1), images)
        return [result.tracks[0].expression.probabilities["happy"] for result in found]

    assert happy(0) == [1, 0] * 10
    assert np.abs(np.diff(happy(0.5))).max() < 0.1
    assert happy(0.5)[0] == 1


def test_the_first_frame_of_a_video_is_judged_as_a_photo_is(walking):
    image = walking.draw([(200, 120), (450, 120)])
    photo = Analyzer(threads=1).analyze(image)
    (result,) = results_of(VideoAnalyzer(expression_model=STILLS, group=True, threads=1), [image])
    assert result.group == photo.group
    by_box = {face.box_xywh: face for face in photo.faces}
    for track in result.tracks:
        face = by_box[min(by_box, key=lambda box: abs(box[0] - track.box_xywh[0]))]
        np.testing.assert_allclose(track.box_xywh, face.box_xywh, atol=0.01)
        assert track.expression.label == face.expression.label
        assert track.score == face.score


def test_without_a_face_there_is_no_verdict(walking):
    analyzer = VideoAnalyzer(expression_model=STILLS, group=True, threads=1)
    results = results_of(analyzer, [walking.draw([])] * 3)
    assert [(result.tracks, result.group) for result in results] == [((), None)] * 3


def test_people_in_context_are_found_in_every_frame(context_tflite, two_faces):
    analyzer = VideoAnalyzer(expression_model=STILLS, context_model=context_tflite, threads=1)
    for result in results_of(analyzer, two_faces[:7]):
        assert len(result.people) == len(result.tracks) == 2
        for person, track in zip(result.people, result.tracks, strict=True):
            x, _, width, _ = person.box_xywh
            face_x, _, face_width, _ = track.box_xywh
            assert x + width / 2 == pytest.approx(face_x + face_width / 2, abs=12)
            assert len(person.categories) == 26


def test_the_detector_and_its_settings_are_those_that_are_asked_for(walking):
    image = walking.draw([(300, 120)])
    assert results_of(VideoAnalyzer(expression_model=STILLS, min_face=120), [image])[0].tracks == ()
    analyzer = VideoAnalyzer(expression_model=STILLS, min_face=30, thresholds=(0.6, 0.7, 0.9))
    assert analyzer.min_face == 30
    assert len(results_of(analyzer, [image])[0].tracks) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"person_detector": "ssd.tflite"}, "person_detector: expected a context_model too"),
        ({"ensemble": "e.json"}, "group: expected a verdict to be asked for with ensemble"),
        ({"detect_every": 0}, "detect_every: expected 1 or more"),
        ({"lost_after_s": -1}, "lost_after_s: expected 0 or more"),
        ({"smooth_s": -1}, "smooth_s: expected 0 or more"),
        ({"min_face": 3}, "min_face: expected 12 pixels or more"),
        ({"expression_model": weight_path("mtcnn_onet")}, "mtcnn_onet.tflite: expected a model of"),
    ],
    ids=["detector", "evidence", "every", "lost", "smooth", "face", "model"],
)
def test_what_cannot_be_used_is_refused_before_the_first_frame(settings, message):
    with pytest.raises(EmoError, match=message):
        VideoAnalyzer(**{"expression_model": STILLS, **settings})


def test_a_model_for_videos_is_refused_for_photos_with_a_hint(monkeypatch):
    from emo_tf.model_metadata import ImageInput, ModelMetadata
    from emo_tf.runtime.litert import LiteRTModel

    metadata = ModelMetadata("m", "video", "", "1", {"frame": ImageInput(4, 4)}, {})
    monkeypatch.setattr(LiteRTModel, "__init__", lambda self, path, **_: None)
    monkeypatch.setattr(LiteRTModel, "metadata", metadata, raising=False)
    with pytest.raises(EmoError, match="Received: video, which is for videos"):
        Analyzer(expression_model="tsm.tflite")


def test_a_model_of_groups_judges_every_frame_and_its_verdict_is_smoothed(tmp_path):
    model = write_group_tflite(tmp_path / "colour.tflite")
    red, blue = (np.full((60, 80, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    settings = {"expression_model": STILLS, "group": True, "group_models": (model,)}
    first, *_, last = results_of(
        VideoAnalyzer(**settings, smooth_s=0, threads=1), [red] * 3 + [blue]
    )
    assert (first.group.label, last.group.label) == ("negative", "positive")
    assert first.group.source == last.group.source == "mean_colour"
    found = list(first.group.probabilities.values())
    np.testing.assert_allclose(found, verdict_on_colour((255, 0, 0)), atol=1e-3)
    *_, last = results_of(VideoAnalyzer(**settings, smooth_s=1, threads=1), [red] * 3 + [blue])
    assert last.group.label == "negative"
