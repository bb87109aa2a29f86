"""Why the answers file refuses something, where a server tells these apart."""

from emo_tf.errors import EmoError


class NotFound(EmoError):  # noqa: N818
    """A picture, a person or an annotator that the file does not hold."""


class Taken(EmoError):  # noqa: N818
    """A box that has to stay as it is: another annotator has answered about the person in it."""


class NotSaved(EmoError):  # noqa: N818
    """The disk refused: nothing of this was saved, and everything before it still is."""
