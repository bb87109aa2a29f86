"""What is said of pictures with more faces than a model takes."""

from emo_tf.results import PhotoResult

MOST = 10
"""Pictures that are named."""


class FaceNotes:
    """Gathers what verdicts say of faces that they did not look at."""

    def __init__(self):
        self._notes: list[str] = []

    def add(self, result: PhotoResult) -> None:
        """Keeps the note on one picture, if there is one."""
        if result.group and result.group.note:
            self._notes.append(f"{result.source}: {result.group.note}")

    def lines(self) -> list[str]:
        """Returns a line a picture, and one on those beyond `MOST`."""
        rest = len(self._notes) - MOST
        return self._notes[:MOST] + [f"and so in {rest} more; see note in --json"] * (rest > 0)
