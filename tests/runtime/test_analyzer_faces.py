"""Pictures judged by models that look at faces."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.ensemble import Ensemble
from emo_tf.runtime.face_align import align_face
from emo_tf.runtime.face_detector import MIN_FACE
from emo_tf.runtime.image_io import read_image
from tests.crowds import crowd
from tests.group_models import verdict_on_faces, write_face_tflite, write_group_tflite

MOST = 15
BLANK = np.full((50, 70, 3), (0, 200, 0), np.uint8)
LEARNT_FROM = {"min_face": 20}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with models of faces, of faces and picture, of features, and of pictures alone."""
    folder = tmp_path_factory.mktemp("models")
    for name, settings in {
        "faces": {},
        "both": {"image": (24, 32)},
        "features": {"takes": "face_features"},
    }.items():
        write_face_tflite(
            folder / f"{name}.tflite",
            name=f"by_{name}",
            most=MOST,
            detection=LEARNT_FROM,
            **settings,
        )
    write_group_tflite(folder / "picture.tflite", name="by_picture")
    return folder


@pytest.fixture(scope="module")
def of_faces(files):
    return Analyzer(group_models=[files / "faces.tflite"], threads=1)


def largest_first(result) -> list[int]:
    areas = [face.box_xywh[2] * face.box_xywh[3] for face in result.faces]
    return sorted(range(len(areas)), key=lambda index: -areas[index])


def test_of_forty_faces_the_fifteen_largest_count_and_the_result_says_so(of_faces, astronaut):
    picture = crowd(astronaut, 40)
    result = of_faces.analyze(picture)
    assert len(result.faces) == 40
    looked_at, rest = largest_first(result)[:MOST], largest_first(result)[MOST:]
    shades = [
        align_face(picture, result.faces[index].landmarks, "sphereface").mean(axis=(0, 1))
        for index in looked_at
    ]
    verdict, weights = verdict_on_faces(shades)
    group = result.group
    assert (group.source, group.note) == (
        "by_faces",
        "by_faces looked at the 15 largest of 40 faces",
    )
    np.testing.assert_allclose([*group.probabilities.values()], verdict, atol=1e-3)
    np.testing.assert_allclose(np.array(group.face_weights)[looked_at], weights, atol=1e-3)
    assert {group.face_weights[index] for index in rest} == {0}
    assert np.ptp(weights) > 0.02, "weights alike would test nothing"


def test_fifteen_faces_are_all_looked_at_without_a_word(of_faces, astronaut):
    result = of_faces.analyze(crowd(astronaut, MOST))
    assert (len(result.faces), result.group.note) == (MOST, None)
    assert min(result.group.face_weights) > 0


def test_a_picture_without_faces_has_a_verdict_of_those_models_that_look_at_the_picture(files):
    models = [files / "faces.tflite", files / "both.tflite"]
    analyzer = Analyzer(group_models=models, threads=1)
    result = analyzer.analyze(BLANK)
    group = result.group
    assert (group.source, group.face_weights, group.note) == ("by_both", (), None)
    assert group.verdicts["by_faces"] is group.verdicts["ensemble"] is None
    by_hand, _ = verdict_on_faces([], image=(0, 200, 0))
    np.testing.assert_allclose([*group.probabilities.values()], by_hand, atol=1e-3)
    assert result.reason == "no face of at least 20 pixels found"


def test_a_picture_without_faces_has_no_verdict_of_a_model_of_faces_alone(of_faces):
    result = of_faces.analyze(BLANK)
    assert (result.group, result.reason) == (None, "no face of at least 20 pixels found")


def test_a_face_far_smaller_than_the_aligned_crop_is_enlarged_and_counts(of_faces, astronaut):
    small = cv2.resize(read_image(astronaut), (120, 120), interpolation=cv2.INTER_AREA)
    result = of_faces.analyze(small)
    (face,) = result.faces
    assert max(face.box_xywh[2:]) < 40
    assert (result.group.source, result.group.face_weights) == ("by_faces", (1.0,))


def test_the_smallest_face_looked_for_is_what_the_models_learnt_from_unless_told(files, of_faces):
    assert of_faces.min_face == 20
    assert Analyzer(threads=1).min_face == MIN_FACE
    picture = [files / "picture.tflite"]
    assert Analyzer(group_models=picture, threads=1).min_face == MIN_FACE
    models = [*picture, files / "faces.tflite"]
    assert Analyzer(group_models=models, threads=1).min_face == 20
    assert Analyzer(group_models=models, min_face=60, threads=1).min_face == 60


def test_features_of_faces_reach_the_model_also_of_one_that_fills_its_picture(files, astronaut):
    analyzer = Analyzer(group_models=[files / "features.tflite"], threads=1)
    whole = read_image(astronaut)
    for picture in (whole, np.ascontiguousarray(whole[85:165, 185:260])):
        result = analyzer.analyze(picture)
        assert len(result.faces) == 1
        assert (result.group.source, result.group.face_weights) == ("by_features", (1.0,))
        assert result.group.verdicts["by_features"] is not None


def test_pictures_with_many_few_and_no_faces_are_judged_together_as_alone(files, astronaut):
    models = [files / f"{name}.tflite" for name in ("both", "faces", "picture", "features")]
    analyzer = Analyzer(group_models=models, threads=1)
    pictures = [BLANK, crowd(astronaut, 3), crowd(astronaut, 17), BLANK, crowd(astronaut, 1)]
    alone = [analyzer.analyze(picture) for picture in pictures]
    together = [*analyzer.analyze_many(pictures)]
    assert [len(result.faces) for result in together] == [0, 3, 17, 0, 1]
    for one, other in zip(alone, together, strict=True):
        assert other.group.label == one.group.label
        assert replace(other.group, **_numbers(one.group)) == one.group
        for name, verdict in one.group.verdicts.items():
            assert other.group.verdicts[name] == (verdict and pytest.approx(verdict, abs=1e-6))
        assert other.group.face_weights == pytest.approx(one.group.face_weights, abs=1e-6)
        assert other.timings_ms["group"] > 0


def _numbers(group) -> dict:
    fields = ("probabilities", "verdicts", "face_weights")
    return {name: getattr(group, name) for name in fields}


def test_an_ensemble_weighs_faces_as_its_members_do_on_average(files, tmp_path, astronaut):
    Ensemble(("by_faces", "faces", "by_picture"), "mean").save(tmp_path / "ensemble.json")
    analyzer = Analyzer(
        group_models=[files / "faces.tflite", files / "picture.tflite"],
        ensemble=tmp_path / "ensemble.json",
        threads=1,
    )
    picture = crowd(astronaut, 3)
    group = analyzer.analyze(picture).group
    alone = Analyzer(group_models=[files / "faces.tflite"], threads=1).analyze(picture).group
    assert (group.source, list(group.probabilities)) == ("ensemble", list(GROUP_EMOTIONS))
    by_hand = (np.array(alone.face_weights) + 1 / 3) / 2
    np.testing.assert_allclose(group.face_weights, by_hand, atol=1e-6)
