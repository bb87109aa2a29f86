"""Loading what only the extra `train` brings."""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator

from emo_tf.extras import needing_extra
from emo_tf.runtime.native_output import without_lines

# TensorFlow says these while it is loaded and looks for a GPU, whatever TF_CPP_MIN_LOG_LEVEL is.
_NOTICES = rb"I0000 |WARNING: All log messages before absl::|E0000 .* failed call to cuInit"


@contextlib.contextmanager
def loading(verb: str) -> Iterator[None]:
    """Lets a verb import TensorFlow and what stands on it inside the block.

    Their notices about themselves are hidden.

    Raises:
        EmoError: A module is missing: the extra is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # The trainer's steps are TensorFlow's, whatever the user's Keras is set to.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    # TFDS warns of the folders that it is about to fill.
    logging.getLogger("absl").setLevel(logging.ERROR)
    with needing_extra("train", what=verb), without_lines(_NOTICES):
        yield
        if "tensorflow" in sys.modules:
            sys.modules["tensorflow"].config.list_physical_devices()
