import hashlib
import json
import re

import av
import numpy as np
import pytest
from PIL import Image

from emo_tf.corpora.testing import counts_of, prepared
from emo_tf.data import builders
from emo_tf.data.miniature import vtt_friends
from emo_tf.data.miniature.videos import draw_clip
from emo_tf.data.miniature.vtt_friends import CLIP_FRAMES, EPISODES, plan, write_vtt_friends
from emo_tf.data.miniature.vtt_friends_annotations import CHARACTERS, annotations_file
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("friends")
    vtt_friends.write(folder, seed=0, size=13)
    return folder


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_vtt_friends(tmp_path_factory.mktemp("videos"), form="video")


@pytest.fixture(scope="module")
def annotations(tmp_path_factory):
    """The annotations of a large twin whose frames are not drawn."""
    folder = tmp_path_factory.mktemp("annotations")
    for episode, clips in plan(seed=0, size=100).items():
        boxes = [np.array([10.0, 20.0, 30.0, 40.0])] * (CLIP_FRAMES * len(clips))
        annotations_path(folder, episode).write_bytes(annotations_file(clips, boxes))
    return folder


def annotations_path(folder, episode):
    return folder / f"s01_ep{episode:02d}_tag2_visual_Final_180809.json"


def records_of(folder, episode):
    return builders.module("vtt_friends", "annotations").read_annotations(
        annotations_path(folder, episode)
    )


def test_ten_episodes_hold_their_annotations_and_frames(twin):
    for episode in EPISODES:
        clips = 2 if episode <= 3 else 1
        names = sorted(path.name for path in (twin / f"ep{episode:02d}").iterdir())
        assert names == [f"{number:05d}.jpg" for number in range(clips * CLIP_FRAMES)]
        assert len(records_of(twin, episode)) == clips


def test_what_the_builder_reads_is_what_was_planned(twin):
    for episode, clips in plan(seed=0, size=13).items():
        for place, (record, clip) in enumerate(zip(records_of(twin, episode), clips, strict=True)):
            (seen,) = [face for face in record.faces if face.is_usable]
            assert len(record.faces) == 6
            assert seen.expression == clip.after
            assert record.key_frame == 16 * place + 8
            assert record.period == place + 1
            assert (record.start_s, record.end_s) == pytest.approx(
                (16 * place / 24, (16 * place + 15) / 24)
            )


def test_the_key_frame_shows_the_middle_of_the_clip_with_the_face_in_its_box(twin):
    clips = {episode: clips[0] for episode, clips in plan(seed=0, size=13).items()}
    episode = next(number for number, clip in clips.items() if clip.before != clip.after)
    (record, *_) = records_of(twin, episode)
    drawn = list(draw_clip(clips[episode]))

    with Image.open(twin / f"ep{episode:02d}" / f"{record.key_frame:05d}.jpg") as picture:
        stored = np.asarray(picture).astype(int)
    assert np.argmin([np.abs(stored - frame).mean() for frame, _ in drawn]) == 8
    (seen,) = [face for face in record.faces if face.is_usable]
    x, y, width, height = drawn[8][1]
    np.testing.assert_allclose(seen.box, [x, y, x + width, y + height], atol=1.1)


def test_the_annotations_have_the_oddities_of_the_original(annotations):
    files = [annotations_path(annotations, episode).read_bytes() for episode in EPISODES]
    records = [
        record
        for data in files
        for record in json.loads(data.decode("utf-8-sig", errors="replace"))["visual_results"]
    ]
    seen = [
        said
        for record in records
        for (said,) in record["person"][0].values()
        if said["emotion"] != "none"
    ]
    coordinates = [value for said in seen for value in said["face_rect"].values()]
    emotions = {said["emotion"] for said in seen}

    assert len(seen) == len(records) == 100
    assert sum(data.startswith(b"\xef\xbb\xbf") for data in files) == 5
    assert all(b"\x99" in data for data in files)
    assert {re.sub(r"\d+\.jpg", "", record["image"]) for record in records} == {"Frame_", "f"}
    assert {type(record["period_num"]) for record in records} == {int, str}
    assert {type(value) for value in coordinates} == {int, str}
    assert any("  " in str(value) for value in coordinates)
    spellings = {"angry", "anger", "happy", "happiness", "sad", "sadness"}
    assert spellings <= {emotion.lower() for emotion in emotions}
    assert {emotion.istitle() for emotion in emotions} == {True, False}


