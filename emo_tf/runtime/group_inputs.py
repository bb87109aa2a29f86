"""What a model of groups looks at, as its file says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.model_metadata import ImageInput, ModelMetadata
from emo_tf.results import Face
from emo_tf.runtime.face_align import ALIGNMENTS, crop_face
from emo_tf.runtime.face_detector import FEATURES as FEATURE_UNITS
from emo_tf.runtime.group_picture import GroupPicture
from emo_tf.runtime.group_view import GroupView

IMAGE, FACES, MASK, FEATURES = "image", "faces", "face_mask", "face_features"
_SIDE = 64


@dataclass(frozen=True)
class GroupInputs:
    """What a model takes of a picture.

    Attributes:
        image_size: Height and width of the whole picture; `None` where it is not looked at.
        faces: Most faces that it takes; 0 where it looks at none.
        face_size: Height and width of the faces cut out; `None` where it takes no pixels of them.
        crop: How they are cut out; see `face_align.crop_face`.
        features: Units of O-Net that it takes of each face; 0 for none.
    """

    image_size: tuple[int, int] | None = None
    faces: int = 0
    face_size: tuple[int, int] | None = None
    crop: Mapping[str, object] = field(default_factory=dict)
    features: int = 0

    @classmethod
    def of(cls, metadata: ModelMetadata, *, source: str) -> "GroupInputs":
        """Reads them from what a file says about its model.

        Args:
            metadata: Of a model of the task `group`.
            source: The file, for messages.

        Raises:
            EmoError: The model takes something that no picture gives, or says too little of it.
        """
        shapes = {name: array.shape for name, array in metadata.arrays.items()}
        taken = {*metadata.inputs, *shapes}
        of_faces = taken & {FACES, FEATURES}
        if (
            not taken & {IMAGE, FACES, FEATURES}
            or taken - {IMAGE, FACES, FEATURES, MASK}
            or bool(of_faces) != (MASK in taken)
        ):
            raise EmoError(
                f"{source}: expected the inputs {IMAGE}, {FACES} and {FEATURES}, or some of them, "
                f"with {MASK} where there are faces. Received: {', '.join(sorted(taken))}"
            )
        image, faces = metadata.inputs.get(IMAGE), metadata.inputs.get(FACES)
        if image and (not _is_fixed(image) or len(image.shape) != 3):
            raise EmoError(
                f"{source}: expected a whole picture in colour and of fixed size. Received: {image}"
            )
        if faces and (not _is_fixed(faces) or faces.faces is None):
            raise EmoError(
                f"{source}: expected a number of faces in colour and of fixed size. "
                f"Received: {faces}"
            )
        most = shapes[MASK][0] if len(shapes.get(MASK, ())) == 1 else 0
        expected = {MASK: (most,), FEATURES: (most, FEATURE_UNITS)}
        agrees = all(expected[name] == shape for name, shape in shapes.items())
        if of_faces and (not most or not agrees or (faces and faces.faces != most)):
            received = f"{shapes}" + (f" and {faces.faces} {FACES}" if faces else "")
            raise EmoError(
                f"{source}: expected one number of faces in all inputs, F in {MASK} and "
                f"(F, {FEATURE_UNITS}) in {FEATURES}. Received: {received}"
            )
        face_size = (faces.height, faces.width) if faces else None
        _check_crop(metadata.crop, face_size, source=source)
        return cls(
            image_size=(image.height, image.width) if image else None,
            faces=most,
            face_size=face_size,
            crop=metadata.crop,
            features=FEATURE_UNITS if FEATURES in shapes else 0,
        )

    def look(self, picture: GroupPicture) -> GroupView:
        """Takes from a picture what the model is given of it.

        Args:
            picture: With the features of its faces where `features` is not 0.

        Raises:
            EmoError: A face cannot be cut out.
        """
        arrays = {}
        if self.image_size:
            arrays[IMAGE] = picture.whole(self.image_size)
        if self.face_size:
            arrays[FACES] = picture.crops(self.crop, size=self.face_size, most=self.faces)
        if self.features:
            arrays[FEATURES] = picture.features(self.faces)
        return GroupView(arrays, picture.largest(self.faces), picture.face_count)

    def batched(self, views: Sequence[GroupView]) -> dict[str, np.ndarray]:
        """Joins views to what the network takes, zeros where a picture has fewer faces.

        Returns:
            Arrays by the names of the model's inputs.
        """
        batch = {}
        for name, array in views[0].arrays.items():
            if name == IMAGE:
                batch[name] = np.stack([view.arrays[name] for view in views])
                continue
            batch[name] = np.zeros((len(views), self.faces, *array.shape[1:]), array.dtype)
            for row, view in zip(batch[name], views, strict=True):
                row[: len(view.looked_at)] = view.arrays[name]
        if self.faces:
            counts = np.array([len(view.looked_at) for view in views])
            batch[MASK] = np.float32(np.arange(self.faces) < counts[:, None])
        return batch


def _is_fixed(image: ImageInput) -> bool:
    return None not in image.shape and image.channels == 3 and image.frames is None


def _check_crop(crop: Mapping, size: tuple[int, int] | None, *, source: str) -> None:
    """Cuts a face out of an empty picture, so that what cannot be done is known at once."""
    if size is None:
        if crop:
            raise EmoError(
                f"{source}: expected a crop where there are {FACES} alone. "
                f"Received: crop={dict(crop)}"
            )
        return
    landmarks = ALIGNMENTS["sphereface"].template
    face = Face((0, 0, _SIDE, _SIDE), 1.0, landmarks)
    with in_place(source):
        crop_face(np.zeros((_SIDE, _SIDE, 3), np.uint8), face, crop, size=size, colour="rgb")
