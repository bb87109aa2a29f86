"""`emo-tf evaluate group` with a model that looks at faces."""

import json

import numpy as np

from emo_tf.runtime.image_io import write_image
from tests.crowds import crowd
from tests.group_models import write_face_tflite


def test_pictures_without_faces_have_no_verdict_and_the_smallest_face_is_told(
    tmp_path, run_here, astronaut
):
    write_image(tmp_path / "val" / "positive" / "pair.png", crowd(astronaut, 2))
    blank = np.full((50, 70, 3), (0, 200, 0), np.uint8)
    write_image(tmp_path / "val" / "neutral" / "bare.png", blank)
    write_face_tflite(tmp_path / "local.tflite", name="Local", detection={"min_face": 20})
    code, _, _ = run_here("evaluate", "group", "val", "--model", "local.tflite", "--out", "out")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text("utf-8"))
    assert (code, metrics["settings"]["min_face"]) == (0, 20)
    assert (metrics["pictures"], metrics["without_verdict"]) == (2, 1)
    assert metrics["reasons"] == {"no face of at least 20 pixels found": 1}
    assert metrics["follows"] == {"Local": 1}
