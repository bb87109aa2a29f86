"""What a model of groups reads of a picture and of the faces in it."""

from dataclasses import dataclass

from emo_tf.errors import EmoError, unknown_name
from emo_tf.runtime.face_align import ALIGNMENTS

BOX = "box"
"""The alignment that is none: the surroundings of a face's box, cut out of the picture."""


@dataclass(frozen=True)
class GroupInputs:
    """What is read of a picture.

    Attributes:
        image_size: Height and width in pixels of the whole picture, `None` for none.
        faces: Most cut-out faces of a picture, the largest first; 0 for none.
        alignment: How they are cut out: `vlgiitr`, `sphereface` or `box`.
        face_size: Height and width in pixels of faces cut out by their box; the other alignments
            have their own.
        features: Most faces of a picture whose O-Net features are read; 0 for none.

    Raises:
        EmoError: Nothing is asked for, an alignment is unknown, or the arguments do not fit one
            another.
    """

    image_size: tuple[int, int] | None = None
    faces: int = 0
    alignment: str | None = None
    face_size: tuple[int, int] | None = None
    features: int = 0

    def __post_init__(self) -> None:
        for name in ("faces", "features"):
            if getattr(self, name) < 0:
                raise EmoError(f"{name}: expected 0 or more. Received: {getattr(self, name)}")
        if not (self.image_size or self.faces or self.features):
            raise EmoError("inputs: expected pictures, faces or features. Received: none of them")
        if self.alignment is not None and self.alignment not in (*ALIGNMENTS, BOX):
            raise unknown_name("alignment", self.alignment, (*ALIGNMENTS, BOX))
        if bool(self.faces) != (self.alignment is not None):
            raise EmoError(
                "alignment: expected one where there are faces, and there alone. "
                f"Received: faces={self.faces}, alignment={self.alignment!r}"
            )
        if (self.alignment == BOX) != (self.face_size is not None):
            raise EmoError(
                f"face_size: expected a size for the alignment {BOX}, and for no other. "
                f"Received: face_size={self.face_size}, alignment={self.alignment!r}"
            )

    @property
    def crop_size(self) -> tuple[int, int]:
        """Height and width in pixels of a cut-out face.

        Raises:
            EmoError: No faces are asked for.
        """
        if self.alignment is None:
            raise EmoError("crop_size: expected faces to be asked for. Received: faces=0")
        return self.face_size or ALIGNMENTS[self.alignment].size
