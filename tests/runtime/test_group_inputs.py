from dataclasses import replace

import pytest

from emo_tf.errors import EmoError
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.runtime.group_inputs import GroupInputs

IMAGE = ImageInput(224, 200)
FACES = ImageInput(112, 96, faces=15)
SPHEREFACE = {"preset": "sphereface"}


def metadata(*, inputs, crop=None, **arrays) -> ModelMetadata:
    return ModelMetadata(
        name="made_up",
        task="group",
        description="Made up.",
        version="1",
        inputs=inputs,
        outputs={"probabilities": "Softmax over the classes."},
        arrays={name: ArrayInput(shape, "Numbers.") for name, shape in arrays.items()},
        labels=GROUP_EMOTIONS,
        crop=crop or {},
    )


ATTENTION = metadata(inputs={"image": IMAGE, "faces": FACES}, crop=SPHEREFACE, face_mask=(15,))
AVERAGE = metadata(inputs={"image": IMAGE}, face_mask=(27,), face_features=(27, 256))


def test_each_kind_of_model_says_what_it_takes():
    assert GroupInputs.of(metadata(inputs={"image": IMAGE}), source="a") == GroupInputs((224, 200))
    assert GroupInputs.of(ATTENTION, source="a") == GroupInputs(
        (224, 200), 15, (112, 96), SPHEREFACE
    )
    assert GroupInputs.of(replace(ATTENTION, inputs={"faces": FACES}), source="a") == GroupInputs(
        None, 15, (112, 96), SPHEREFACE
    )
    assert GroupInputs.of(AVERAGE, source="a") == GroupInputs((224, 200), 27, features=256)


OTHER_MASK = {"face_mask": ArrayInput((5,), "Numbers.")}
SHORT = {**AVERAGE.arrays, "face_features": ArrayInput((27, 128), "Numbers.")}


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (metadata(inputs={}), "expected the inputs image, faces and face_features, or some"),
        (metadata(inputs={"scene": IMAGE}), "Received: scene"),
        (metadata(inputs={"image": IMAGE}, box=(4,)), "Received: box, image"),
        (metadata(inputs={"image": IMAGE}, face_mask=(15,)), "with face_mask where there are"),
        (replace(ATTENTION, arrays={}), "with face_mask where .*Received: faces, image"),
        (metadata(inputs={"image": ImageInput(24, None)}), "a whole picture .*of fixed size"),
        (metadata(inputs={"image": ImageInput(24, 24, frames=8)}), "a whole picture .*frames=8"),
        (metadata(inputs={"image": FACES}), "a whole picture .*faces=15"),
        (replace(ATTENTION, inputs={"faces": IMAGE}), "a number of faces .*faces=None"),
        (replace(ATTENTION, inputs={"faces": replace(FACES, colour="grey")}), "in colour.*grey"),
        (replace(ATTENTION, arrays=OTHER_MASK), r"one number of faces.*\(5,\)\} and 15 faces"),
        (replace(AVERAGE, arrays=SHORT), r"\(F, 256\) in face_features.*\(27, 128\)"),
        (metadata(inputs={"image": IMAGE}, crop=SPHEREFACE), "a crop where there are faces alone"),
        (replace(ATTENTION, crop={}), "crop preset"),
        (replace(ATTENTION, crop={"preset": "sphere"}), "crop preset.*sphereface"),
        (replace(ATTENTION, crop={"preset": "vlgiitr"}), r"size: expected \(96, 112\) for"),
        (replace(ATTENTION, crop={"preset": "box", "marign": 1}), "crop preset box.*marign"),
    ],
    ids=[
        *("nothing", "scene", "box", "mask alone", "no mask", "size", "clip", "faces for image"),
        *("no count", "grey", "counts", "features", "crop alone", "no crop", "preset"),
        *("preset of another size", "setting"),
    ],
)
def test_what_no_picture_gives_is_refused_by_its_file(about, message):
    with pytest.raises(EmoError, match=rf"^a\.tflite: .*{message}"):
        GroupInputs.of(about, source="a.tflite")