def test_the_builder_reads_every_way_of_writing(annotations):
    faces = [
        face
        for episode in EPISODES
        for record in records_of(annotations, episode)
        for face in record.faces
        if face.is_usable
    ]

    assert len(faces) == 100
    assert {face.box for face in faces} == {(10, 20, 40, 60)}
    assert {face.expression for face in faces} == set(EXPRESSIONS)
    assert {face.character for face in faces} == {name.lower() for name in CHARACTERS}


def files_in(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
def test_the_same_seed_writes_the_same_files(twin, videos, tmp_path):
    frames = files_in(write_vtt_friends(tmp_path / "frames", clips=13))
    assert len(frames) == 10 + 13 * CLIP_FRAMES
    assert frames == files_in(twin)

    again = files_in(write_vtt_friends(tmp_path / "videos", form="video"))
    assert len(again) == 20
    assert again == files_in(videos)


def test_a_video_holds_exactly_the_frames(twin, videos):
    with av.open(str(videos / "ep10.mkv")) as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]

    assert len(decoded) == CLIP_FRAMES
    for number, pixels in enumerate(decoded):
        with Image.open(twin / "ep10" / f"{number:05d}.jpg") as picture:
            np.testing.assert_array_equal(pixels, np.asarray(picture))


def test_a_larger_twin_begins_like_a_smaller_one_and_another_seed_differs():
    small, large = (plan(seed=0, size=size) for size in (20, 40))

    for episode in EPISODES:
        assert large[episode][:2] == small[episode]
        assert plan(seed=1, size=20)[episode] != small[episode]


def test_version_1_is_left_alone(twin):
    planned = [
        (episode, clip.before, clip.after, clip.progress)
        for episode, clips in plan(seed=0).items()
        for clip in clips
    ]
    annotations = b"".join(annotations_path(twin, episode).read_bytes() for episode in EPISODES)

    assert vtt_friends.VERSION == 1
    assert len(planned) == 60
    assert (
        hashlib.sha1(repr(planned).encode()).hexdigest()
        == "034c0a0b4e8882a762dd4d09e9890841cef52127"
    )
    assert hashlib.sha1(annotations).hexdigest() == "545e30f01e4b05200087eea68063f2a4db4024c7"
    colours = []
    for episode in (1, 10):
        with Image.open(twin / f"ep{episode:02d}" / "00008.jpg") as picture:
            colours.append(np.asarray(picture).mean(axis=(0, 1)))
    # Encoders and blurs may round otherwise in other versions.
    np.testing.assert_allclose(
        colours, [(125.29, 120.11, 122.28), (115.95, 112.05, 119.03)], atol=0.5
    )


def test_the_oracle_is_measured_on_the_validation_episodes():
    oracle = vtt_friends.oracle(seed=0, size=1000)

    assert oracle.measured_on == "validation, 200 clips"
    assert oracle.metrics == ("accuracy",)
    assert oracle.scores["none"] == (1 / 7,)
    assert oracle.scores["one frame"][0] == pytest.approx(0.75, abs=0.08)
    assert oracle.scores["clip"] == (1.0,)


@pytest.mark.parametrize(
    ("config", "counts"),
    [("clips4", {"train": 11, "validation": 2}), ("published", {"validation": 13})],
)
def test_the_builder_builds_it(twin, tmp_path, config, counts):
    builder = prepared(builders.builder(f"vtt_friends/{config}", data_dir=tmp_path), twin)

    assert counts_of(builder) == counts
    assert {reason for left in builder.info.metadata["left_out"].values() for reason in left} == {
        "no emotion"
    }


def test_too_few_clips_are_an_error():
    for make in (vtt_friends.oracle, vtt_friends.plan):
        with pytest.raises(EmoError, match=r"size: expected 10 clips or more\. Received: 9"):
            make(seed=0, size=9)


def test_an_unknown_form_is_an_error(tmp_path):
    with pytest.raises(EmoError, match="Unknown form: did you mean video"):
        write_vtt_friends(tmp_path / "twin", form="videos")
    assert not list(tmp_path.iterdir())
