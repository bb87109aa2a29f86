"""The verdict on a group over time."""

from dataclasses import replace

import numpy as np

from emo_tf.results import Group
from emo_tf.runtime.smoothing import ExponentialSmoother


class GroupSmoother:
    """Smooths the verdicts on the frames of a video, each source of evidence for itself.

    Args:
        time_constant_s: As `ExponentialSmoother` takes it.

    Raises:
        EmoError: The time is below 0 or no number.
    """

    def __init__(self, time_constant_s: float):
        self._time_constant_s = time_constant_s
        self._by_name: dict[str, ExponentialSmoother] = {}

    def update(self, group: Group | None, time_s: float) -> Group | None:
        """Takes in the verdict on the next frame.

        Args:
            group: The verdict, `None` where there is nothing to go by.
            time_s: When the frame is shown.

        Returns:
            The same with smoothed probabilities.
        """
        if group is None:
            return None
        verdicts = {
            name: verdict and self._smoothed(name, verdict, time_s)
            for name, verdict in group.verdicts.items()
        }
        probabilities = verdicts[group.source]
        label = max(probabilities, key=probabilities.__getitem__)
        return replace(group, label=label, probabilities=probabilities, verdicts=verdicts)

    def _smoothed(self, name: str, verdict: dict[str, float], time_s: float) -> dict[str, float]:
        smoother = self._by_name.setdefault(name, ExponentialSmoother(self._time_constant_s))
        smoothed = smoother.update(np.array(list(verdict.values())), time_s)
        return dict(zip(verdict, smoothed.tolist(), strict=True))
