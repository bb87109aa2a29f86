"""What the words SOURCE... stand for where a Beam pipeline looks for the pictures."""

from collections.abc import Iterator, Sequence

from emo_tf.beam.addresses import check_reachable, is_remote
from emo_tf.beam.source_file import SourceFile, find_remote
from emo_tf.cli.box_lists import is_box_list
from emo_tf.cli.sources import PICTURE_SUFFIXES, STANDARD_INPUT, expand_sources
from emo_tf.errors import EmoError
from emo_tf.runtime.video_names import is_video


def find_pictures(word: str) -> Iterator[SourceFile]:
    """Finds the pictures that one word of the command line stands for, on a worker."""
    if is_remote(word):
        yield from find_remote(word, PICTURE_SUFFIXES)
        return
    for source in expand_sources([word]):
        yield SourceFile.local(source.name, source.error)


def check_words(words: Sequence[str]) -> None:
    """Checks before any work that words can stand for pictures that workers reach.

    Raises:
        EmoError: One is `-`, a list of people, a video, a webcam or a stream, or lies on a file
            system that Beam does not have here.
    """
    for word in words:
        if word == STANDARD_INPUT:
            kind = "standard input"
        elif is_box_list(word):
            kind = "a list of people"
        elif is_video(word):
            kind = "a video"
        else:
            if is_remote(word):
                check_reachable(word, option="SOURCE")
            continue
        raise EmoError(
            f"{word}: expected pictures, folders or patterns of them with --runner. "
            f"Received: {kind}"
        )
