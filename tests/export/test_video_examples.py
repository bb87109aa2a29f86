"""The clips that models of clips are measured on, and what their ranges come from."""

import numpy as np
import pytest

from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.export import split_use
from emo_tf.export.run_files import read_run_files
from emo_tf.export.video import CALIBRATION_CLIPS, video_exportable
from emo_tf.labels import EXPRESSIONS
from tests.video_exports import FRIENDS, KINDS, real_clips, video_run

FADING = {"change": 1.0, "fade": [1, 2]}


@pytest.fixture(scope="module")
def exportables(tmp_path_factory, video_twin):
    """Makes what is exported of a run on a data set of the twin."""
    folder = tmp_path_factory.mktemp("runs")

    def make(kind: str, dataset: str = FRIENDS, *, limit: int | None = None, **provenance):
        data = {"dataset": dataset, "data_dir": str(video_twin)}
        place = folder / f"{len([*folder.iterdir()])}"
        run = video_run(place, kind, arguments=KINDS[kind], data=data, moving=FADING, **provenance)
        return video_exportable(read_run_files(run), limit=limit)

    return make


def joined(batches) -> np.ndarray:
    return np.concatenate([batch["clip"] for batch in batches])


def answers(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Returns probabilities of frames that are sure of these labels, (N, T)."""
    return {"frame_probabilities": np.eye(7)[labels] * 0.93 + 0.01}


def test_the_clips_are_those_of_validation_as_the_files_take_them(exportables, video_twin):
    examples = exportables("residual").examples
    clips = joined(examples.batches())
    whole = real_clips("residual", video_twin, count=4, frames=8, split="validation")
    np.testing.assert_array_equal(clips, whole[:, 1:7])  # Round the key frame.
    assert (clips.dtype, examples.count, examples.real) == (np.uint8, 4, True)
    assert examples.source == "vtt_friends, split validation"


def test_the_last_frames_decide_and_all_of_them_are_counted(exportables, video_twin):
    dataset = builders.prepared(FRIENDS, data_dir=video_twin)
    labels = np.array([one["label"] for one in builders.read(dataset, split="validation")])
    by_frame = np.repeat(labels[:, None], 4, axis=1)
    by_frame[:, :1] = (labels[:, None] + 1) % 7  # Two of the last two frames are right.
    measured = exportables("stage").examples.labels.measure(answers(by_frame))
    assert measured.metrics["accuracy"] == measured.metrics["mean_recall"] == 1
    assert measured.metrics["frame_accuracy"] == 0.75
    assert measured.slices.keys() == {f"label={name}" for name in EXPRESSIONS}
    assert np.trace(measured.classes["confusion"]) == len(labels)


@pytest.mark.slow
def test_faces_of_fer2013_move_and_change_and_each_frame_has_its_label(exportables):
    found = exportables("residual", "fer2013")
    clips = joined(found.examples.batches())
    assert found.examples.source == "fer2013, split public_test, set moving"
    assert len(clips) == found.examples.count > 0
    assert (np.abs(np.diff(clips.astype(int), axis=1)).max(axis=(2, 3, 4)) > 0).all()
    np.testing.assert_array_equal(clips, joined(found.examples.batches()))
    labels = found.examples.labels
    constant = np.zeros((len(clips), 6), int)
    # Every face fades into one of another label: no single answer is right of all its frames.
    assert labels.measure(answers(constant)).metrics["frame_accuracy"] < 1
    assert (labels.dataset, labels.split) == ("fer2013", "public_test")


@pytest.mark.parametrize(
    ("provenance", "use"),
    [
        ({}, split_use.UNKNOWN),
        ({"train_split": "train", "validation_split": "validation"}, split_use.VALIDATED_ON),
        ({"train_split": "train+validation", "validation_split": "x"}, split_use.TRAINED_ON),
    ],
    ids=["nothing is told", "it validates", "it is trained on"],
)
def test_it_is_told_what_training_did_with_the_clips(exportables, provenance, use):
    assert exportables("none", **provenance).examples.labels.use == use


def test_a_limit_takes_the_first_clips(exportables):
    whole, few = exportables("residual"), exportables("residual", limit=2)
    assert few.examples.count == 2
    np.testing.assert_array_equal(
        joined(few.examples.batches()), joined(whole.examples.batches())[:2]
    )


def test_ranges_of_int8_come_from_frames_with_the_states_that_they_come_with(exportables):
    exportable = exportables("residual")
    given = [*exportable.calibration()]
    assert len(given) == min(16, CALIBRATION_CLIPS) * 6
    assert {one["frame"].shape for one in given} == {(1, 32, 32, 1)}
    for place, one in enumerate(given):
        states = [one[name] for name in exportable.metadata.states]
        assert all(state.any() for state in states) == (place % 6 > 0)
    model = exportable.model
    second = model({name: values.astype(np.float32) for name, values in given[0].items()})
    np.testing.assert_allclose(given[1]["state_2"], second["state_2"], atol=1e-5)


def test_a_model_of_clips_gets_its_ranges_from_whole_clips(exportables):
    given = [*exportables("two-way").calibration()]
    assert {one["clip"].shape for one in given} == {(1, 4, 32, 32, 1)}


def test_a_data_set_that_does_not_lie_there_is_refused(tmp_path):
    data = {"dataset": FRIENDS, "data_dir": str(tmp_path / "nowhere")}
    run = video_run(tmp_path / "run", "none", arguments=KINDS["none"], data=data)
    with pytest.raises(EmoError, match="vtt_friends"):
        video_exportable(read_run_files(run))


@pytest.mark.parametrize(
    ("datasets", "words"),
    [
        (["FER2013"], ["How a real face moves is not in them", "stills, which have no frame rate"]),
        (["FER2013", "Friends of the Video Turing Test"], ["drawn faces", "is not stated"]),
        (["Faces of mine"], ["Faces of mine."]),
    ],
    ids=["stills", "clips too", "unknown"],
)
def test_the_card_tells_of_the_data_that_the_model_learnt_from(exportables, datasets, words):
    card = exportables("residual", datasets=datasets).card
    for word in words:
        assert word in f"{card.about} {card.data}"
