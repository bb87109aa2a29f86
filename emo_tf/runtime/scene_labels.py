"""What a labeller saw in pictures: their scene labels as a JSON file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import read_object, replace_whole
from emo_tf.runtime.picture_keys import check_told_apart, longest_ending


@dataclass(frozen=True)
class SceneLabels:
    """The scene labels of pictures.

    Attributes:
        by_picture: Labels in lower case by picture: its file name, or a path that ends so.
        source: Where they come from, for messages.

    Example:
        >>> labels = SceneLabels({"pos_1.jpg": ("team", "trophy")})
        >>> labels.of("album/pos_1.jpg")
        ('team', 'trophy')
    """

    by_picture: Mapping[str, tuple[str, ...]]
    source: str = "labels"

    @classmethod
    def read(cls, path: Path) -> "SceneLabels":
        """Reads a file such as `{"pos_1.jpg": ["team", "trophy"], "neg_1.jpg": []}`.

        Labels are brought to lower case, blanks about them taken off; one that stands twice
        counts once.

        Raises:
            EmoError: The file is missing or unreadable, is no object of lists of text; names the
                picture.
        """
        values = read_object(Path(path), expected="scene labels, a JSON object of lists")
        by_picture = {}
        for picture, labels in values.items():
            if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
                raise EmoError(
                    f"{path}: {picture}: expected a list of labels, each a text. "
                    f"Received: {json.dumps(labels, ensure_ascii=False)[:80]}"
                )
            by_picture[picture] = _tidy(labels)
        return cls(by_picture, str(path))

    def write(self, path: Path) -> None:
        """Writes the file that `read` takes, whole or not at all."""
        text = json.dumps(
            {picture: list(labels) for picture, labels in self.by_picture.items()},
            indent=1,
            ensure_ascii=False,
        )
        with replace_whole(path) as part:
            # A file name that is no UTF-8 has surrogates, which JSON writes just so.
            part.write_text(text + "\n", "utf-8", "backslashreplace")

    @property
    def vocabulary(self) -> frozenset[str]:
        """All labels that occur."""
        return frozenset(label for labels in self.by_picture.values() for label in labels)

    def key_of(self, picture: str | Path) -> str | None:
        """Returns the entry that a picture's path ends with, the longest there is, or `None`."""
        return longest_ending(picture, self.by_picture)

    def of(self, picture: str | Path) -> tuple[str, ...] | None:
        """Returns the labels of a picture, or `None` for one that was not labelled."""
        key = self.key_of(picture)
        return None if key is None else self.by_picture[key]

    def check_told_apart(self, pictures: Iterable[str | Path]) -> None:
        """Checks that no entry stands for two of these pictures.

        Raises:
            EmoError: One does, as `x.jpg` for `a/x.jpg` and `b/x.jpg`.
        """
        check_told_apart(pictures, self.by_picture, source=self.source)


def _tidy(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label.strip().lower() for label in labels))
