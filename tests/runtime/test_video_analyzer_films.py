"""Real videos, their expressions frame by frame with the shipped model."""

import pytest

from emo_tf.runtime.segments import SegmentBuilder
from emo_tf.runtime.video_analyzer import VideoAnalyzer
from emo_tf.runtime.video_reader import VideoReader


@pytest.fixture(scope="module")
def analyzer() -> VideoAnalyzer:
    return VideoAnalyzer()


@pytest.fixture
def film(shared, analyzer):
    """Analyses a shared video; returns its results and segments."""

    def run(name):
        path = shared / "videos" / f"{name}.mp4"
        if not path.is_file():
            pytest.skip(f"no {path}")
        builder, results, segments = SegmentBuilder(name), [], []
        with VideoReader(path) as frames:
            for result, _ in analyzer.analyze(frames, source=name):
                results.append(result)
                segments += builder.add(result)
        return results, segments + builder.finish()

    return run


@pytest.mark.parametrize(
    ("name", "count"), [("carphone", 120), ("short_face", 115)], ids=["carphone", "short face"]
)
def test_one_person_is_one_track_throughout(film, name, count):
    results, segments = film(name)
    assert len(results) == count
    assert [[track.id for track in result.tracks] for result in results] == [[1]] * count
    assert segments[0].start_s == 0
    assert segments[-1].end_s == results[-1].time_s


def test_a_mouth_that_opens_wide_looks_more_like_surprise_or_fear(film):
    results, _ = film("carphone")
    chances = [result.tracks[0].expression.probabilities for result in results]
    alarm = [chance["surprise"] + chance["fear"] for chance in chances]
    opened = [*alarm[57:65], *alarm[104:117]]
    assert sum(opened) / len(opened) - sum(alarm[:31]) / 31 > 0.2


def test_a_smile_is_one_segment(film):
    _, segments = film("short_face")
    assert len(segments) <= 3
    assert segments[-1].label == "happy"
    assert segments[-1].start_s == pytest.approx(56 / 24.7, abs=0.1)
    assert segments[-1].confidence > 0.6


def test_a_video_of_bicycles_has_hardly_a_face(film):
    # A rider looks into the camera for half a second; the others are smaller than what is
    # looked for.
    results, _ = film("bikes_no_face")
    with_face = [result.frame for result in results if result.tracks]
    assert len(results) == 250
    assert len(with_face) <= 0.05 * 250
    assert set(with_face) <= set(range(30, 46))
