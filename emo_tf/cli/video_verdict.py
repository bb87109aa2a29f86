"""The verdict on a video: the mean of those on its frames."""

from emo_tf.results import Group
from emo_tf.video_results import FrameResult


class VideoVerdict:
    """Averages the verdicts on the frames of a video, in constant memory.

    Attributes:
        frames: How many had a verdict.
    """

    def __init__(self):
        self.frames = 0
        self._sums: dict[str, float] = {}
        self._source = ""

    def add(self, result: FrameResult) -> None:
        """Takes note of a frame, if it has a verdict."""
        if result.group is None:
            return
        self.frames += 1
        self._source = result.group.source
        for label, probability in result.group.probabilities.items():
            self._sums[label] = self._sums.get(label, 0.0) + probability

    def mean(self) -> Group:
        """Returns the verdict; there has to be a frame that has one."""
        means = {label: total / self.frames for label, total in self._sums.items()}
        return Group(max(means, key=means.get), means, source=self._source)
