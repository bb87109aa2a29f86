"""A picture of people as models of groups take it."""

from collections.abc import Mapping, Sequence

import numpy as np

from emo_tf.results import Face
from emo_tf.runtime.face_align import crop_face
from emo_tf.runtime.resizing import resize


class GroupPicture:
    """Cuts out of a picture what models of groups look at, once where several look at the same.

    Args:
        image: Upright RGB picture, uint8 (H, W, 3).
        faces: Its faces, N of them, in any order.
        features: What O-Net saw in each, float32 (N, D), where a model asks for it.

    Example:
        >>> picture = GroupPicture(image, *find_faces_with_features(detector, image))
        >>> crops = picture.crops({"preset": "sphereface"}, size=(112, 96), most=15)
        >>> crops.shape
        (5, 112, 96, 3)
    """

    def __init__(
        self, image: np.ndarray, faces: Sequence[Face] = (), features: np.ndarray | None = None
    ):
        self._image = image
        self._faces = faces
        self._features = features
        # float32 as the boxes of a prepared data set, where the faces have to come in this order.
        sides = np.array([face.box_xywh[2:] for face in faces], np.float32).reshape(-1, 2)
        self._largest_first = np.argsort(-sides.prod(axis=1), kind="stable")
        self._made: dict[object, np.ndarray] = {}

    @property
    def face_count(self) -> int:
        """How many faces it has."""
        return len(self._faces)

    def largest(self, most: int) -> np.ndarray:
        """Returns the numbers of the faces with the largest boxes, the largest first, (n,).

        Args:
            most: How many at most; of faces of one size those that come first.
        """
        return self._largest_first[:most]

    def whole(self, size: tuple[int, int]) -> np.ndarray:
        """Returns all of it at that height and width, uint8 (*size, 3)."""
        if size not in self._made:
            self._made[size] = resize(self._image, size)
        return self._made[size]

    def crops(self, crop: Mapping, *, size: tuple[int, int], most: int) -> np.ndarray:
        """Cuts out its largest faces.

        Args:
            crop: As of `face_align.crop_face`.
            size: Height and width of the crops.
            most: As of `largest`.

        Returns:
            uint8 (n, *size, 3).

        Raises:
            EmoError: A setting cannot be used.
        """
        key = (repr(sorted(crop.items())), size, most)
        if key not in self._made:
            crops = np.empty((len(self.largest(most)), *size, 3), np.uint8)
            for place, index in enumerate(self.largest(most)):
                crops[place] = crop_face(
                    self._image, self._faces[index], crop, size=size, colour="rgb"
                )
            self._made[key] = crops
        return self._made[key]

    def features(self, most: int) -> np.ndarray:
        """Returns the features of its largest faces, float32 (n, D); `most` as of `largest`."""
        return self._features[self.largest(most)]
