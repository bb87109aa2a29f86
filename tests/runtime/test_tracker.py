import numpy as np
import pytest

from emo_tf.errors import EmoError
from emo_tf.results import Face
from emo_tf.runtime.face_detector import FaceDetector
from emo_tf.runtime.tracker import FaceTracker
from tests.walking_faces import HEIGHT, RATE, WalkingFaces


@pytest.fixture(scope="module")
def walking(astronaut) -> WalkingFaces:
    return WalkingFaces(astronaut)


class CountingDetector(FaceDetector):
    """Counts the looks at whole frames."""

    def __init__(self):
        super().__init__(threads=1)
        self.looks = 0

    def detect_many(self, images):
        self.looks += len(images)
        return super().detect_many(images)


@pytest.fixture
def detector() -> CountingDetector:
    return CountingDetector()


def follow(tracker, frames, *, rate=RATE):
    """Returns for each frame the middle's x of every face seen, by its number."""
    seen = []
    for index, frame in enumerate(frames):
        tracks = tracker.update(frame, index / rate)
        seen.append({track.id: track.box_xywh[0] + track.box_xywh[2] / 2 for track in tracks})
    return seen


def walks(walking, count, *ways):
    """Frames in which faces walk evenly from one place to another."""
    for share in np.linspace(0, 1, count):
        yield walking.draw([(start + (stop - start) * share, 120) for start, stop in ways])


def test_a_face_keeps_its_number_and_is_where_it_is(detector, walking):
    seen = follow(FaceTracker(detector), walks(walking, 40, (120, 500)))
    middles = [frame[1] for frame in seen]
    assert all(set(frame) == {1} for frame in seen)
    np.testing.assert_allclose(middles, np.linspace(120, 500, 40), atol=12)


def test_between_detections_only_the_last_network_looks(detector, walking):
    follow(FaceTracker(detector, detect_every=5), walks(walking, 41, (200, 260)))
    assert detector.looks == 9
    follow(FaceTracker(detector, detect_every=1), walks(walking, 10, (200, 210)))
    assert detector.looks == 19


@pytest.mark.parametrize("every", [1, 5], ids=["every frame", "every 5th"])
@pytest.mark.parametrize("count", [30, 90], ids=["fast", "slow"])
def test_faces_that_cross_keep_their_numbers(detector, walking, count, every):
    tracker = FaceTracker(detector, detect_every=every)
    seen = follow(tracker, walks(walking, count, (80, 560), (560, 80)))
    first, last = seen[0], seen[-1]
    assert set(first) == set(last) == {1, 2}
    assert {number for frame in seen for number in frame} == {1, 2}
    for number in first:
        assert last[number] == pytest.approx(640 - first[number], abs=12)


def test_a_face_hidden_for_a_moment_keeps_its_number_and_is_not_shown_meanwhile(detector, walking):
    frames = list(walks(walking, 60, (150, 450)))
    for index in range(20, 38):
        frames[index][:, 230:390] = 90
    seen = follow(FaceTracker(detector), frames)
    assert not any(seen[index] for index in range(22, 37))
    assert {number for frame in seen for number in frame} == {1}
    assert seen[-1][1] == pytest.approx(450, abs=12)


def test_a_face_hidden_for_longer_is_given_up(detector, walking):
    frames = [walking.draw([(300, 120)])] * 10 + [walking.draw([])] * 40
    frames += [walking.draw([(300, 120)])] * 10
    patient = follow(FaceTracker(detector, lost_after_s=3), frames)
    assert {number for frame in patient for number in frame} == {1}
    tracker = FaceTracker(detector)
    seen = follow(tracker, frames)
    assert set(seen[9]) == {1}
    assert set(seen[-1]) == {2}
    assert tracker.ids == {2}


def test_time_counts_and_not_frames_where_there_are_few(detector, walking):
    frames = [walking.draw([(300 + 8 * index, 120)]) for index in range(6)]
    seen = follow(FaceTracker(detector, lost_after_s=0.5), frames, rate=0.5)
    assert [set(frame) for frame in seen] == [{1}] * 6
    assert detector.looks == 6


def test_everyone_is_new_in_another_shot(detector, walking, astronaut):
    other = WalkingFaces(astronaut, seed=5)
    frames = [walking.draw([(300, 120)])] * 8 + [other.draw([(305, 120)])] * 8
    seen = follow(FaceTracker(detector), frames)
    assert [set(frame) for frame in seen] == [{1}] * 8 + [{2}] * 8


class Scripted:
    """A detector whose faces are given: a list of (score, box) for each look."""

    min_face = 40

    def __init__(self, looks):
        self.looks = iter(looks)

    def detect_many(self, images):
        return [self.detect(image) for image in images]

    def detect(self, image):
        faces = tuple(Face(box, score, ((1, 1),) * 5) for score, box in next(self.looks))
        return faces, np.zeros((len(faces), 256), np.float32)

    def refine(self, image, boxes_xywh, *, min_score):
        return [None] * len(boxes_xywh), np.zeros((len(boxes_xywh), 256), np.float32)

    def with_min_face(self, min_face):
        return Scripted([[]])


def numbers(looks):
    """What is followed when the detector sees that in one frame after the other."""
    tracker = FaceTracker(Scripted(looks), detect_every=1)
    frame = np.zeros((HEIGHT, 320, 3), np.uint8)
    return [
        [track.id for track in tracker.update(frame, index / RATE)] for index in range(len(looks))
    ]


BOX = (100, 50, 48, 60)


def test_a_face_that_is_not_quite_sure_counts_once_it_is_found_again():
    assert numbers([[(0.95, BOX)], [(0.95, BOX)], [(0.95, BOX)]]) == [[], [1], [1]]
    assert numbers([[(0.95, BOX)], [], [], [], [(0.95, BOX)]]) == [[]] * 5
    assert numbers([[(0.995, BOX)], [(0.85, BOX)]]) == [[1], [1]]


@pytest.mark.parametrize(
    "found",
    [(0.85, BOX), (0.99, (100, 50, 24, 30))],
    ids=["unsure", "small"],
)
def test_what_is_hardly_a_face_is_never_followed(found):
    assert numbers([[found]] * 6) == [[]] * 6


def test_numbers_are_given_without_gaps_as_faces_begin_to_count():
    passing, staying = (0.95, (10, 50, 48, 60)), (0.999, BOX)
    assert numbers([[passing], [staying], [staying]]) == [[], [1], [1]]


@pytest.mark.parametrize("size", [(1, 1), (12, 12), (1, 300), (30, 2000)], ids=str)
def test_a_frame_of_any_size_is_taken(detector, size):
    tracker = FaceTracker(detector, detect_every=1)
    for index in range(3):
        assert tracker.update(np.full((*size, 3), 50 * index, np.uint8), index / RATE) == ()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"detect_every": 0}, "detect_every: expected 1 or more. Received: 0"),
        ({"lost_after_s": -1}, "lost_after_s: expected 0 or more seconds. Received: -1"),
        ({"lost_after_s": float("nan")}, "lost_after_s: expected"),
    ],
    ids=["every", "seconds", "nan"],
)
def test_settings_out_of_their_range_are_refused(detector, setting, message):
    with pytest.raises(EmoError, match=message):
        FaceTracker(detector, **setting)
