"""The builder: under TFDS's own test case, with Beam, and from frames as from videos."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets import testing

from emo_tf.corpora.testing import BEAM_OPTIONS, assert_same_data, counts_of, prepared, tfds_build
from emo_tf.data.miniature.vtt_friends import write_vtt_friends
from emo_tf.errors import EmoError
from emo_tf.labels import EXPRESSIONS

from . import vtt_friends_dataset_builder
from .clips import crop_square
from .hard_copies import (
    NONE,
    annotations_path,
    frame,
    person,
    record,
    write_annotations,
    write_friends,
    write_video,
)
from .source import EPISODES

Builder = vtt_friends_dataset_builder.Builder


def write_hard_copy(folder: Path) -> Path:
    """Writes ten episodes: folders of frames, but the second is a video."""
    two = {"Ross": person("Sadness"), "Joey": person("anger")}
    records = [
        record(12, period_num=2),
        record(8, people=two, period_num="1", start_time="00:00:00;18", end_time="01:00:02;00"),
        record(1, period_num="1"),
        record(8, people={"Ross": person(face_rect=NONE), "Monica": person("fear")}),
    ]
    write_friends(folder, {1: records, 2: records, 9: [record(9)]})
    (folder / "ep01" / "00013.jpg").unlink()
    folder_of_frames = folder / "ep02"
    for path in folder_of_frames.iterdir():
        path.unlink()
    folder_of_frames.rmdir()
    name = "1x02 - The One with the Sonogram at the End.mkv"
    write_video(folder / name, [frame(number, episode=2) for number in range(13)])
    return folder


class ClipsTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ["clips4", "clips8", "clips16"]  # noqa: RUF012
    SPLITS = {"train": 8, "validation": 2}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_friends(tmp_path_factory.mktemp("friends") / "raw")


class PublishedTest(testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ["published"]  # noqa: RUF012
    SPLITS = {"validation": 14}  # noqa: RUF012

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _write_raw_files(cls, tmp_path_factory):
        cls.EXAMPLE_DIR = write_hard_copy(tmp_path_factory.mktemp("friends") / "raw")


def build(raw, data_dir, config="clips4", **options):
    return prepared(Builder(config=config, data_dir=data_dir), raw, **options)


def examples_of(builder, split):
    """Returns the examples of a split by episode, record and character."""
    examples = {}
    for example in tfds.as_numpy(builder.as_dataset(split=split)):
        character = builder.info.features["character"].int2str(example["character"])
        examples[int(example["episode"]), int(example["record"]), character] = example
    return examples


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write_hard_copy(tmp_path_factory.mktemp("friends") / "raw")


@pytest.fixture(scope="module")
def builder(raw, tmp_path_factory):
    return build(raw, tmp_path_factory.mktemp("data"))


def test_an_example_reads_back_value_by_value(builder):
    example = examples_of(builder, "train")[1, 1, "joey"]

    left, top, side = crop_square((20, 10, 36, 34))
    frames = [frame(number)[top : top + side, left : left + side] for number in range(6, 10)]
    np.testing.assert_array_equal(example.pop("frames"), frames)
    assert builder.info.features["character"].int2str(example.pop("character")) == "joey"
    assert EXPRESSIONS[example.pop("label")] == "angry"
    assert {name: np.array(value).tolist() for name, value in example.items()} == {
        "episode": 1,
        "period": 1,
        "key_frame": 8,
        "box_xywh": [20, 10, 16, 24],
        "crop_xywh": [left, top, side, side],
        "start_s": 0.75,
        "end_s": 3602,
        "record": 1,
    }


def test_frames_can_be_decoded_by_the_reader(builder):
    decoders = {"frames": tfds.decode.SkipDecoding()}
    dataset = builder.as_dataset(split="train", decoders=decoders).map(
        lambda example: tf.map_fn(
            lambda file: tf.image.resize(tf.io.decode_png(file), (24, 24)),
            example["frames"],
            fn_output_signature=tf.float32,
        ),
        num_parallel_calls=2,
    )

    assert [len(batch) for batch in dataset.batch(8)] == [8, len(examples_of(builder, "train")) - 8]


def test_every_usable_face_is_an_example_and_the_others_are_listed(builder):
    assert sorted(key for key in examples_of(builder, "train") if key[0] < 3) == [
        (1, 1, "joey"),
        (1, 1, "ross"),
        (1, 3, "monica"),
        (2, 1, "joey"),
        (2, 1, "ross"),
        (2, 3, "monica"),
    ]
    metadata = builder.info.metadata
    assert metadata["left_out"] == {
        "train": {"missing frame": 4, "no emotion": 66, "no face box": 2},
        "validation": {"no emotion": 10},
    }
    listed = metadata["left_out_items"]["train"]
    file = "s01_ep0{}_tag2_visual_Final_180809.json, record"
    assert listed["no face box"] == [
        f"{file.format(episode)} 3, ross: face_rect is none" for episode in (1, 2)
    ]
    assert [text.split(": ")[0] for text in listed["missing frame"]] == [
        f"{file.format(episode)} {index}, ross" for episode in (1, 2) for index in (2, 0)
    ]
    assert listed["missing frame"][1].endswith("ep01/00013.jpg is missing")
    assert listed["missing frame"][3].endswith(".mkv has 13 frames, frame 13 is missing")


def test_classes_are_counted(builder):
    assert builder.info.metadata["classes"] == {
        "train": {"angry": 2, "sad": 2, "fear": 2, "happy": 6},
        "validation": {"happy": 2},
    }


def test_published_figures_are_those_of_all_clips():
    classes = (633, 646, 145, 2728, 476, 622, 8119)
    for config, split in (
        *((f"clips{frames}", "train+validation") for frames in (4, 8, 16)),
        ("published", "validation"),
    ):
        builder = Builder(config=config)
        assert builder.published_counts == {split: 13369}
        assert builder.published_classes == {split: dict(zip(EXPRESSIONS, classes, strict=True))}
    assert Builder().builder_config.name == "clips4"


@pytest.mark.slow
def test_beam_gives_the_same_examples_and_the_same_counts(raw, builder, tmp_path):
    by_beam = build(raw, tmp_path, beam=BEAM_OPTIONS)

    assert_same_data(by_beam, builder)


def test_a_copy_with_fewer_episodes_is_an_error_before_anything_is_started(tmp_path):
    raw = write_friends(tmp_path / "raw")
    for path in ("s01_ep07_tag2_visual_Final_180809.json", "ep07"):
        (raw / path).rename(tmp_path / path)

    for check in (Builder(data_dir=tmp_path).check_manual_dir, lambda raw: build(raw, tmp_path)):
        with pytest.raises(EmoError, match="vtt_friends is not complete: no ") as caught:
            check(raw)
        assert f"{annotations_path(raw, 7)} (missing)" in str(caught.value)
        assert f"{raw / 'ep07'} (missing), {raw / 'ep07.mkv'} (missing)" in str(caught.value)
        assert f"{raw / 'ep08'} (found)" in str(caught.value)
    assert not list(tmp_path.rglob("*.tfrecord*"))


def test_an_episode_without_its_annotations_is_an_error_that_names_it(tmp_path):
    raw = write_friends(tmp_path / "raw")
    annotations_path(raw, 7).unlink()

    with pytest.raises(EmoError, match=r"episode 7: expected .*s01_ep07_.* beside .*ep07"):
        build(raw, tmp_path)


def test_a_broken_annotation_of_the_last_episode_stops_the_build_at_once(tmp_path):
    raw = write_friends(tmp_path / "raw")
    write_annotations(annotations_path(raw, 10), record(people={"Ross": person("Joyful")}))

    with pytest.raises(EmoError, match=r"s01_ep10_.*, record 0, ross: Unknown emotion"):
        build(raw, tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*.tfrecord*"))


def test_a_broken_video_stops_the_build_with_its_name(tmp_path):
    raw = write_friends(tmp_path / "raw")
    (raw / "ep05").rename(tmp_path / "ep05")
    (raw / "S01E05.mp4").write_bytes(b"no video")

    with pytest.raises(EmoError, match=r"S01E05\.mp4: expected a whole video"):
        build(raw, tmp_path / "data")


@pytest.mark.slow
def test_the_twin_gives_the_same_from_frames_and_from_videos(tmp_path):
    built = [
        build(write_vtt_friends(tmp_path / form, form=form), tmp_path / f"{form} data", "clips16")
        for form in ("frames", "video")
    ]

    assert counts_of(built[0]) == {"train": 8, "validation": 2}
    assert_same_data(*built)


@pytest.mark.slow
def test_the_tfds_command_builds_the_same_from_frames_and_from_videos(tmp_path):
    for form in ("frames", "video"):
        raw = write_vtt_friends(tmp_path / form / "raw", form=form, clips=20)
        tfds_build(Path(__file__).parent, raw=raw, data_dir=tmp_path / form)

    for config in Builder.builder_configs:
        from_frames, from_videos = (
            tfds.builder(f"vtt_friends/{config}", data_dir=tmp_path / form)
            for form in ("frames", "video")
        )
        assert sum(counts_of(from_frames).values()) == 2 * len(EPISODES)
        assert_same_data(from_videos, from_frames)
